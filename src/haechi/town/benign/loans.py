"""A loan moved to another bank, honestly: calls, an application, a large repayment to a new payee."""

from __future__ import annotations

from haechi.town.acts import Kind
from haechi.town.script import Script, steps


def loan_repaid(script: Script) -> None:
    """The new bank pays out, the old loan is repaid within the hour."""
    customer = script.pick(script.town.of_age(26, 66))
    if customer is None:
        return
    begin, amount = script.at(script.between(9.5, 16)), steps(script.around(8_000_000, 0.7), 100_000)
    script.call(
        customer, begin - script.gap(9_000, 0.3), "loan_real", minutes=script.around(11, 0.5), risk=0.25, role="reason"
    )
    script.act(Kind.APPLICATION, begin - script.gap(4_200, 0.2), customer, "application", amount=amount, channel=6)
    script.deposit(customer, begin - script.gap(1_100, 0.5), script.outside(5), amount)
    if script.chance(0.5):
        script.limit(customer, begin - script.gap(400, 0.5), 100_000_000)
    script.session(customer, begin, script.outside(6), steps(amount * script.between(0.85, 1.0), 1_000), "sent")
    script.tells(f"{amount:,}원 대출을 다른 은행으로 옮긴다.", f"A loan of {amount:,} won moves to another bank.")
