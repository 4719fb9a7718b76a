"""Messenger phishing: "mum, my phone is broken" - gift cards, then a remote-control app and transfers."""

from __future__ import annotations

from haechi.town.acts import APP, OK, PIN, Kind
from haechi.town.fraud.phishing import close, loss_won, pieces, send, sent, times, victim_of
from haechi.town.script import MINUTE_US, Script

AGE_SHARES = (2, 2, 5, 38, 53)
CARD_WON = (50_000, 100_000, 100_000, 200_000)


def tell(script: Script) -> None:
    """Messages in a child's name; then numbers of gift cards, or the fraudster acts on the victim's own phone."""
    victim = victim_of(script, AGE_SHARES)
    if victim is None:
        return
    hour, bought = script.between(9.5, 19.0), 0
    script.message(victim, script.at(hour), "sms_family_fraud", risk=0.4, role="bait")
    for number in range(script.count(0, 2)):
        at_us = script.at(hour + 0.1 + 0.1 * number)
        script.message(victim, at_us, "sms_family_ask", risk=0.4, role="bait")
    if script.chance(0.45):
        bought = script.count(1, 6)
        script.message(victim, script.at(hour + 0.4), "sms_family_card", risk=0.4, role="bait")
        shop = script.merchant("gift_card")
        for number in range(bought):
            at_us = script.at(hour + 0.5) + number * 4 * MINUTE_US
            script.payment(
                victim, at_us, "gift_card", shop, script.one_of(CARD_WON), "gift_card", fraud=True, online=True
            )
    begin = script.at(hour + script.between(0.6, 2.5))
    # The check is passed: it is the victim's own phone and number.
    script.act(Kind.CHECK, begin - 3 * MINUTE_US, victim, "remote_app", device=script.phone(victim, begin),
               method=PIN, result=OK)  # fmt: skip
    send(script, victim, begin, pieces(script, loss_won(script), script.count(2, 8)), channel=APP)
    won, count = sent(script, victim)
    ko, en = times(count)
    cards_ko = f"기프트카드 {bought}장과 " if bought else ""
    cards_en = f"{bought} gift card{'s' if bought > 1 else ''}, and " if bought else ""
    script.tells(
        f"자녀를 사칭한 메시지: {cards_ko}피해자 휴대전화를 원격 조종해 {ko} 보낸 {won:,}원.",
        f"Messages in a child's name: {cards_en}{won:,} won {en} on the victim's own phone.",
    )
    close(script)
