"""A loan moved to another bank, honestly: calls, an application, a large repayment to a new payee."""

from __future__ import annotations

from haechi.town.acts import APP, Kind
from haechi.town.benign.home import LIMIT_FROM_WON
from haechi.town.personas import PERSONAS
from haechi.town.script import Script, steps


def loan_repaid(script: Script) -> None:
    """The new bank pays out, the old loan is repaid within the hour."""
    customer = script.pick(script.town.of_age(26, 66))
    if customer is None:
        return
    begin = script.at(script.between(11.5, 16), script.working_day())
    amount = steps(script.around(8_000_000, 0.7), 100_000)
    text = "loan_real" if PERSONAS[script.town.people.persona[customer]].segment == "none" else "loan_real_job"
    script.call(customer, begin - script.gap(5_400, 0.15), text, minutes=script.around(8, 0.4), risk=0.25,
                role="reason")  # fmt: skip
    script.act(Kind.APPLICATION, begin - script.gap(3_000, 0.15), customer, "application", amount=amount, channel=APP)
    script.deposit(customer, begin - script.gap(1_400, 0.2), script.outside(5), amount)
    if amount > LIMIT_FROM_WON and script.chance(0.7):
        script.limit(customer, begin - script.gap(500, 0.2), script.limit_for(amount))
    script.session(customer, begin, script.outside(6), amount, "sent")
    script.tells(f"{amount:,}원 대출을 다른 은행으로 옮긴다.", f"A loan of {amount:,} won moves to another bank.")
