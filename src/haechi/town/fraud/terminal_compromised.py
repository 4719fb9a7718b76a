"""A compromised terminal: cards that paid there are copied; weeks later the copies buy abroad or on the net."""

from __future__ import annotations

import numpy as np

from haechi.town.acts import SWIPE
from haechi.town.almanac import DAY_US, office_us
from haechi.town.ending import end_leak
from haechi.town.fraud.card_stolen import loot_won, typed
from haechi.town.personas import PERSONAS
from haechi.town.places import ABROAD
from haechi.town.script import Script

KOREAN = {"restaurant": "음식점", "fuel": "주유소", "convenience": "편의점", "bar": "술집", "lodging": "숙박업소"}
SKIMMED_AT = tuple(KOREAN)
GOODS = ("clothing", "electronics", "jewellery", "beauty", "online_shop")


def tell(script: Script) -> None:
    """Honest payments at one merchant; copies are used within a few days of each other, until the point is found."""
    category = script.one_of(SKIMMED_AT)
    merchant, people = script.merchant(category), script.town.people
    near = np.flatnonzero(people.first_home == int(script.town.merchants.district[merchant]))
    goes_there = np.array([category in persona.likes for persona in PERSONAS])
    near = near[goes_there[people.persona[near]]]
    victims = [c for c in dict.fromkeys(script.pick(near) for _ in range(script.count(8, 16))) if c is not None]
    sold, stripe, country = script.count(14, 22), script.chance(0.5), script.count(1, 7)
    used = 0
    for victim in victims:
        at_us = script.at(script.between(18 if category == "bar" else 11, 22), script.count(0, 10))
        script.payment(victim, at_us, category, merchant, script.price(category), "skimmed", method=SWIPE)
        if used and script.chance(0.35):
            continue
        script.hurt(victim)
        used += 1
        hour = (script.between(10.5, 20.5) - _east(country)) % 24 if stripe else script.between(0, 23.9)
        at_us = script.at(hour, sold + script.count(0, 3))
        if not stripe:
            typed(script, victim, 0, at_us)
            continue
        for _ in range(script.count(1, 3)):
            goods = script.one_of(GOODS[:4])
            shop = script.merchant(goods)
            script.payment(victim, at_us, goods, shop, loot_won(script, goods), "card_use", fraud=True, country=country,
                           method=SWIPE)  # fmt: skip
            at_us += script.gap(1_500, 0.7)
    found_us = end_leak(script, script.town.parameters.card_hours_median * 0.8, missed=1.2)
    for victim in victims if found_us > 0 else ():
        if victim not in script.campaign.victims:
            again_us = office_us(found_us + int(script.between(0.2, 3) * DAY_US), script.between(0, 1))
            script.message(victim, again_us, "sms_card_renewed", risk=0.05, role="card_stopped")
    won = script.campaign.loss_won
    way_ko, way_en = ("해외 매장에서", "at counters abroad") if stripe else ("온라인에서", "on the net")
    script.tells(
        f"{KOREAN[category]} 한 곳에서 카드 {len(victims)}장의 정보가 새어 {used}장이 {way_ko} 쓰인다: {won:,}원.",
        f"{len(victims)} cards that paid at one {category.replace('_', ' ')} are copied, {used} of them used {way_en}: "
        f"{won:,} won.",
    )


def _east(country: int) -> float:
    """By how many hours the sun of a country is ahead of Korea's clock."""
    return ABROAD[country - 1][2] / 15 - 9
