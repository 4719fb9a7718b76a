"""Voice phishing with a loan as pretext: repay the old loan first, to an account that the caller names."""

from __future__ import annotations

from haechi.town.fraud.phishing import close, loss_won, pieces, send, victim_of
from haechi.town.script import MINUTE_US, Script

AGE_SHARES = (6, 14, 24, 31, 25)


def tell(script: Script) -> None:
    """Bait by message, a long call, an application, then transfers during or after a second call."""
    victim = victim_of(script, AGE_SHARES)
    if victim is None:
        return
    hour = script.between(9.3, 16.0)
    if script.chance(0.6):
        script.message(victim, script.at(hour - 0.3), "sms_loan_fraud", risk=0.45, role="bait")
    days = script.count(0, 2)
    script.call(victim, script.at(hour), "call_loan", minutes=script.around(14, 0.5), risk=0.5)
    if script.chance(0.35):
        script.limit(victim, script.at(hour + 0.4, days), 50_000_000)
    begin = script.at(hour + script.between(0.5, 1.5), days)
    if days or script.chance(0.5):
        script.call(victim, begin - 6 * MINUTE_US, "call_loan", minutes=script.around(18, 0.5), risk=0.55)
    loss = loss_won(script)
    parts = pieces(script, loss, script.count(2, 7))
    send(script, victim, begin, parts)
    script.campaign.summary = (
        f"A caller promises a cheaper loan and has the old one repaid first: {loss:,} won in {len(parts)} transfers."
    )
    close(script)
