"""A pupil's card in other hands: 7,000 won for ice cream at seven on a morning with school."""

from __future__ import annotations

import numpy as np

from haechi.town.almanac import hour_of, is_school_day
from haechi.town.ending import CUSTOMER
from haechi.town.measures import Back
from haechi.town.personas import TEEN
from haechi.town.script import Script

SHOPS, SHARES = ("ice_cream", "convenience", "snack", "pc_room", "cafe"), (0.2, 0.5, 0.13, 0.07, 0.1)
SEARCH_DAYS = 4  # over a weekend, not out of the holidays: or all their campaigns would wait for the first day of term
SCHOOL_BEGINS = 8.7
SMALL_WON = 8_000  # once, and no more: some never miss it


def tell(script: Script) -> None:
    """One to four payments between half past six and noon of a school day, above the pupil's habit, near home."""
    people = script.town.people
    pupils = np.flatnonzero((people.persona == TEEN) & ~people.breakfast & (people.ages(script.date) < 19))
    victim = script.pick(pupils)
    if victim is None:
        return
    ahead = (d for d in range(SEARCH_DAYS) if is_school_day(script.town.parameters.date_of(script.day + d)))
    day = next(ahead, None)
    if day is None:
        return
    script.hurt(victim)
    at_us = script.at(script.between(6.5, 11.0), day)
    begun = hour_of(at_us)
    for _ in range(script.count(1, 4)):
        if hour_of(at_us) > 12:
            break
        shop = script.one_open(SHOPS, at_us, SHARES)
        level = float(people.level[victim]) * script.between(1.6, 3.4)
        place = script.merchant(shop, script.district(victim))
        script.payment(victim, at_us, shop, place, script.price(shop, level, 0.2), "card_use", fraud=True)
        at_us += script.gap(1_300, 0.8)
    given, won = script.town.parameters, sum(a["amount"] for a in script.acts)
    unseen = 1.6 if len(script.acts) == 1 and won < SMALL_WON else 0.0
    script.ends(CUSTOMER, given.card_hours_median, Back(0.0, given.loss.card_refund_days, whole=True), missed=unseen)
    ko, en = ("수업이 있는 날 아침에", "on a school morning") if begun < SCHOOL_BEGINS else (
        "수업 시간에", "while the pupil sits in class")  # fmt: skip
    script.tells(
        f"학생이 잃어버린 카드를 다른 사람이 {ko} {won:,}원 쓴다.",
        f"Somebody else spends {won:,} won with a pupil's lost card {en}.",
    )
