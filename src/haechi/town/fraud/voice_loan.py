"""Voice phishing with a loan as pretext: repay the old loan first, to an account that the caller names."""

from __future__ import annotations

from haechi.town.fraud.phishing import close, loss_won, pieces, send, sent, times, victim_of
from haechi.town.script import MINUTE_US, Script

AGE_SHARES = (6, 14, 24, 31, 25)
OLDEST = 73  # whom a loan can still tempt


def tell(script: Script) -> None:
    """Bait by message, a long call, an application, then transfers during or after a second call."""
    victim = victim_of(script, AGE_SHARES, OLDEST)
    if victim is None:
        return
    hour, first = script.between(9.3, 16.0), script.working_day()
    if script.chance(0.6):
        script.message(victim, script.at(hour - 0.3, first), "sms_loan_fraud", risk=0.45, role="bait")
    days = first + script.count(0, 2)
    script.call(victim, script.at(hour, first), "call_loan", minutes=script.around(14, 0.5), risk=0.5)
    if script.chance(0.35):
        script.limit(victim, script.at(hour + 0.4, days), 50_000_000)
    begin = script.at(hour + script.between(0.5, 1.5), days)
    if days > first or script.chance(0.5):
        script.call(victim, begin - 22 * MINUTE_US, "call_loan_send", minutes=script.around(18, 0.5), risk=0.55)
    send(script, victim, begin, pieces(script, loss_won(script), script.count(2, 7)))
    won, count = sent(script, victim)
    ko, en = times(count)
    script.tells(
        f"더 싼 대출을 약속하고 기존 대출부터 갚으라고 한다: {ko} {won:,}원.",
        f"A caller promises a cheaper loan and has the old one repaid first: {won:,} won {en}.",
    )
    close(script)
