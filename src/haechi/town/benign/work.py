"""The first salary: money from somebody new, then presents."""

from __future__ import annotations

from haechi.town.script import Script, steps


def first_salary(script: Script) -> None:
    """A first deposit of a salary; presents, a dinner and money to the parents in the days after."""
    customer = script.pick(script.town.of_age(20, 29))
    if customer is None:
        return
    salary = steps(script.around(2_300_000, 0.2), 1_000)
    script.deposit(customer, script.at(script.between(9, 11)), script.outside(), salary, "salary")
    for number, shop in enumerate(("clothing", "electronics", "restaurant", "jewellery")):
        if script.chance(0.6):
            script.payment(customer, script.at(script.between(12, 22), script.count(0, 3)), shop, script.merchant(shop),
                           script.price(shop, 1.4), "purchase", online=number < 2 and script.chance(0.5))  # fmt: skip
    script.session(customer, script.at(script.between(12, 21)), script.outside(1), 100_000 * script.count(1, 5), "sent")
    script.tells(f"첫 월급 {salary:,}원.", f"A first salary of {salary:,} won.")
