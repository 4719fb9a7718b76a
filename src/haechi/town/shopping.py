"""What people buy on a day: habits by hour and category, favourite merchants, journeys, cash."""

from __future__ import annotations

import numpy as np

from haechi.town.acts import (
    ATM,
    BIOMETRIC,
    BRANCH,
    CHIP,
    CONTACTLESS,
    KEYED,
    MOBILE,
    ONLINE,
    PIN,
    POS,
    SWIPE,
    Acts,
    Kind,
    acts_of,
    joined,
)
from haechi.town.almanac import BRANCH_CLOSES, OFFICE_OPENS, DayClass, class_of, due_days, is_free_day
from haechi.town.catalogue import CODE, FACE, FACE_WON, FINE, MEDIAN_WON, ONLINE_SHARE, SPREAD
from haechi.town.currency import charged
from haechi.town.dice import Bools, Floats, Ints, hashed, normal
from haechi.town.personas import CATEGORY_DICE, RETIRED, TEEN, category_row
from haechi.town.places import ABROAD
from haechi.town.scene import Scene, has_second_card, taps
from haechi.town.trips import TRAVELLING, travel_number

LOYALTY = 0.78
BIG_SHARE = 0.012  # of payments: two to six times the usual
FOREIGN_SHOP_SHARE = 0.10  # of what is bought on the net: app stores, and shops in other countries
COUNTER_SHARE = 0.22  # of the cash that the old draw while a counter is open
BREAKFAST_WON = 6_000
BREAKFAST_ODDS = 0.45
FINE_STEP = np.isin(np.arange(len(MEDIAN_WON)), [CODE[n] for n in FINE])
TINY_SHARE = np.select(
    [np.arange(len(MEDIAN_WON)) == CODE[n] for n in ("game", "culture", "online_shop", "subscription")],
    [0.3, 0.08, 0.04, 0.12],
    0.0,
)  # a chapter of a webtoon, an offer for a hundred won, the first month of a subscription
_ABROAD = np.array([(0.0, 0.0), *((lat, lon) for _, lat, lon in ABROAD)])


def shopping(scene: Scene) -> Acts:
    """The payments and withdrawals of a scene."""
    return joined([_habits(scene), _breakfasts(scene), _bills(scene), _cash(scene)])


def payments(
    scene: Scene, customer: Ints, second: Ints, category: Ints, factor: Floats | float = 1.0, *, home_only: bool = False
) -> Acts:
    """Payments at these seconds in these categories: merchants, amounts, places as each person's habits have it."""
    rng, town, n = scene.rng, scene.town, len(customer)
    gone = scene.away(customer)
    online = rng.random(n) < ONLINE_SHARE[category] * (1 + town.parameters.online_per_month * scene.months)
    district = np.where(gone.away, gone.district, _district(scene, customer, second))
    loyalty = np.where(gone.away & ~online, 0.0, LOYALTY)
    merchant = town.merchants.choose(category, district, customer, scene.day, loyalty, rng, online)
    mobile = ~online & (rng.random(n) < np.where(scene.persona(customer) == TEEN, 0.08, 0.15))
    channel = np.select([online, mobile], [ONLINE, MOBILE], POS)
    lat, lon = _point(scene, merchant, gone.country, online)
    country = np.where(online & (rng.random(n) < FOREIGN_SHOP_SHARE), rng.integers(1, len(_ABROAD), n), gone.country)
    phone = channel != POS
    asked = won(scene, customer, category, merchant, factor)
    card = np.where(rng.random(n) < 0.3, has_second_card(customer), 0)
    return acts_of(
        n, time_us=scene.start_us + second * 1_000_000, kind=Kind.PAYMENT, customer=customer, party=merchant, card=card,
        device=np.where(phone, scene.phone(customer), -1), ip=np.where(online, scene.ip(customer), -1),
        amount=charged(asked, country, scene.date.toordinal()), category=category, channel=channel,
        country=country, method=_method(channel, country, taps(customer), rng), lat=lat, lon=lon,
        terminal=np.where(online, -1, hashed(merchant * 8 + rng.integers(0, 6, n), 53) % town.merchants.terminals[
            merchant].astype(np.uint64)),
        campaign=np.where(gone.away, travel_number(customer, gone.first_day), -1),
        role=np.where(gone.away, TRAVELLING, -1),
    )  # fmt: skip


