"""The late typology: an investment room that shows profits on a false platform and asks for ever more."""

from __future__ import annotations

from haechi.town.ending import CUSTOMER, Back
from haechi.town.fraud.phishing import victim_of
from haechi.town.script import Script, steps

AGE_SHARES = (10, 20, 25, 28, 17)


def tell(script: Script) -> None:
    """Messages and calls; transfers that grow over two to four weeks to the room's accounts; one small profit paid."""
    victim = victim_of(script, AGE_SHARES)
    if victim is None:
        return
    accounts = [script.outside(number) for number in range(script.count(1, 3))]
    script.message(victim, script.at(script.between(9, 20)), "sms_investment", risk=0.3, role="bait")
    day, amount = script.count(1, 3), script.around(350_000, 0.6)
    for number in range(script.count(3, 6)):
        hour = script.between(9.5, 21.5)
        if script.chance(0.5):
            script.call(victim, script.at(hour - 0.3, day), "call_investment", minutes=script.around(9, 0.5), risk=0.35)
        account = script.one_of(accounts)
        at_us = script.at(hour, day)
        script.login(victim, at_us - 60_000_000)
        script.payee(victim, at_us - 15_000_000, account)
        script.transfer(victim, at_us, account, steps(amount, 10_000), "victim_transfer", fraud=True)
        if number == 1:
            script.deposit(
                victim, script.at(script.between(10, 18), day + 1), account, steps(amount * 0.3, 1_000), "profit"
            )
        day, amount = day + script.count(2, 7), amount * script.between(1.2, 2.2)
    script.ends(CUSTOMER, 24 * 8, Back(0.1, 40))
    won = script.campaign.loss_won
    script.tells(
        f"투자 리딩방이 가짜 수익을 보여 주고, 몇 주 동안 {won:,}원이 들어간다.",
        f"An investment room shows profits; {won:,} won go in over weeks.",
    )
