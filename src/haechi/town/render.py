"""Acts written out as native events of the schema `bank`: names for numbers, columns for Parquet, lines of JSON."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from haechi.town.acts import ABSENT, CHANNELS, KEY_BITS, KINDS, METHODS, OTHER_BANKS, RESULTS, Acts, Kind, scrambled
from haechi.town.almanac import DAY_US
from haechi.town.catalogue import CATEGORY_NAMES
from haechi.town.currency import abroad
from haechi.town.dice import Ints
from haechi.town.people import SEGMENTS
from haechi.town.places import COUNTRIES
from haechi.town.speech import filled

if TYPE_CHECKING:
    from haechi.town.town import Town

EPOCH = 719_163  # the ordinal of 1970-01-01
SEOUL_US = 9 * 3_600_000_000
# The fields of an event in the order in which they are written, with their types.
FIELDS: dict[str, Any] = {
    "id": pl.String, "kind": pl.String, "time": pl.String, "customer": pl.String, "account": pl.String,
    "card": pl.String, "device": pl.String, "payee": pl.String, "merchant": pl.String, "terminal": pl.String,
    "ip": pl.String, "amount": pl.Int64, "currency": pl.String, "merchant_category": pl.String, "channel": pl.String,
    "country": pl.String, "method": pl.String, "result": pl.String, "risk": pl.Float64, "duration_s": pl.Int64,
    "lat": pl.Float64, "lon": pl.Float64, "birth_date": pl.String, "segment": pl.String, "text": pl.String,
    "event_id": pl.String,
}  # fmt: skip
LABELS: dict[str, Any] = {"fraud": pl.Boolean, "known_at": pl.String}
_ACCOUNT = (Kind.TRANSFER, Kind.WITHDRAWAL, Kind.DEPOSIT, Kind.PAYEE, Kind.LIMIT_CHANGE, Kind.APPLICATION)
_PAYEE = (Kind.TRANSFER, Kind.DEPOSIT, Kind.PAYEE)
_MERCHANT = (Kind.PAYMENT, Kind.WITHDRAWAL, Kind.REFUND)
_SECONDS = [f"T{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}+09:00" for s in range(86_400)]


class Pen:
    """Writes a town's acts."""

    def __init__(self, town: Town) -> None:
        self._town = town

    @cached_property
    def _merchants(self) -> pl.Series:
        return pl.Series(self._town.merchants.names())

    @cached_property
    def _sentences(self) -> pl.Series:
        return pl.Series(self._town.speech.sentences)

    def frame(self, acts: Acts, *, labelled: bool = False) -> pl.DataFrame:
        """Events as a table with every field."""
        kind = acts["kind"]
        merchant = np.where(np.isin(kind, _MERCHANT), acts["party"], ABSENT)
        messages = kind == Kind.MESSAGE  # of these, the fields of a charge are for its text alone
        amount = np.where(messages, ABSENT, acts["amount"])
        columns = {
            "id": event_ids(acts["key"]),
            "kind": _named(KINDS, kind),
            "time": iso_seoul(acts["time_us"]),
            "customer": "c-" + pl.Series(acts["customer"]).cast(pl.String),
            "account": _with("a-", np.where(np.isin(kind, _ACCOUNT), acts["customer"], ABSENT)),
            "card": self._cards(acts, messages),
            "device": devices(acts["device"]),
            "payee": accounts(np.where(np.isin(kind, _PAYEE), acts["party"], ABSENT)),
            "merchant": _gathered(self._merchants, merchant),
            "ip": addresses(acts["ip"]),
            "amount": _numbers(amount),
            "currency": _named(("KRW",), np.where(amount >= 0, 0, ABSENT)),
            "merchant_category": _named(CATEGORY_NAMES, np.where(messages, ABSENT, acts["category"])),
            "channel": _named(CHANNELS, acts["channel"]),
            "country": _named(COUNTRIES, np.where(messages, ABSENT, acts["country"])),
            "method": _named(METHODS, acts["method"]),
            "result": _named(RESULTS, acts["result"]),
            "risk": pl.Series(acts["risk"] / 1_000).set(pl.Series(acts["risk"] < 0), None),
            "duration_s": _numbers(acts["duration_s"]),
            "lat": _degrees(acts["lat"]),
            "lon": _degrees(acts["lon"]),
            "birth_date": self._birth_dates(acts),
            "segment": self._segments(acts),
            "text": self._texts(acts),
            "event_id": event_ids(acts["ref"]),
        }
        columns["terminal"] = columns["merchant"] + _with("/", np.where(merchant < 0, ABSENT, acts["terminal"]))
        if labelled:
            told = acts["told"]
            columns["fraud"] = pl.Series(told == 1).set(pl.Series(told < 0), None)
            columns["known_at"] = iso_seoul(acts["told_us"]).set(pl.Series(told < 0), None)
        types = FIELDS | (LABELS if labelled else {})
        return pl.DataFrame({name: columns[name] for name in types}).cast(pl.Schema(types))

    def rows(self, acts: Acts, *, labelled: bool = False) -> list[dict[str, Any]]:
        """Events one by one, each with only the fields that it has."""
        told = self.frame(acts, labelled=labelled).iter_rows(named=True)
        return [{name: value for name, value in row.items() if value is not None} for row in told]

    def _texts(self, acts: Acts) -> pl.Series:
        """What is said; a notice about a charge names its sum, shop and card."""
        said = acts["text"].astype(np.int64)
        rows = np.flatnonzero((said >= 0) & self._town.speech.open[said])
        found = _gathered(self._sentences, said)
        return found.scatter(rows, [self._notice(acts, row) for row in rows.tolist()]) if len(rows) else found

    def _notice(self, acts: Acts, row: int) -> str:
        country, won = int(acts["country"][row]), int(acts["amount"][row])
        paid = int(acts["ref"][row])  # the charge itself, when there is one: its day says which rate
        since_us = self._town.start_us + (paid >> KEY_BITS) * DAY_US if paid >= 0 else int(acts["time_us"][row])
        day = (since_us + SEOUL_US) // DAY_US + EPOCH
        number = int(acts["customer"][row]) * 2 + max(int(acts["card"][row]), 0)
        told = {"card": f"{number % 10_000:04}", "shop": "", "sum": ""}
        if won >= 0:
            told["shop"] = self._merchants[int(acts["party"][row])]
            told["sum"] = abroad(won, COUNTRIES[country], day) if country > 0 else f"{won:,}원"
        return filled(self._sentences[int(acts["text"][row])], told)

    def _cards(self, acts: Acts, hidden: np.ndarray) -> pl.Series:
        number = acts["customer"] * 2 + acts["card"]
        return _with("k-", np.where((acts["card"] >= 0) & ~hidden, number, ABSENT))

    def _birth_dates(self, acts: Acts) -> pl.Series:
        profile = acts["kind"] == Kind.PROFILE
        born = self._town.people.born[acts["customer"]].astype(np.int64) - EPOCH
        dates = np.datetime_as_string(born.astype("datetime64[D]")[profile]) if profile.any() else np.empty(0, "U10")
        return _spread(pl.Series(dates.tolist(), dtype=pl.String), profile)

    def _segments(self, acts: Acts) -> pl.Series:
        own = self._town.people.segment[acts["customer"]]
        return _named(SEGMENTS, np.where(acts["kind"] == Kind.PROFILE, own, ABSENT))


