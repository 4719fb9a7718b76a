"""Voice phishing with a loan as pretext: repay the old loan first, to an account that the caller names."""

from __future__ import annotations

from haechi.town.fraud.phishing import close, guided, loss_won, pieces, send, sent, times, victim_of, way
from haechi.town.script import MINUTE_US, Script

AGE_SHARES = (6, 14, 24, 31, 25)
OLDEST = 73  # whom a loan can still tempt


def tell(script: Script) -> None:
    """Bait by message, a long call, an application in a false app, then transfers after another call."""
    victim = victim_of(script, AGE_SHARES, OLDEST)
    if victim is None:
        return
    first = script.working_day()
    called_us = script.at(script.between(9.3, 15.5), first)
    if script.chance(0.75):
        script.message(victim, called_us - script.gap(3_600, 0.9), "sms_loan_fraud", risk=0.45, role="bait")
    minutes = script.around(13, 0.5)
    script.call(victim, called_us, "call_loan", minutes=minutes, risk=0.5)
    at_us = called_us + int(minutes * MINUTE_US) + script.gap(240)
    script.message(victim, at_us, "sms_loan_app", risk=0.45, role="bait")
    days = script.count(0, 1)
    at_us = script.at(script.between(9.4, 15.5), first + days) if days else at_us + script.gap(2_700, 0.6)
    minutes, parts = script.around(12, 0.5), pieces(script, loss_won(script))
    channel = way(script, at_us, parts)
    at_us = guided(script, victim, at_us, "call_loan_send", minutes, script.gap(700), channel)
    last_us = send(script, victim, at_us, parts, channel)
    won, count = sent(script, victim)
    ko, en = times(count)
    script.tells(
        f"더 싼 대출을 약속하고 기존 대출부터 갚으라고 한다: {ko} {won:,}원.",
        f"A caller promises a cheaper loan and has the old one repaid first: {won:,} won {en}.",
    )
    close(script, last_us)
