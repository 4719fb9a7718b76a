"""Voice phishing in the name of an agency: the victim's money must go to a safe account."""

from __future__ import annotations

from haechi.town.almanac import DAY_US
from haechi.town.fraud.phishing import close, loss_won, pieces, send, sent, times, victim_of
from haechi.town.script import MINUTE_US, Script, steps

AGE_SHARES = (30, 13, 9, 17, 31)


def tell(script: Script) -> None:
    """Hours on the telephone, often a limit raised or savings cashed, then everything goes out."""
    victim = victim_of(script, AGE_SHARES)
    if victim is None:
        return
    hour, day = script.between(9.2, 15.0), script.working_day()
    at_us = script.at(hour, day)
    for _ in range(script.count(1, 3)):
        minutes = script.around(18, 0.5)
        script.call(victim, at_us, "call_agency", minutes=minutes, risk=0.55)
        at_us += int((minutes + script.between(2, 20)) * MINUTE_US)
    if script.chance(0.5):
        script.limit(victim, at_us, 100_000_000)
    if script.chance(0.3):
        script.deposit(victim, at_us + 12 * MINUTE_US, script.outside(9), steps(script.around(9_000_000, 0.7), 1_000))
    days = script.one_of((0, script.working_day(day + 1) - day))
    begin = at_us + int(script.between(45, 110) * MINUTE_US) + days * DAY_US
    script.call(victim, begin - 35 * MINUTE_US, "call_agency_send", minutes=script.around(50, 0.5), risk=0.6)
    send(script, victim, begin, pieces(script, loss_won(script), script.count(3, 8)))
    won, count = sent(script, victim)
    ko, en = times(count)
    script.tells(
        f"기관을 사칭해 {won:,}원을 {ko} 안전계좌로 옮기게 한다.",
        f"A caller says to be from an agency and has {won:,} won moved to a safe account {en}.",
    )
    close(script)
