"""A pupil's card in other hands: 7,000 won for ice cream at seven on a morning with school."""

from __future__ import annotations

import numpy as np

from haechi.town.almanac import is_school_day
from haechi.town.ending import CARD_BACK_SHARE, CUSTOMER, Back
from haechi.town.personas import TEEN
from haechi.town.script import MINUTE_US, Script

SHOPS, SHARES = ("ice_cream", "convenience", "snack", "pc_room", "cafe"), (0.3, 0.4, 0.12, 0.12, 0.06)
SEARCH_DAYS = 4  # over a weekend, not out of the holidays: or all their campaigns would wait for the first day of term


def tell(script: Script) -> None:
    """One to four payments between half past six and noon of a school day, above the pupil's habit, near home."""
    people = script.town.people
    pupils = np.flatnonzero((people.persona == TEEN) & ~people.breakfast)
    victim = script.pick(pupils)
    if victim is None:
        return
    ahead = (d for d in range(SEARCH_DAYS) if is_school_day(script.town.parameters.date_of(script.day + d)))
    day = next(ahead, None)
    if day is None:
        return
    script.hurt(victim)
    for _ in range(script.count(1, 2)):
        at_us = script.at(script.between(6.5, 11.5), day)
        for _ in range(script.count(1, 2)):
            shop = script.one_open(SHOPS, at_us, SHARES)
            level = float(people.level[victim]) * script.between(1.4, 3.2)
            place = script.merchant(shop, script.district(victim))
            script.payment(victim, at_us, shop, place, script.price(shop, level, 0.2), "card_use", fraud=True)
            at_us += int(script.around(14, 0.6) * MINUTE_US)
        day += 1 if is_school_day(script.town.parameters.date_of(script.day + day + 1)) else 0
    given = script.town.parameters
    script.ends(CUSTOMER, given.card_hours_median, Back(CARD_BACK_SHARE, given.loss.card_refund_days, whole=True))
    won = script.campaign.loss_won
    script.tells(
        f"학생이 학교에 있을 아침 시간에 다른 사람이 그 카드로 {won:,}원을 쓴다.",
        f"Somebody else spends {won:,} won with a pupil's card on a school morning.",
    )
