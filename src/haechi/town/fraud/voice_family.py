"""Messenger phishing: "mum, my phone is broken" - gift cards, then a remote-control app and transfers."""

from __future__ import annotations

from haechi.town.acts import APP, OK, PIN, Kind
from haechi.town.fraud.phishing import close, loss_won, pieces, raise_limit, send, sent, times, victim_of
from haechi.town.script import Script

AGE_SHARES = (0, 1, 6, 39, 54)
MOTHERS = 0.72  # most of those who are written to
CARD_WON = (100_000, 200_000, 300_000, 500_000)


def tell(script: Script) -> None:
    """Messages in a child's name; then numbers of gift cards, or the fraudster acts on the victim's own phone."""
    victim = victim_of(script, AGE_SHARES, women=MOTHERS)
    if victim is None:
        return
    at_us, bought = script.at(script.between(9.5, 18.5)), 0
    script.message(victim, at_us, "sms_family_fraud", risk=0.4, role="bait")
    if script.chance(0.4):
        at_us += script.gap(500, 0.7)
        script.message(victim, at_us, "sms_family_ask", risk=0.4, role="bait")
    if script.chance(0.35):
        at_us += script.gap(700, 0.6)
        script.message(victim, at_us, "sms_family_card", risk=0.4, role="bait")
        bought, won, shop = script.count(1, 4), script.one_of(CARD_WON), script.merchant("gift_card")
        for _ in range(bought):
            at_us += script.gap(330, 0.6)
            script.payment(victim, at_us, "gift_card", shop, won, "gift_card", fraud=True, online=True)
    at_us += script.gap(900, 0.6)
    script.message(victim, at_us, "sms_family_app", risk=0.45, role="bait")
    at_us += script.gap(1_500, 0.6)
    # The check is passed: it is the victim's own phone and number.
    script.act(Kind.CHECK, at_us, victim, "remote_app", device=script.phone(victim, at_us), method=PIN, result=OK)
    won = loss_won(script)
    at_us += script.gap(300)
    raise_limit(script, victim, at_us, won)
    last_us = send(script, victim, at_us + script.gap(420), pieces(script, won), channel=APP, remote=True)
    won, count = sent(script, victim)
    ko, en = times(count)
    cards_ko = f"기프트카드 {bought}장과 " if bought else ""
    cards_en = f"{bought} gift card{'s' if bought > 1 else ''}, and " if bought else ""
    script.tells(
        f"자녀를 사칭한 메시지: {cards_ko}피해자 휴대전화를 원격 조종해 {ko} 보낸 {won:,}원.",
        f"Messages in a child's name: {cards_en}{won:,} won {en} on the victim's own phone.",
    )
    close(script, last_us)
