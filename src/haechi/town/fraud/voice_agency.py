"""Voice phishing in the name of an agency, some of it opened by the delivery of a card that nobody ordered."""

from __future__ import annotations

from haechi.town.acts import APP
from haechi.town.almanac import DAY_US
from haechi.town.fraud.phishing import close, guided, loss_won, pieces, send, sent, times, victim_of, way
from haechi.town.script import MINUTE_US, Script

AGE_SHARES = (30, 13, 9, 17, 31)
CARD_SHARE = 0.5  # begin with the call of a courier


def tell(script: Script) -> None:
    """An opening, hours on the telephone with reports to the caller, then everything goes to a safe account."""
    victim = victim_of(script, AGE_SHARES, grown=False)
    if victim is None:
        return
    at_us, card = opened(script, victim)
    parts = pieces(script, loss_won(script))
    if script.chance(0.4):
        days = script.working_day((at_us - script.start_us) // DAY_US + 1)
        script.message(victim, script.at(script.between(20.5, 23), days - 1), "sms_agency_night", risk=0.4, role="bait")
        at_us = script.at(script.between(9.1, 12.5), days)
        script.message(victim, at_us - script.gap(1_500, 0.5), "sms_agency_morning", risk=0.4, role="bait")
    minutes = script.around(22, 0.4)
    channel = way(script, at_us, parts)
    text = "call_agency_app" if channel == APP and script.chance(0.3) else "call_agency_send"
    at_us = guided(script, victim, at_us, text, minutes, script.gap(600), channel)
    last_us = send(script, victim, at_us, parts, channel)
    won, count = sent(script, victim)
    ko, en = times(count)
    script.tells(
        f"{'카드 배송을 핑계로' if card else '기관을 사칭해'} {won:,}원을 {ko} 안전계좌로 옮기게 한다.",
        f"A caller {'about a card that nobody ordered' if card else 'from an agency'} has {won:,} won moved to a safe "
        f"account {en}.",
    )
    close(script, last_us)


def opened(script: Script, victim: int) -> tuple[int, bool]:
    """How it begins: a courier and the card company's false centre, or the agency at once; when, and which."""
    at_us, card = script.at(script.between(9.2, 14.0), script.working_day()), script.chance(CARD_SHARE)
    if card:
        script.call(victim, at_us, "call_card", minutes=script.around(3, 0.4), risk=0.4)
        at_us += script.gap(900, 0.5)
        minutes = script.around(14, 0.4)
        script.call(victim, at_us, "call_card_centre", minutes=minutes, risk=0.5)
        script.message(victim, at_us + script.gap(300), "sms_app", risk=0.45, role="bait")
        at_us += int(minutes * MINUTE_US) + script.gap(700)
    for number in range(script.count(1, 2)):
        minutes = script.around(24, 0.4)
        script.call(victim, at_us, "call_agency" if not number else "call_agency_more", minutes=minutes, risk=0.55)
        at_us += int(minutes * MINUTE_US) + script.gap(600, 0.7)
    return at_us, card