def won(scene: Scene, customer: Ints, category: Ints, merchant: Ints, factor: Floats | float = 1.0) -> Ints:
    """What each pays: the category's price, the person's level, the merchant's prices and chance."""
    rng, n = scene.rng, len(customer)
    big = np.where(rng.random(n) < BIG_SHARE, 2 + 4 * rng.random(n), 1.0)
    usual = (
        MEDIAN_WON[category] * scene.town.people.level[customer] * np.exp(0.25 * normal(customer * 64 + category, 59))
    )
    own = usual * scene.town.merchants.price[merchant] * scene.prices * big * factor
    paid = rounded(own * np.exp(0.85 * SPREAD[category] * rng.standard_normal(n)), category)
    return np.where(rng.random(n) < TINY_SHARE[category], 100 * rng.integers(1, 11, n), paid)


def rounded(amount: Floats, category: Ints) -> Ints:
    """Prices as shops have them: by the hundred, the thousand, and by ten where goods are weighed."""
    usual = np.where(amount < 20_000, 100, 1_000)
    step = np.select([FINE_STEP[category], category == CODE[FACE]], [10, FACE_WON], usual)
    paid: Ints = (np.maximum(np.round(amount / step), 1) * step).astype(np.int64)
    return paid


def _habits(scene: Scene) -> Acts:
    people, who = scene.town.people, scene.who
    factor = 1.05 if class_of(scene.date) >= DayClass.SATURDAY else 1.0
    paid = np.isin(people.salary_day[who], _recent(scene))
    customer = scene.people_times(people.payments_per_day[who] * factor * np.where(paid, 1.18, 1.0))
    second = scene.seconds(customer)
    persona, variant = scene.persona(customer), people.variant[customer].astype(np.int64)
    category = CATEGORY_DICE.throw(category_row(persona, variant, second // 1_800), scene.rng)
    out_early = (persona == TEEN) & (second < 10 * 3_600) & (class_of(scene.date) != DayClass.WORKDAY)
    return payments(scene, customer, second, category, np.where(out_early, 1.6, 1.0))


def _recent(scene: Scene) -> list[int]:
    """Salary days of the last four days: money is spent when it is there."""
    return [(scene.date.day - back - 1) % 31 + 1 for back in range(4)]


def _breakfasts(scene: Scene) -> Acts:
    """Pupils who buy something on the way to school, about every other day."""
    odds = {DayClass.WORKDAY: BREAKFAST_ODDS, DayClass.BREAK: 0.12}.get(class_of(scene.date), 0.05)
    who = scene.who[scene.town.people.breakfast[scene.who]]
    customer = who[scene.rng.random(len(who)) < odds]
    n = len(customer)
    second = (7.1 * 3_600 + 480 * scene.rng.standard_normal(n)).astype(np.int64)
    category = np.where(scene.rng.random(n) < 0.75, CODE["convenience"], CODE["snack"])
    factor = BREAKFAST_WON / MEDIAN_WON[category]
    return payments(scene, customer, second, category, factor)


def _bills(scene: Scene) -> Acts:
    """The bills of the month: electricity, telephone, what one is subscribed to."""
    grown = scene.who[scene.persona(scene.who) != TEEN]
    due = np.array(due_days(scene.date), np.int64)
    found = []
    for salt, name, share in ((61, "utility", 0.8), (67, "subscription", 0.6), (71, "subscription", 0.3)):
        day_of = 1 + (hashed(grown, salt) % np.uint64(28)).astype(np.int64)
        has = hashed(grown, salt + 1) < np.uint64(int(share * 2**63) * 2)
        customer = grown[has & np.isin(day_of, due)]
        second = scene.rng.integers(6 * 3_600, 20 * 3_600, len(customer))
        found.append(payments(scene, customer, second, np.full(len(customer), CODE[name])))
    return joined(found)


def _cash(scene: Scene) -> Acts:
    rng = scene.rng
    customer = scene.people_times(scene.town.people.cash_per_day[scene.who])
    n, category = len(customer), np.full(len(customer), CODE["atm"])
    second = scene.seconds(customer)
    gone = scene.away(customer)
    district = np.where(gone.away, gone.district, _district(scene, customer, second))
    machine = scene.town.merchants.choose(category, district, customer, scene.day, LOYALTY, rng)
    lat, lon = _point(scene, machine, gone.country, np.zeros(n, bool))
    notes = np.exp(np.log(9.0) + 0.9 * rng.standard_normal(n)) * scene.town.people.level[customer]
    served = (second >= OFFICE_OPENS * 3_600) & (second < BRANCH_CLOSES * 3_600) & (not is_free_day(scene.date))
    old = scene.persona(customer) == RETIRED
    counter = served & ~gone.away & (rng.random(n) < np.where(old, COUNTER_SHARE, 0.03))
    most, more = np.where(counter, 3_000, 100), np.where(counter, 12.0, 1.0)
    amount = np.clip(np.round(notes * more), 1, most).astype(np.int64) * 10_000
    amount = charged(amount, np.where(counter, 0, gone.country), scene.date.toordinal(), cash=True)
    none = np.where(counter, -1, 0)
    return acts_of(
        n, time_us=scene.start_us + second * 1_000_000, kind=Kind.WITHDRAWAL, customer=customer, amount=amount,
        party=np.where(counter, -1, machine), card=none, category=np.where(counter, -1, category),
        channel=np.where(counter, BRANCH, ATM), country=np.where(counter, -1, gone.country), method=PIN,
        lat=np.where(counter, np.nan, lat), lon=np.where(counter, np.nan, lon), terminal=none,
    )  # fmt: skip


def _district(scene: Scene, customer: Ints, second: Ints) -> Ints:
    """Where somebody is at an hour: at work by day on working days, else at home, now and then elsewhere."""
    people, rng = scene.town.people, scene.rng
    home = people.home(customer, scene.day)
    if class_of(scene.date) >= DayClass.SATURDAY:
        at_work = np.zeros(len(customer), bool)
    else:
        at_work = (second > 8.5 * 3_600) & (second < 18 * 3_600) & (rng.random(len(customer)) < 0.7)
    elsewhere = rng.random(len(customer)) < 0.04
    place = np.where(at_work, people.work[customer], home)
    return np.where(elsewhere, rng.integers(0, len(people.places), len(customer)), place)


def _point(scene: Scene, merchant: Ints, country: Ints, online: Bools) -> tuple[Floats, Floats]:
    """Where a payment happens; abroad the merchant's own place does not count, on the net there is none."""
    merchants = scene.town.merchants
    lat = np.where(country > 0, _ABROAD[country, 0] + merchants.lat[merchant] % 0.1, merchants.lat[merchant])
    lon = np.where(country > 0, _ABROAD[country, 1] + merchants.lon[merchant] % 0.1, merchants.lon[merchant])
    return np.where(online, np.nan, lat), np.where(online, np.nan, lon)


def _method(channel: Ints, country: Ints, tapped: Bools, rng: np.random.Generator) -> Ints:
    """How a card is shown; old terminals, most of them abroad, still read the stripe; foreign shops want the number."""
    throw = rng.random(len(channel))
    at_counter = np.select([throw < np.where(country > 0, 0.22, 0.02), tapped], [SWIPE, CONTACTLESS], CHIP)
    by_phone = np.where(throw < 0.6, BIOMETRIC, PIN)
    typed = (country > 0) & (throw < 0.85)
    on_net = np.select([typed, throw < 0.3, throw < 0.4], [KEYED, PIN, BIOMETRIC], KEYED)
    return np.select([channel == POS, channel == MOBILE], [at_counter, by_phone], on_net)