def lines(frame: pl.DataFrame) -> bytes:
    """The events of a table as JSON Lines: fields an event does not have are left out."""
    if not frame.height:
        return b""
    parts: list[pl.Expr] = []
    for place, (name, dtype) in enumerate(frame.schema.items()):
        value = pl.col(name)
        before = ("," if place else "{") + f'"{name}":'
        if dtype == pl.String:
            parts.append(pl.concat_str(pl.lit(before + '"'), value, pl.lit('"')))
        elif dtype == pl.Boolean:
            parts.append(
                pl.concat_str(pl.lit(before), pl.when(value).then(pl.lit("true")).when(~value).then(pl.lit("false")))
            )
        else:
            parts.append(pl.concat_str(pl.lit(before), value.cast(pl.String)))
    told = frame.select(pl.concat_str([*parts, pl.lit("}")], ignore_nulls=True).alias("line"))
    return ("\n".join(told["line"].to_list()) + "\n").encode()


def event_ids(key: Ints) -> pl.Series:
    """The ids of events; none where there is no event."""
    return _with("e-", key)


def devices(code: Ints) -> pl.Series:
    """What devices are called: the same for a stranger's as for a customer's."""
    return _with("d-", np.where(code >= 0, scrambled(np.maximum(code, 0)), ABSENT))


def accounts(code: Ints) -> pl.Series:
    """What accounts are called: `a-` at this bank, `x-` at others."""
    here = _with("a-", np.where((code >= 0) & (code < OTHER_BANKS), code, ABSENT))
    other = _with("x-", np.where(code >= OTHER_BANKS, scrambled(np.maximum(code - OTHER_BANKS, 0)), ABSENT))
    return here.zip_with(here.is_not_null(), other)


def addresses(ip: Ints) -> pl.Series:
    """Numbers as addresses on the net."""
    there = ip >= 0
    value = pl.Series("ip", ip[there])
    parts = [((value // (1 << shift)) % 256).cast(pl.String) for shift in (24, 16, 8, 0)]
    return _spread(parts[0] + "." + parts[1] + "." + parts[2] + "." + parts[3], there)


def iso_seoul(time_us: Ints) -> pl.Series:
    """Times as people in Seoul write them, with their offset."""
    local = time_us + SEOUL_US
    day, second = local // DAY_US, (local % DAY_US) // 1_000_000
    days, place = np.unique(day, return_inverse=True)
    dates = pl.Series(np.datetime_as_string(days.astype("datetime64[D]")).tolist(), dtype=pl.String)
    return _gathered(dates, place) + _gathered(pl.Series(_SECONDS), second)


def _with(prefix: str, number: Ints) -> pl.Series:
    there = number >= 0
    return _spread(prefix + pl.Series(number[there]).cast(pl.String), there)


def _spread(values: pl.Series, there: np.ndarray) -> pl.Series:
    """Values in the rows that have one, nothing in the others."""
    if there.all():
        return values
    if not there.any():
        return pl.Series(values=[None] * len(there), dtype=pl.String)
    place = np.where(there, np.cumsum(there) - 1, 0)
    return values.gather(place).set(pl.Series(~there), None) if len(there) else values


def _gathered(values: pl.Series, place: Ints) -> pl.Series:
    missing = place < 0
    found = values.gather(np.where(missing, 0, place))
    return found.set(pl.Series(missing), None) if missing.any() else found


def _named(names: tuple[str, ...], code: Ints) -> pl.Series:
    return _gathered(pl.Series(names, dtype=pl.String), code.astype(np.int64))


def _numbers(values: Ints) -> pl.Series:
    return pl.Series(values.astype(np.int64)).set(pl.Series(values < 0), None)


def _degrees(values: np.ndarray) -> pl.Series:
    known = np.nan_to_num(values.astype(np.float64))
    return pl.Series(np.round(known * 10_000) / 10_000).set(pl.Series(np.isnan(values)), None)
