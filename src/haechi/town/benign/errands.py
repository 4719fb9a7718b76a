"""Unusual hours for good reasons: hospital at night, a school excursion, an errand before school."""

from __future__ import annotations

import numpy as np

from haechi.town.almanac import is_school_day
from haechi.town.personas import TEEN
from haechi.town.script import Script

SNACKS = ("convenience", "snack", "ice_cream", "cafe")


def night_hospital(script: Script) -> None:
    """Taxi, emergency room, the pharmacy's machine, water: between eleven at night and five."""
    customer = script.pick(script.town.of_age(19, 84))
    if customer is None:
        return
    at_us = script.at(script.between(22.5, 26.5))
    home = script.district(customer)
    if script.chance(0.6):
        script.payment(customer, at_us, "taxi", script.merchant("taxi"), script.price("taxi"), "purchase", online=True)
    at_us += script.gap(6_600, 0.4)
    script.payment(customer, at_us, "hospital", script.merchant("hospital", home),
                   60_000 + script.price("hospital", 4.0), "purchase")  # fmt: skip
    if script.chance(0.6):
        script.payment(customer, at_us + script.gap(1_500, 0.5), "convenience", script.merchant("convenience", home),
                       script.price("convenience"), "purchase")  # fmt: skip
    script.tells("밤에 병원에 다녀온다.", "A night at the hospital.")


def school_excursion(script: Script) -> None:
    """A class on the road on a school day: pupils buy at seven and at noon, far from home, more than usual."""
    if not is_school_day(script.date):
        return
    people = script.town.people
    pupils = np.flatnonzero(people.persona == TEEN)
    if not len(pupils):
        return
    school = int(people.work[pupils[script.count(0, len(pupils) - 1)]])
    same = pupils[people.work[pupils] == school]
    far = script.count(0, len(people.places) - 1)
    for pupil in same[:60].tolist():
        if people.joined[pupil] >= script.day or script.chance(0.3):
            continue
        level = float(people.level[pupil])
        for hour, place in ((script.between(6.6, 8.2), script.district(pupil)), (script.between(10, 15.5), far)):
            shop = script.one_open(SNACKS, script.at(hour))
            script.payment(pupil, script.at(hour), shop, script.merchant(shop, place), script.price(shop, level * 1.7),
                           "purchase")  # fmt: skip
    script.tells("학교가 현장 학습을 간다.", "A school is on an excursion.")


def morning_errand(script: Script) -> None:
    """A pupil buys something before school for once, sometimes for the whole group."""
    people = script.town.people
    pupil = script.pick(np.flatnonzero(people.persona == TEEN))
    if pupil is None or not is_school_day(script.date):
        return
    at_us = script.at(script.between(6.7, 8.6))
    shop = script.one_open(("convenience", "stationery", "ice_cream", "cafe"), at_us)
    level = float(people.level[pupil]) * script.between(0.7, 2.6)
    place = (
        script.merchant(shop, favourite_of=pupil)
        if script.chance(0.7)
        else script.merchant(shop, script.district(pupil))
    )
    script.payment(pupil, at_us, shop, place, script.price(shop, level, 0.3), "purchase")
    script.tells("학생 본인이 등교 전에 무언가를 산다.", "A pupil buys something before school, in person.")
