"""Voice phishing in the name of an agency: the victim's money must go to a safe account."""

from __future__ import annotations

from haechi.town.fraud.phishing import close, loss_won, pieces, send, victim_of
from haechi.town.script import MINUTE_US, Script

AGE_SHARES = (30, 13, 9, 17, 31)


def tell(script: Script) -> None:
    """Hours on the telephone, often a limit raised or savings cashed, then everything goes out."""
    victim = victim_of(script, AGE_SHARES)
    if victim is None:
        return
    hour = script.between(9.2, 15.0)
    for number in range(script.count(1, 3)):
        script.call(victim, script.at(hour + 0.4 * number), "call_agency", minutes=script.around(24, 0.5), risk=0.55)
    if script.chance(0.5):
        script.limit(victim, script.at(hour + 1.2), 100_000_000)
    if script.chance(0.3):
        script.deposit(
            victim, script.at(hour + 1.4), script.outside(9), int(script.around(9_000_000, 0.7)) // 1000 * 1000
        )
    begin = script.at(hour + script.between(1.5, 3.5), script.count(0, 1))
    script.call(victim, begin - 12 * MINUTE_US, "call_agency", minutes=script.around(40, 0.5), risk=0.6)
    loss = loss_won(script)
    parts = pieces(script, loss, script.count(3, 8))
    send(script, victim, begin, parts)
    script.campaign.summary = (
        f"A caller says to be from an agency and has {loss:,} won moved to a safe account in {len(parts)} transfers."
    )
    close(script)
