"""The late typology: an investment room that shows profits on a false platform and asks for ever more."""

from __future__ import annotations

from haechi.town.ending import CUSTOMER
from haechi.town.fraud.phishing import raise_limit, victim_of
from haechi.town.script import MINUTE_US, Script, steps

AGE_SHARES = (8, 18, 25, 30, 19)


def tell(script: Script) -> None:
    """Free tips, a small first sum that is paid back with a profit, then ever more, at last a fee to get it out."""
    victim = victim_of(script, AGE_SHARES)
    if victim is None:
        return
    accounts = [script.outside(number) for number in range(script.count(1, 3))]
    script.message(victim, script.at(script.between(9, 20)), "sms_investment_tip", risk=0.25, role="bait")
    day = script.count(2, 4)
    script.message(victim, script.at(script.between(9, 20), day), "sms_investment_join", risk=0.3, role="bait")
    day += script.count(1, 4)
    amount = script.around(600_000, 0.4)
    last = script.count(2, 4)
    for number in range(last + 1):
        at_us, minutes = script.at(script.between(9.2, 20.5), day), script.around(8, 0.5)
        kind = "" if not number else "_fee" if number == last else "_more"
        if script.chance(0.55):
            script.call(victim, at_us, f"call_investment{kind}", minutes=minutes, risk=0.35)
            at_us += int(minutes * MINUTE_US) + script.gap(500, 0.7)
        elif number:
            script.message(victim, at_us, f"sms_investment{kind}", risk=0.3, role="bait")
            at_us += script.gap(2_000, 0.8)
        if number == last:  # the fee is a part of what is said to be there
            amount = sum(a["amount"] for a in script.acts if a["fraud"]) * script.between(0.08, 0.3)
        won = steps(amount, 100_000 if amount < 3_000_000 else 1_000_000)
        account, at_us = script.one_of(accounts), raise_limit(script, victim, at_us, won)
        script.session(victim, at_us + script.gap(300), account, won, "victim_transfer", fraud=True)
        if not number:
            day += script.count(2, 4)
            paid = steps(won * script.between(0.15, 0.35), 10_000)
            script.deposit(victim, script.at(script.between(10, 18), day), account, paid, "profit")
        day, amount = day + script.count(2, 6), max(amount, 1_500_000) * script.between(1.6, 3.0)
    won = sum(a["amount"] for a in script.acts if a["fraud"])
    script.campaign.loss_won = won
    script.ends(CUSTOMER, 24 * 7, missed=0.5)
    script.tells(
        f"투자 리딩방이 가짜 수익을 보여 주고, 몇 주 동안 {won:,}원이 들어간다.",
        f"An investment room shows profits; {won:,} won go in over weeks.",
    )
