"""The real child asks for money, sometimes from another phone because the own one is broken."""

from __future__ import annotations

import numpy as np

from haechi.town.people import YEAR_DAYS, family
from haechi.town.script import Script, steps

PARENT_YEARS = (20, 45)  # by how much parents are older


def family_help(script: Script) -> None:
    """A message in the child's own words, then money to the child's own account."""
    people, young = script.town.people, script.town.of_age(14, 32)

    def has_parent(child: int) -> bool:
        parent = int(family(people, np.array([child]))[0])
        older = int(people.born[child]) - int(people.born[parent])
        return people.joined[parent] <= script.day and PARENT_YEARS[0] <= older / YEAR_DAYS <= PARENT_YEARS[1]

    child = script.pick(young, has_parent)
    if child is None:
        return
    parent = int(family(people, np.array([child]))[0])
    begin = script.at(script.between(9, 22))
    script.message(parent, begin - script.gap(1_500, 0.8), "sms_child_real", risk=0.25, role="reason")
    if script.chance(0.5):
        script.call(
            parent, begin - script.gap(420, 0.6), "child", minutes=script.around(2.5, 0.5), risk=0.06, role="reason"
        )
    amount = steps(script.around(250_000, 0.9), 10_000)
    script.session(parent, begin, child, amount, "sent", new=script.chance(0.3))
    if script.chance(0.3):
        online = script.chance(0.5)  # or from the shelf of a convenience store
        shop = "gift_card" if online else "convenience"
        bought_us, won = begin + script.gap(1_800, 0.8), 50_000 * script.count(1, 4)
        place = script.merchant(shop, None if online else script.district(parent))
        script.payment(parent, bought_us, shop, place, won, "purchase", online=online)
    script.tells(f"진짜 자녀가 {amount:,}원을 부탁한다.", f"A child asks for {amount:,} won, truly.")
