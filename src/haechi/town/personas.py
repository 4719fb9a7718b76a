"""The kinds of people: pace, hours by class of day, what they buy, how they send money.

Hours and weights are plausible, not measured; those of pupils follow the lesson that a pupil is out at seven in the
morning in the holidays too, or the twins of the founding story would be strange by nature.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from haechi.town.almanac import DayClass
from haechi.town.catalogue import CATEGORIES, CATEGORY_NAMES, HALF_HOURS, sells
from haechi.town.dice import Dice, Floats, Ints, Purpose, generator

Peaks = tuple[tuple[float, float, float], ...]  # (hour, width, weight)
VARIANTS = 8  # people of a persona differ: so many mixtures of its peaks and categories
FLOOR = 0.0015  # weight of a half hour in which a persona hardly ever pays
W, B, SA, SU, H = DayClass


@dataclass(frozen=True)
class Persona:
    """A kind of customer."""

    name: str
    segment: str  # what it declares to the bank
    payments_per_day: float
    transfers_per_day: float
    looks_per_day: float  # logins without a transfer
    cash_per_day: float
    level: float
    salary_won: int  # a month; 0 for those without
    rents_share: float
    goes_to_school: bool
    hours: dict[DayClass, Peaks]
    likes: dict[str, float] = field(repr=False)
    transfer_won: int = 60_000  # the median of what it sends


PERSONAS = (
    Persona(
        "teen", "student", 1.5, 0.06, 0.35, 0.01, 0.75, 0, 0.0, True,
        {
            W: ((8.0, 0.25, 0.05), (12.8, 0.3, 0.03), (16.8, 1.0, 0.55), (19.0, 0.8, 0.17), (21.9, 0.5, 0.20)),
            B: ((7.6, 1.0, 0.13), (11.5, 1.3, 0.12), (14.5, 1.8, 0.34), (18.5, 1.8, 0.30), (21.5, 0.8, 0.11)),
            SA: ((8.4, 1.0, 0.04), (13.5, 2.0, 0.48), (18.0, 2.0, 0.40), (21.5, 0.7, 0.08)),
            SU: ((8.6, 1.0, 0.04), (13.5, 2.0, 0.49), (18.0, 2.0, 0.40), (21.5, 0.7, 0.07)),
            H: ((7.6, 1.1, 0.15), (12.5, 2.5, 0.45), (18.0, 2.2, 0.40)),
        },
        {"convenience": 30, "snack": 14, "ice_cream": 9, "cafe": 7, "restaurant": 9, "pc_room": 8, "taxi": 1,
         "transit": 6, "online_shop": 8.5, "game": 6, "stationery": 3, "clothing": 2.5, "culture": 2, "pharmacy": 0.5,
         "hospital": 0.2},
        12_000,
    ),
    Persona(
        "university", "student", 2.5, 0.26, 0.5, 0.03, 0.9, 0, 0.35, True,
        {
            W: ((9.0, 1.2, 0.1), (12.4, 0.9, 0.27), (15.5, 2.0, 0.23), (19.0, 1.5, 0.27), (23.0, 1.3, 0.13)),
            B: ((12.4, 1.6, 0.3), (16.0, 2.0, 0.25), (19.5, 1.8, 0.3), (23.5, 1.3, 0.15)),
            SA: ((14.0, 2.2, 0.4), (19.5, 2.0, 0.4), (23.5, 1.2, 0.2)),
        },
        {"convenience": 18, "cafe": 18, "restaurant": 22, "snack": 5, "ice_cream": 2, "grocery": 3, "pc_room": 4,
         "transit": 9, "taxi": 3, "online_shop": 13.6, "game": 2.2, "pharmacy": 1.5, "hospital": 0.6, "clothing": 3,
         "electronics": 0.4, "bar": 5, "culture": 3, "beauty": 1.2, "gift_card": 0.6, "lodging": 0.3},
        28_000,
    ),
    Persona(
        "student_abroad", "student", 1.8, 0.1, 0.35, 0.03, 1.2, 0, 0.0, False,
        {
            W: ((1.0, 2.0, 0.3), (5.0, 2.0, 0.3), (10.0, 3.0, 0.2), (22.0, 2.0, 0.2)),
            SA: ((2.0, 3.0, 0.4), (10.0, 3.0, 0.3), (21.0, 3.0, 0.3)),
        },
        {"grocery": 16, "restaurant": 22, "cafe": 16, "transit": 8, "online_shop": 17, "clothing": 4, "culture": 2,
         "pharmacy": 1.5, "education": 0.4, "electronics": 0.7, "taxi": 4, "convenience": 8, "lodging": 0.6},
        90_000,
    ),
    Persona(
        "salaried", "employee", 2.5, 0.32, 0.5, 0.04, 1.1, 3_100_000, 0.3, False,
        {
            W: ((8.2, 0.5, 0.18), (12.2, 0.5, 0.31), (15.3, 1.0, 0.08), (19.2, 1.5, 0.35), (22.5, 1.0, 0.08)),
            SA: ((12.5, 2.0, 0.43), (17.5, 2.2, 0.47), (22.5, 1.0, 0.10)),
        },
        {"convenience": 14, "cafe": 20, "restaurant": 24, "grocery": 9, "transit": 8, "taxi": 4, "online_shop": 15.3,
         "pharmacy": 2, "hospital": 1, "clothing": 3, "electronics": 0.8, "bar": 4, "fuel": 4, "culture": 2,
         "education": 0.3, "beauty": 1.5, "gift_card": 0.5, "lodging": 0.5, "jewellery": 0.12, "game": 0.8},
        70_000,
    ),
    Persona(
        "night_worker", "employee", 2.2, 0.22, 0.45, 0.05, 1.0, 2_700_000, 0.35, False,
        {
            W: ((17.5, 1.2, 0.3), (23.5, 1.3, 0.25), (3.0, 1.2, 0.3), (6.6, 0.6, 0.15)),
            SA: ((17.0, 2.5, 0.5), (22.0, 2.0, 0.3), (3.0, 1.5, 0.2)),
        },
        {"convenience": 26, "cafe": 10, "restaurant": 22, "grocery": 8, "taxi": 9, "transit": 4, "online_shop": 17,
         "pharmacy": 1.5, "hospital": 0.8, "clothing": 2, "electronics": 0.5, "bar": 3, "fuel": 4, "game": 1.5},
        60_000,
    ),
    Persona(
        "self_employed", "self_employed", 2.6, 0.65, 0.75, 0.1, 1.2, 0, 0.5, False,
        {
            W: ((9.5, 1.3, 0.2), (13.0, 1.6, 0.3), (18.0, 2.2, 0.4), (22.5, 1.0, 0.1)),
            SA: ((12.0, 2.5, 0.5), (18.0, 2.5, 0.5)),
        },
        {"convenience": 10, "cafe": 10, "restaurant": 18, "grocery": 16, "taxi": 2, "transit": 2, "online_shop": 20.4,
         "pharmacy": 2, "hospital": 1, "clothing": 3, "electronics": 1.6, "bar": 5, "fuel": 9, "culture": 1,
         "gift_card": 0.6, "lodging": 0.6, "jewellery": 0.15},
        210_000,
    ),
    Persona(
        "parent", "none", 2.2, 0.3, 0.45, 0.04, 1.15, 0, 0.0, False,
        {
            W: ((10.8, 1.0, 0.33), (14.0, 1.5, 0.33), (17.0, 1.2, 0.28), (21.0, 1.2, 0.06)),
            SA: ((12.0, 2.0, 0.5), (17.0, 2.0, 0.5)),
        },
        {"convenience": 6, "snack": 4, "ice_cream": 1.5, "cafe": 10, "restaurant": 10, "grocery": 28, "taxi": 1.5,
         "transit": 2, "online_shop": 25.5, "pharmacy": 4, "hospital": 2.5, "education": 1.2, "clothing": 5,
         "electronics": 0.6, "fuel": 4, "beauty": 2, "stationery": 1, "culture": 1.5, "jewellery": 0.15},
        80_000,
    ),
    Persona(
        "retired", "none", 1.4, 0.13, 0.2, 0.09, 0.95, 650_000, 0.08, False,
        {
            W: ((7.2, 0.8, 0.12), (10.0, 1.3, 0.42), (14.0, 1.7, 0.36), (17.5, 1.0, 0.10)),
            SA: ((8.0, 1.2, 0.2), (11.5, 2.0, 0.5), (16.0, 2.0, 0.3)),
        },
        {"convenience": 8, "cafe": 4, "restaurant": 18, "grocery": 30, "taxi": 2.5, "transit": 3, "online_shop": 4.2,
         "pharmacy": 8, "hospital": 6, "clothing": 2, "electronics": 0.25, "fuel": 4, "beauty": 1, "bar": 0.6},
        110_000,
    ),
    Persona(
        "foreigner", "employee", 2.0, 0.3, 0.45, 0.08, 0.9, 2_300_000, 0.45, False,
        {
            W: ((7.4, 0.7, 0.15), (12.2, 0.8, 0.25), (18.5, 1.6, 0.45), (22.0, 1.2, 0.15)),
            SA: ((11.5, 2.0, 0.4), (16.5, 2.2, 0.45), (21.5, 1.2, 0.15)),
        },
        {"convenience": 20, "cafe": 8, "restaurant": 16, "grocery": 22, "transit": 8, "taxi": 3, "online_shop": 13.6,
         "pharmacy": 1.5, "hospital": 0.8, "clothing": 3, "electronics": 0.8, "bar": 3, "game": 0.9},
        230_000,
    ),
)  # fmt: skip
NAMES = tuple(p.name for p in PERSONAS)
TEEN, UNIVERSITY, STUDENT_ABROAD, SALARIED, NIGHT_WORKER, SELF_EMPLOYED, PARENT, RETIRED, FOREIGNER = range(9)
# The share of each persona among people of an age; the first row whose age is not below.
BY_AGE: tuple[tuple[int, dict[int, float]], ...] = (
    (18, {TEEN: 1.0}),
    (26, {UNIVERSITY: 0.44, SALARIED: 0.36, NIGHT_WORKER: 0.05, SELF_EMPLOYED: 0.05, STUDENT_ABROAD: 0.02, PARENT: 0.03,
          FOREIGNER: 0.05}),
    (39, {SALARIED: 0.62, NIGHT_WORKER: 0.06, SELF_EMPLOYED: 0.13, PARENT: 0.14, FOREIGNER: 0.05}),
    (59, {SALARIED: 0.50, NIGHT_WORKER: 0.06, SELF_EMPLOYED: 0.21, PARENT: 0.20, FOREIGNER: 0.03}),
    (64, {SALARIED: 0.30, NIGHT_WORKER: 0.04, SELF_EMPLOYED: 0.22, PARENT: 0.14, RETIRED: 0.30}),
    (73, {RETIRED: 0.80, SELF_EMPLOYED: 0.12, SALARIED: 0.08}),
    (120, {RETIRED: 0.95, SELF_EMPLOYED: 0.05}),
)  # fmt: skip


def numbers(of: str) -> Floats:
    """One attribute of every persona."""
    return np.array([getattr(p, of) for p in PERSONAS], np.float64)


def _peaks(peaks: Peaks, rng: np.random.Generator) -> Floats:
    """The half hours of one variant: its own shares of the peaks, each moved a little."""
    weights = np.array([w for _, _, w in peaks])
    shares = rng.dirichlet(weights / weights.sum() * 12)
    halves = (np.arange(HALF_HOURS) + 0.5) / 2
    found = np.full(HALF_HOURS, FLOOR)
    for (hour, width, _), share in zip(peaks, shares.tolist(), strict=True):
        moved = hour + 0.12 * float(rng.standard_normal())
        distance = np.minimum(np.abs(halves - moved), 24 - np.abs(halves - moved))
        bump = np.exp(-0.5 * (distance / max(width, 0.25)) ** 2)
        found += share * bump / bump.sum()
    return found


def _hours() -> Floats:
    rng = generator(0, Purpose.VARIANTS, 0)
    rows = []
    for persona in PERSONAS:
        for _ in range(VARIANTS):
            for kind in DayClass:
                known = persona.hours
                rows.append(_peaks(known.get(kind) or known[W if kind == B else SA], rng))
    return np.array(rows)


def _categories() -> Floats:
    """[persona, variant, half hour] -> weights of categories, from liking and what is open."""
    rng = generator(0, Purpose.VARIANTS, 1)
    open_now, rows = sells(), []
    morning = np.ones(len(CATEGORIES))
    for name, factor in {"cafe": 2.0, "convenience": 1.6, "restaurant": 0.35, "grocery": 0.5, "transit": 2.5}.items():
        morning[CATEGORY_NAMES.index(name)] = factor
    for persona in PERSONAS:
        likes = np.array([persona.likes.get(name, 0.0) for name in CATEGORY_NAMES])
        for _ in range(VARIANTS):
            own = likes * np.exp(0.6 * rng.standard_normal(len(likes)))
            rows += [own * open_now[half] * (morning if half < 21 else 1.0) for half in range(HALF_HOURS)]
    return np.array(rows)


HOUR_DICE = Dice(_hours())
CATEGORY_DICE = Dice(_categories())


def hour_row(persona: Ints, variant: Ints, day_class: Ints) -> Ints:
    """The row of HOUR_DICE for people on a class of day."""
    row: Ints = (persona * VARIANTS + variant) * len(DayClass) + day_class
    return row


def category_row(persona: Ints, variant: Ints, half_hour: Ints) -> Ints:
    """The row of CATEGORY_DICE for people at a half hour."""
    row: Ints = (persona * VARIANTS + variant) * HALF_HOURS + half_hour
    return row
