"""What sentences of behaviour are made from: an event, its numbers, and the words for who, when and how much."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import ceil, floor, isnan
from typing import NamedTuple

from haechi.events import Event
from haechi.events.wording import CLOCK_NOISE, SPOKEN_FROM, TEN_THOUSAND, Text, between, spoken, value

__all__ = ["FEW_ON_SUCH_DAYS", "HERSELF", "LITTLE_THEN", "PUPILS", "WITHDRAWAL", "Asked", "Who", "clock"]

PUPILS = (6.0, 19.0)
FEW_ON_SUCH_DAYS, FEW = 5.0, 15.0
TRANSFER, WITHDRAWAL = 1.0, "withdrawal"
WITHOUT_CENTS = ("KRW", "JPY", "")
NOTES = {"KRW": 10_000.0}  # what machines pay out in
_DAYS: tuple[Text, ...] = (
    {"en": "working days", "ko": "평일"},
    {"en": "weekdays of the school break", "ko": "방학 중 평일"},
    {"en": "Saturdays", "ko": "토요일"},
    {"en": "Sundays", "ko": "일요일"},
    {"en": "public holidays", "ko": "공휴일"},
)
_SCHOOL: Text = {"en": "school days", "ko": "학교 가는 날"}
_NO_WANT: Text = {"en": "", "ko": ""}
_LITTLE: Text = {"en": "too little history of this customer's own; ", "ko": "이 고객의 거래 이력 부족, "}
LITTLE_THEN: Text = {
    "en": "too little history of this customer's own on such days; ", "ko": "이 고객의 이런 날 거래 이력 부족, "
}  # fmt: skip


class Who(NamedTuple):
    """Whose usual it is, and why that of others."""

    en: str
    ko: str
    want: Text = _NO_WANT

    def does(self, verb: str) -> str:
        """The verb of one customer (pays), or of several (pay)."""
        return verb.removesuffix("s") if self.want["en"] else verb


class Done(NamedTuple):
    """What is done with money, and with a device."""

    does: str  # this customer ...
    ko: str


HERSELF = Who("this customer", "이 고객은")
_SENT, _TAKEN = Done("transfers", "이체"), Done("withdraws", "출금")
_PAID, _VISITED = Done("pays", "결제"), Done("does", "접속")


class Asked(NamedTuple):
    """What a sentence is made from: the event, its numbers by name, and who it is about."""

    event: Event
    of: Mapping[str, float]  # the features of behaviour without their prefix, age_years, km and km_per_hour
    timezone: str
    has_peers: bool
    category: str

    def bits(self, kind: str) -> float:
        """How surprising a kind is; -1 when it does not apply."""
        found = self.of[f"surprise_{kind}"]
        return -1.0 if isnan(found) else found

    @property
    def day(self) -> Text:
        """Comparable days, in words."""
        number = int(self.of["day_class"])
        pupil = PUPILS[0] <= self.of.get("age_years", -1.0) < PUPILS[1]
        return _SCHOOL if number == 0 and pupil else _DAYS[number]

    @property
    def who(self) -> Who:
        """Whose usual it is: a customer with little history is judged by her peers, and the sentence says so."""
        return HERSELF if self.of["history"] >= FEW else self.peers(_LITTLE)

    def aged(self, who: Who) -> Who:
        """The customer with her age, where her school day is spoken of."""
        if self.day is not _SCHOOL or who is not HERSELF:
            return who
        years = int(self.of["age_years"])
        return Who(f"this customer of {years}", f"{years}세인 이 고객은")

    def peers(self, want: Text) -> Who:
        """Those whom a customer is compared with, for want of what."""
        peers = (
            ("customers of this age", "같은 연령대 고객은") if self.has_peers else ("other customers", "다른 고객은")
        )
        return Who(*peers, want)

    @property
    def done(self) -> Done:
        """What was done with the money, or without any."""
        if isnan(self.amount):
            return _VISITED
        if self.of["direction"] == TRANSFER:
            return _SENT
        return _TAKEN if self.event.kind == WITHDRAWAL else _PAID

    @property
    def is_transfer(self) -> bool:
        """Whether money went to a payee."""
        return self.of["direction"] == TRANSFER

    @property
    def is_purchase(self) -> bool:
        """Whether something was paid for."""
        return self.done is _PAID

    @property
    def amount(self) -> float:
        """In major units; NaN without one."""
        return self.of["amount"]

    @property
    def hour(self) -> float:
        """Of the customer's clock."""
        return self.of["hour"]

    def is_inside(self, margin: float = 0.0) -> bool:
        """Whether the hour lies in the range that is usual on such days, or within so many hours of it."""
        start, end, said = (_shown(hour) for hour in (self.of["hours_from"], self.of["hours_to"], self.hour))
        return (said - start + margin) % 24.0 <= end - start + 2.0 * margin

    @property
    def hours(self) -> Text:
        """The usual hours; those past midnight are the next day's."""
        start, end = clock(self.of["hours_from"]), clock(self.of["hours_to"])
        past = self.of["hours_to"] > 24.0
        half, _, rest = end["ko"].partition(" ")
        until = f"다음 날 {end['ko']}" if past else rest if start["ko"].startswith(half) else end["ko"]
        return {"en": f"{start['en']} and {end['en']}{' the next day' * past}", "ko": f"{start['ko']}~{until}"}

    @property
    def much(self) -> Text:
        """The amount in words."""
        return spoken(self.amount, self.event.currency)

    @property
    def usual(self) -> tuple[float, float]:
        """The usual amount in two figures, or in as many as keep its ends apart; NaN where there is none."""
        low, high = self.of["amount_low"], self.of["amount_high"]
        note = NOTES.get(self.event.currency, 0.0) if self.done is _TAKEN else 0.0
        if note and (ends := (ceil(low / note) * note, floor(high / note) * note))[0] < ends[1]:
            return ends
        for figures in (2, 3, 9) if low <= high else ():
            ends = self._rounded(low, ceil, figures), self._rounded(high, floor, figures)
            if ends[0] < ends[1]:
                return ends
        return low, high

    def _rounded(self, x: float, inwards: Callable[[float], int], figures: int) -> float:
        # Inwards, so that what lies outside still does when it is said.
        least = 0 if self.event.currency in WITHOUT_CENTS else -1 if figures == 2 else -2
        unit = 10.0 ** max(len(str(int(max(x, 1.0)))) - figures, least)
        return inwards(x / unit) * unit

    @property
    def ends(self) -> str:
        """The usual amount in figures."""
        low, high = (spoken(x, self.event.currency) for x in self.usual)
        return f"{low['en']}-{high['en']}"

    @property
    def span(self) -> Text:
        """The usual amount in words, its unit said once."""
        low, high = self.usual
        least = TEN_THOUSAND if high >= SPOKEN_FROM else SPOKEN_FROM
        said = [spoken(x, self.event.currency, least) for x in (low, high)]
        return said[0] if said[0] == said[1] else between(*said)


def _shown(hour: float) -> float:
    """An hour in whole minutes, as it is told: 21:00:40 reads 21:00."""
    return int(60.0 * hour + CLOCK_NOISE) / 60.0


def clock(x: float) -> Text:
    """An hour of the day, or of the one after it, as the clock says it."""
    return value(x % 24.0, "hour")
