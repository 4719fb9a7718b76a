"""A campaign being told: a script collects what its people do, with the part each act plays and how it ends.

A campaign is a pure function of seed, typology, day and number. Its script knows the town, but not what else happens
there; what it says about people (their phones, their homes) is theirs on that day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from haechi.town.acts import (
    APP,
    ARS,
    ATM,
    BIOMETRIC,
    BRANCH,
    CHIP,
    CONTACTLESS,
    ID_CARD,
    KEYED,
    OK,
    ONE_WON,
    ONLINE,
    OTHER_BANKS,
    OTP,
    PASSWORD,
    PHONE,
    PIN,
    POS,
    SELFIE,
    STRANGE_DEVICES,
    Kind,
)
from haechi.town.almanac import DAY_US, DayClass, class_of, day_of, hour_of, is_free_day, midnight_us
from haechi.town.catalogue import CATEGORIES, CODE, FACE, FACE_WON, FINE, MEDIAN_WON, is_open
from haechi.town.currency import charged
from haechi.town.dice import hashed, mix
from haechi.town.ending import Discovery, end
from haechi.town.measures import Back
from haechi.town.personas import HOUR_DICE, PERSONAS, hour_row
from haechi.town.places import ABROAD
from haechi.town.scene import TAPS_SHARE, taps

if TYPE_CHECKING:
    from haechi.town.town import Town

ACTS_MAX = 1_000  # of one campaign
MINUTE_US = 60_000_000
LIMITS_WON = (15, 20, 30, 40, 50, 70, 100, 150, 200, 300, 500)  # millions that people choose as a limit of a day
LIMIT_SHARES = (0.5, 0.25, 0.15, 0.1)  # the next of them above what is needed, or one that is higher still
LOWEST = 0.3  # of the usual price: nothing in a restaurant costs less
MULE_DAYS = 1  # so long an account is used before it is known and burnt
PICKS_MAX = 40
SESSION_US = 40 * 60 * 1_000_000
IDLE_US = 10 * 60 * 1_000_000  # after which the app wants another login
EVEN = (0.0, 0.7548776662466927, 0.5698402909980532)  # steps that cover a square evenly (Roberts' R2 sequence)


@dataclass
class Campaign:
    """What a campaign was, for the truth."""

    number: int
    name: str
    typology: str
    form: str
    is_fraud: bool
    victims: list[int] = field(default_factory=list)
    age: int = -1
    loss_won: int = 0
    recovered_won: int = 0
    first_report_us: int = -1
    summary: str = ""
    summary_ko: str = ""


class Script:
    """The acts of one campaign as they are told."""

    def __init__(self, town: Town, campaign: Campaign, day: int, rng: np.random.Generator) -> None:
        self.town, self.campaign, self.day, self.rng = town, campaign, day, rng
        self.date = town.parameters.date_of(day)
        self.start_us = midnight_us(self.date)
        self.acts: list[dict[str, Any]] = []
        self._salt = mix(campaign.number) ^ town.seed
        self._cast = mix(self._salt + 5) >> 32
        self._spoken: set[int] = set()
        self._payees: set[tuple[int, int]] = set()
        self._nets: dict[int, tuple[int, int]] = {}  # by customer: since when, which address
        self._inside: dict[tuple[int, int], list[int]] = {}  # by customer and device: when somebody was in the app
        self._habits: dict[tuple[int, str], bool] = {}  # by customer and part: whether a strange hand taps the card
        self.listening = False  # whether the caller stays on the line while the victim sends
        self.keen = False  # whether a thief goes on until the card is refused
        self.controlled = -1  # whose phone is in another hand
        self.held_us = 1 << 62  # from when on the bank lets nothing more out of the victim's account
        self.lost_number = -1  # whose telephone number is in another hand
        self.busy: dict[int, int] = {}  # by mule: until when
        self.drawn: Counter[tuple[int, int]] = Counter()  # by mule and day: cash, in won
        self.stopped: dict[int, int] = {}  # by account: since when it is suspended
        self.limits: dict[int, int] = {}  # by customer: the limit of a day after it was raised

    def tells(self, ko: str, en: str) -> None:
        """What the campaign was, in a sentence."""
        self.campaign.summary_ko, self.campaign.summary = ko, en

    # Dice

    def chance(self, share: float) -> bool:
        """Whether something of this probability happens."""
        return float(self.rng.random()) < share

    def between(self, low: float, high: float) -> float:
        """A number from a range."""
        return low + (high - low) * float(self.rng.random())

    def count(self, low: int, high: int) -> int:
        """A whole number from a range, both ends included."""
        return int(self.rng.integers(low, high + 1))

    def around(self, median: float, spread: float) -> float:
        """A positive number whose logarithm is normal."""
        return float(median * np.exp(spread * self.rng.standard_normal()))

    def one_of(self, values: Sequence[Any], shares: Sequence[float] | None = None) -> Any:
        """One of a list."""
        weights = None if shares is None else np.asarray(shares) / np.sum(shares)
        return values[int(self.rng.choice(len(values), p=weights))]

    def gap(self, median_s: float, spread: float = 0.5) -> int:
        """How long somebody takes for something, in microseconds: no two take equally long."""
        return max(round(self.around(median_s, spread)), 2) * 1_000_000

    # People, accounts, things

    def at(self, hour: float, days: float = 0) -> int:
        """A time on a day of the campaign."""
        return self.start_us + int(days) * DAY_US + int(hour * 3_600) * 1_000_000

    def own_hour(self, customer: int, days: int = 0) -> float:
        """An hour at which somebody does things on a day of the campaign, by the habits of people like this one."""
        kind, persona = class_of(self.date + timedelta(days=days)), int(self.town.people.persona[customer])
        if kind == DayClass.BREAK and not PERSONAS[persona].goes_to_school:
            kind = DayClass.WORKDAY
        row = hour_row(np.array([persona]), np.array([int(self.town.people.variant[customer])]), np.array([int(kind)]))
        return float(HOUR_DICE.throw(row, self.rng)[0]) / 2 + self.between(0, 0.5)

    def working_day(self, after: int = 0) -> int:
        """A day of the campaign on which offices work: this one, or one of the next five of the kind."""
        ahead = [days for days in range(after, after + 14) if not is_free_day(self.date + timedelta(days=days))]
        return ahead[0] if ahead[0] == after else int(self.one_of(ahead[:5]))

    def pick(self, pool: np.ndarray, fits: Callable[[int], bool] = lambda customer: True) -> int | None:
        """Somebody of a pool who has an account by now and fits."""
        for _ in range(PICKS_MAX if len(pool) else 0):
            found = int(pool[int(self.rng.integers(0, len(pool)))])
            if self.town.people.joined[found] < max(1, self.day - 14) and fits(found):
                return found
        return None

    def victim(self, low: int, high: int, fits: Callable[[int], bool] = lambda customer: True) -> int | None:
        """Somebody of an age, who becomes the campaign's victim; whose account fraudsters hold these weeks is none."""
        mules = self.town.mules_about(self.day)
        found = self.pick(self.town.of_age(low, high), lambda customer: customer not in mules and fits(customer))
        if found is not None:
            self.hurt(found)
        return found

    def hurt(self, customer: int) -> None:
        """Count somebody as a victim."""
        self.campaign.victims.append(customer)
        if self.campaign.age < 0:
            self.campaign.age = int(self.town.people.ages(self.date)[customer])

    def phone(self, customer: int, at_us: int) -> int:
        """The device that somebody carries at a time."""
        day = (at_us - self.town.start_us) // DAY_US
        return customer * 16 + int(self.town.people.phone(np.array([customer]), int(day))[0])

    def stranger(self, number: int = 0) -> int:
        """A device of the people behind this campaign."""
        return STRANGE_DEVICES + (mix(self._salt + number) >> 28)

    def strange_ip(self, number: int = 0) -> int:
        """An address of theirs: of a home, or of the same telephone company as everybody's."""
        drawn = mix(self._salt ^ (number + 71))
        return (10 << 24) + (drawn >> 42 if drawn & 1 else (1 << 23) + (drawn >> 47))

    def outside(self, number: int = 0) -> int:
        """An account at another bank that only this campaign uses."""
        return OTHER_BANKS + (mix(self._salt + 977 * (number + 1)) >> 28)

    def mule(self, at_us: int, other_than: int = -1) -> int:
        """An account that fraudsters hold at a time and that still works: used by several campaigns, then burnt."""
        day = (at_us - self.town.start_us) // DAY_US
        for _ in range(4):
            found = self.town.mule(day, int(self.rng.integers(0, 1 << 30)))
            if found != other_than and found not in self.stopped:
                return found
        return self.outside(self.count(10, 13))

    def is_stopped(self, account: int, at_us: int) -> bool:
        """Whether the bank has suspended an account by then."""
        return self.stopped.get(account, at_us + 1) <= at_us

    def district(self, customer: int, day: int | None = None) -> int:
        """Where somebody lives."""
        return int(self.town.people.home(np.array([customer]), self.day if day is None else day)[0])

    def merchant(self, category: str, district: int | None = None, *, favourite_of: int | None = None) -> int:
        """A merchant of a category: somebody's favourite, of a district, or from anywhere in town."""
        merchants, code = self.town.merchants, CODE[category]
        if favourite_of is not None:
            return merchants.favourite(code, self.district(favourite_of), favourite_of, self.day)
        first, count = int(merchants.first_in_town[code]), int(merchants.count_in_town[code])
        if district is not None and merchants.count[code, district]:
            first, count = int(merchants.first[code, district]), int(merchants.count[code, district])
        for _ in range(PICKS_MAX):
            found = first + int(float(self.rng.random()) ** 1.6 * count)
            if merchants.opens_on[found] <= self.day:
                return found
        return first

    def price(self, category: str, level: float = 1.0, spread: float | None = None) -> int:
        """What something of a category costs here, in steps as shops have them."""
        code = CODE[category]
        won = self.around(MEDIAN_WON[code] * level, CATEGORIES[code].spread if spread is None else spread)
        return steps(max(won, LOWEST * MEDIAN_WON[code] * level), step_of(category, won))

    def fair(self, salt: int) -> float:
        """A number from 0 to 1 such that the campaigns of a typology, one after the other, cover the range evenly.

        What few campaigns decide (the largest losses) would swing from town to town if it were left to chance alone.
        """
        number = self.campaign.number
        place = self.town.begun_before((number >> 14) & 31, self.day) + (number & ((1 << 14) - 1))
        return float((place * EVEN[salt] + mix(self.town.seed * 64 + salt) * 2.0**-64) % 1.0)

    def charge(self, won: int, country: int, at_us: int) -> int:
        """What something of about so many won costs: abroad, a price in the country's money at the day's rate."""
        return int(charged(np.array([won]), np.array([country]), day_of(at_us).toordinal())[0]) if country else won

    def ordinary(self, customer: int, *, at_us: int | None = None) -> str:
        """A category that people like this one buy: on the net, or at a counter that is open at a time."""
        weights = self.town.ordinary(int(self.town.people.persona[customer]), at_us is None)
        for _ in range(PICKS_MAX):
            found = CATEGORIES[int(np.searchsorted(weights, float(self.rng.random()), side="right"))].name
            if at_us is None or is_open(found, hour_of(at_us)):
                return found
        return "convenience"

    def one_open(self, categories: Sequence[str], at_us: int, shares: Sequence[float] | None = None) -> str:
        """One of some categories that is open at a time; the convenience store always is."""
        chances = [1.0] * len(categories) if shares is None else list(shares)
        open_now = [(c, p) for c, p in zip(categories, chances, strict=True) if is_open(c, hour_of(at_us))]
        return str(self.one_of([c for c, _ in open_now], [p for _, p in open_now])) if open_now else "convenience"

    # Acts

    def act(
        self, kind: Kind, at_us: int, customer: int, role: str, *, fraud: bool = False, **columns: Any
    ) -> dict[str, Any]:
        """Add an act; what it costs counts as loss when it is fraud."""
        if len(self.acts) >= ACTS_MAX:
            raise ValueError(f"{self.campaign.name} has more than {ACTS_MAX} acts")
        row = {"kind": kind, "time_us": at_us, "customer": customer, "role": role, "fraud": fraud, **columns}
        self.acts.append(row)
        return row

    def login(self, customer: int, at_us: int, device: int | None = None, *, ip: int | None = None, result: int = OK,
              role: str = "login") -> dict[str, Any]:  # fmt: skip
        """A login on a device; whoever is not there (a stranger, a remote hand) has no finger to show."""
        absent = device is not None or customer == self.controlled
        method = self.one_of((BIOMETRIC, PIN, PASSWORD), (0, 0.8, 0.2) if absent else (0.66, 0.3, 0.04))
        phone = self.phone(customer, at_us) if device is None else device
        ip = self._ip(customer, at_us) if ip is None else ip
        if result == OK:
            self._inside.setdefault((customer, phone), []).append(at_us)
        return self.act(Kind.LOGIN, at_us, customer, role, device=phone, ip=ip, channel=APP, method=method,
                        result=result)  # fmt: skip

    def enters(self, customer: int, at_us: int, device: int | None = None) -> None:
        """A login, unless somebody is in the app on this device already."""
        phone = self.phone(customer, at_us) if device is None else device
        if not any(0 <= at_us - since <= IDLE_US for since in self._inside.get((customer, phone), ())):
            self.login(customer, at_us, device)

    def call(self, customer: int, at_us: int, text: str, *, minutes: float, risk: float, role: str = "call") -> None:
        """A telephone call, as the app rates it."""
        self.act(Kind.CALL, at_us, customer, role, device=self.phone(customer, at_us), text=self.says(customer, text),
                 risk=self._risk(risk), duration_s=int(minutes * 60) + self.count(0, 59))  # fmt: skip

    def message(self, customer: int, at_us: int, text: str, *, risk: float, role: str = "message",
                **about: Any) -> None:  # fmt: skip
        """A message; `about` is the charge that its text names (see render.py)."""
        self.act(Kind.MESSAGE, at_us, customer, role, device=self.phone(customer, at_us),
                 text=self.says(customer, text), risk=self._risk(risk), **about)  # fmt: skip

    def bank_says(self, customer: int, at_us: int, text: str, role: str) -> None:
        """A message of the bank; whose number is in another hand is told at another one that the bank knows."""
        if customer == self.lost_number:
            elsewhere = "sms_elsewhere" if role == "held" else "sms_elsewhere_report"
            self.act(Kind.MESSAGE, at_us, customer, "told_elsewhere", text=self.says(customer, elsewhere))
        else:
            self.message(customer, at_us, text, risk=0.05, role=role)

    def new_device(self, customer: int, at_us: int, device: int, method: int = OTP, ip: int | None = None) -> int:
        """Somebody is checked on a device, then it is registered; when that is done."""
        ip = self._ip(customer, at_us) if ip is None else ip
        self.act(Kind.CHECK, at_us, customer, "check", device=device, method=method, result=OK)
        done_us = at_us + self.gap(40)
        self.act(Kind.DEVICE, done_us, customer, "new_device", device=device, ip=ip, channel=APP)
        return done_us + self.gap(25)

    def limit(self, customer: int, at_us: int, amount: int, device: int | None = None) -> int:
        """The limit of transfers is raised: a login, identity card and account are checked, then the limit; when."""
        phone = self.phone(customer, at_us) if device is None else device
        self.enters(customer, at_us, device)
        for method in (self.one_of((ID_CARD, SELFIE), (0.8, 0.2)), self.one_of((ONE_WON, ARS), (0.7, 0.3))):
            at_us += self.gap(45, 0.4)
            self.act(Kind.CHECK, at_us, customer, "check", device=phone, method=method, result=OK)
        at_us += self.gap(25, 0.4)
        self.act(Kind.LIMIT_CHANGE, at_us, customer, "limit_change", amount=amount, channel=APP, device=phone,
                 method=OTP, result=OK)  # fmt: skip
        return at_us

    def limit_for(self, won: int) -> int:
        """The limit that somebody asks for who has to send so much."""
        above = [million * 1_000_000 for million in LIMITS_WON if million * 1_000_000 >= won][: len(LIMIT_SHARES)]
        return int(self.one_of(above, LIMIT_SHARES[: len(above)])) if above else LIMITS_WON[-1] * 1_000_000

    def payee(self, customer: int, at_us: int, account: int, device: int | None = None) -> None:
        """An account is entered as a payee, once."""
        if (customer, account) in self._payees:
            return
        self._payees.add((customer, account))
        self.act(Kind.PAYEE, at_us, customer, "payee", party=account, channel=APP,
                 device=self.phone(customer, at_us) if device is None else device)  # fmt: skip

    def transfer(self, customer: int, at_us: int, account: int, amount: int, role: str, *, fraud: bool = False,
                 device: int | None = None, ip: int | None = None, channel: int = APP) -> dict[str, Any]:  # fmt: skip
        """Money goes out, and arrives when the account is at this bank."""
        app = channel == APP
        phone = self.phone(customer, at_us) if device is None else device
        done = self.act(
            Kind.TRANSFER, at_us, customer, role, fraud=fraud, party=account, amount=amount, channel=channel,
            device=phone if app else -1, ip=(self._ip(customer, at_us) if ip is None else ip) if app else -1,
            method=OTP if channel in (APP, PHONE) and (amount >= 1_000_000 or self.chance(0.3)) else PIN,
        )  # fmt: skip
        if account < OTHER_BANKS and self.town.people.joined[account] <= self.day:
            self.deposit(account, at_us + 1_000_000, customer, amount, channel=channel)
        return done

    def deposit(self, customer: int, at_us: int, payer: int, amount: int, role: str = "deposit", *,
                channel: int = APP) -> None:  # fmt: skip
        """Money arrives."""
        self.act(Kind.DEPOSIT, at_us, customer, role, party=payer, amount=amount, channel=channel)

    def payment(self, customer: int, at_us: int, category: str, merchant: int, amount: int, role: str, *,
                fraud: bool = False, online: bool = False, device: int | None = None, country: int = 0,
                card: int = 0, method: int | None = None) -> dict[str, Any]:  # fmt: skip
        """A card pays, at the counter or on the net; who only has its number types it in; abroad, at the day's rate."""
        row = self.act(Kind.PAYMENT, at_us, customer, role, fraud=fraud, party=merchant, card=card, country=country,
                       amount=self.charge(amount, country, at_us), category=CODE[category],
                       channel=ONLINE if online else POS)  # fmt: skip
        if online:
            own = device is None
            typed = not own or method is not None or country > 0  # shops abroad want the number
            row |= {
                "device": self.phone(customer, at_us) if own else device,
                "method": KEYED if typed else self.one_of((KEYED, PIN, BIOMETRIC), (0.63, 0.28, 0.09)),
                "ip": self._ip(customer, at_us) if own else self.strange_ip(),
            }
            return row
        if method is None:  # a strange hand has a habit of its own
            tapped = self._habits.setdefault((customer, role), self.chance(TAPS_SHARE)) if fraud else taps(customer)
            method = CONTACTLESS if tapped else CHIP
        row["method"] = method
        row["terminal"] = self.count(0, int(self.town.merchants.terminals[merchant]) - 1)
        return self._counter(row, merchant, country)

    def withdrawal(self, customer: int, at_us: int, amount: int, role: str, *, fraud: bool = False,
                   machine: int | None = None) -> dict[str, Any]:  # fmt: skip
        """Cash from a machine, by default one near the customer's home."""
        machine = self.merchant("atm", self.district(customer)) if machine is None else machine
        row = self.act(Kind.WITHDRAWAL, at_us, customer, role, fraud=fraud, party=machine, amount=amount, card=0,
                       category=CODE["atm"], channel=ATM, method=PIN, country=0, terminal=0)  # fmt: skip
        return self._counter(row, machine, 0)

    def over_the_counter(self, customer: int, at_us: int, amount: int, role: str, *, fraud: bool = False) -> None:
        """Cash at a counter of the bank."""
        self.act(Kind.WITHDRAWAL, at_us, customer, role, fraud=fraud, amount=amount, channel=BRANCH, method=PIN)

    def session(self, customer: int, at_us: int, account: int, amount: int, role: str, *, new: bool = True,
                fraud: bool = False) -> dict[str, Any]:  # fmt: skip
        """A transfer as people make it: login, payee when new, transfer."""
        entered = self.gap(14, 0.4)
        self.enters(customer, at_us - entered - self.gap(55, 0.6))
        if new:
            self.payee(customer, at_us - entered, account)
        return self.transfer(customer, at_us, account, amount, role, fraud=fraud)

    def ends(self, source: int, hours_median: float, back: Back | None = None, *, missed: float = 1.0,
             after_us: int = 0) -> None:  # fmt: skip
        """The campaign comes out, or not (`missed` times as often as others): reports, labels, what comes back."""
        end(self, Discovery(source, hours_median, back, missed, after_us))

    def says(self, customer: int, text: str) -> int:
        """The number of a sentence of a kind, in this campaign's words, if there is one that was not told yet."""
        cast = 2 * self._cast + int(self.town.people.sex[customer])
        said = self.town.speech.one(text, self.rng, cast, self._spoken)
        self._spoken.add(said)
        return said

    def _ip(self, customer: int, at_us: int) -> int:
        """Where somebody is on the net: the same address throughout a session."""
        since, found = self._nets.get(customer, (-SESSION_US, 0))
        if abs(at_us - since) > SESSION_US:
            found = (10 << 24) + int(hashed(np.array([customer]), 43)[0] % np.uint64(1 << 22))
            if self.chance(0.45):
                found = (10 << 24) + (1 << 23) + int(self.rng.integers(0, 1 << 17))
        self._nets[customer] = at_us, found
        return found

    def _risk(self, middle: float) -> int:
        return int(np.clip(1_000 * (middle + min(0.18, middle) * self.rng.standard_normal()), 0, 999))

    def _counter(self, row: dict[str, Any], merchant: int, country: int) -> dict[str, Any]:
        merchants = self.town.merchants
        lat, lon = float(merchants.lat[merchant]), float(merchants.lon[merchant])
        if country:
            _, lat, lon = ABROAD[country - 1]
        row |= {"lat": lat, "lon": lon}
        return row


def step_of(category: str, won: float) -> int:
    """In which steps a category has its prices: by ten where goods are weighed or poured."""
    if category == FACE:
        return FACE_WON
    return 10 if category in FINE else 100 if won < 20_000 else 1_000


def steps(won: float, step: int) -> int:
    """An amount in steps, at least one."""
    return max(round(won / step), 1) * step
