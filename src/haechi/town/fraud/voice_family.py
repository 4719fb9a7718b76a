"""Messenger phishing: "mum, my phone is broken" - gift cards, then a remote-control app and transfers."""

from __future__ import annotations

from haechi.town.fraud.phishing import close, loss_won, pieces, send, sent, times, victim_of
from haechi.town.script import MINUTE_US, Script

AGE_SHARES = (0, 0, 7, 39, 54)
YOUNGEST = 45  # whose child is old enough to write of insurance and repairs
MOTHERS = 0.72  # most of those who are written to
CARD_WON = (100_000, 200_000, 300_000, 500_000)
WARNED_SHARE = 0.7  # of the apps that see a remote hand and say so
OLD = 70  # from this age on it takes longer to install something


def tell(script: Script) -> None:
    """Messages in a child's name; then numbers of gift cards, or the fraudster acts on the victim's own phone."""
    victim = victim_of(script, AGE_SHARES, youngest=YOUNGEST, women=MOTHERS)
    if victim is None:
        return
    at_us, bought = script.at(script.between(9.5, 18.5)), 0
    script.message(victim, at_us, "sms_family_fraud", risk=0.4, role="bait")
    if script.chance(0.4):
        at_us += script.gap(500, 0.7)
        script.message(victim, at_us, "sms_family_ask", risk=0.4, role="bait")
    if script.chance(0.35):
        at_us, bought = _cards(script, victim, at_us + script.gap(700, 0.6))
    at_us += script.gap(900, 0.6)
    script.message(victim, at_us, "sms_family_app", risk=0.45, role="bait")
    at_us += script.gap(1_500, 0.5) + (10 * MINUTE_US if script.campaign.age >= OLD else 0)
    script.controlled = victim
    script.enters(victim, at_us)
    if script.chance(WARNED_SHARE):
        script.message(victim, at_us + script.gap(9, 0.3), "sms_remote", risk=0.05, role="remote_app")
    last_us = send(script, victim, at_us + script.gap(60), pieces(script, loss_won(script)))
    won, count = sent(script, victim)
    ko, en = times(count)
    cards_ko = f"기프트카드 {bought}장과 " if bought else ""
    cards_en = f"{bought} gift card{'s' if bought > 1 else ''}, and " if bought else ""
    script.tells(
        f"자녀를 사칭한 메시지: {cards_ko}피해자 휴대전화를 원격 조종해 {ko} 보낸 {won:,}원.",
        f"Messages in a child's name: {cards_en}{won:,} won {en} on the victim's own phone.",
    )
    close(script, last_us)


def _cards(script: Script, victim: int, at_us: int) -> tuple[int, int]:
    """Gift cards, whose numbers the victim sends: from two or three shops on foot, or on the net; until when, how many.

    A shop sells no more than a few at once, and it takes a while to get there.
    """
    on_foot, count, won = script.chance(0.65), script.count(1, 4), script.one_of(CARD_WON)
    script.message(victim, at_us, f"sms_family_card_{'shop' if on_foot else 'net'}", risk=0.4, role="bait")
    if not on_foot:
        shop, at_us = script.merchant("gift_card"), at_us + script.gap(480, 0.4)
        for _ in range(count):
            at_us += script.gap(260, 0.4)
            script.payment(victim, at_us, "gift_card", shop, won, "gift_card", fraud=True, online=True)
        return at_us, count
    at_us += script.gap(1_500, 0.35)
    for number in range(count):
        if number % 2 == 0:
            at_us += script.gap(700, 0.4) if number else 0
            shop = script.merchant("convenience", script.district(victim))
        script.payment(victim, at_us, "convenience", shop, won, "gift_card", fraud=True)
        at_us += script.gap(90, 0.4)
    return at_us, count
