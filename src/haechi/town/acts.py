"""What people do, as columns: the town's own form of events before they are written out.

One row is one event. Codes and counts stand for names; -1 (or NaN) means that the event has no such field.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from haechi.town.dice import Ints


class Kind(IntEnum):
    """The kinds of events of the schema `bank`."""

    PROFILE = 0
    PAYMENT = 1
    TRANSFER = 2
    WITHDRAWAL = 3
    DEPOSIT = 4
    LOGIN = 5
    DEVICE = 6
    PAYEE = 7
    LIMIT_CHANGE = 8
    CALL = 9
    MESSAGE = 10
    CHECK = 11
    REPORT = 12
    VERDICT = 13
    REFUND = 14
    APPLICATION = 15


KINDS = tuple(kind.name.lower() for kind in Kind)
JUDGED = (Kind.PAYMENT, Kind.TRANSFER, Kind.WITHDRAWAL)  # the kinds that are labelled as fraud or not
CHANNELS = ("pos", "mobile", "online", "atm", "branch", "phone", "app")
POS, MOBILE, ONLINE, ATM, BRANCH, PHONE, APP = range(len(CHANNELS))
METHODS = ("pin", "biometric", "otp", "selfie", "ars", "chip", "contactless", "keyed", "password", "swipe",
           "id_card", "one_won")  # fmt: skip
PIN, BIOMETRIC, OTP, SELFIE, ARS, CHIP, CONTACTLESS, KEYED, PASSWORD, SWIPE, ID_CARD, ONE_WON = range(len(METHODS))
RESULTS = ("ok", "failed", "declined", "fraud", "legitimate")
OK, FAILED, DECLINED, FRAUD, LEGITIMATE = range(len(RESULTS))
OTHER_BANKS = 1 << 40  # accounts from here on are at other banks
STRANGE_DEVICES = 1 << 40  # devices from here on belong to no customer
ABSENT = -1

# name -> (type, what stands where an event has no such field)
COLUMNS: dict[str, tuple[Any, Any]] = {
    "time_us": (np.int64, 0),
    "kind": (np.int8, 0),
    "key": (np.int64, 0),  # the number of the event's id
    "customer": (np.int64, 0),
    "party": (np.int64, ABSENT),  # an account for kinds about money sent or received, else a merchant
    "card": (np.int8, ABSENT),
    "device": (np.int64, ABSENT),
    "ip": (np.int64, ABSENT),
    "amount": (np.int64, ABSENT),
    "category": (np.int8, ABSENT),
    "channel": (np.int8, ABSENT),
    "country": (np.int8, ABSENT),
    "method": (np.int8, ABSENT),
    "result": (np.int8, ABSENT),
    "terminal": (np.int8, ABSENT),
    "risk": (np.int16, ABSENT),  # thousandths
    "duration_s": (np.int32, ABSENT),
    "lat": (np.float32, np.nan),
    "lon": (np.float32, np.nan),
    "text": (np.int32, ABSENT),  # the number of a sentence in the town's speech
    "ref": (np.int64, ABSENT),  # the id number of the event that this one is about
    "campaign": (np.int64, ABSENT),  # the number of the campaign it belongs to
    "role": (np.int16, ABSENT),
    "fraud": (np.bool_, False),  # done by a fraudster, or at his word
    "told": (np.int8, ABSENT),  # what the bank comes to believe: 0 no, 1 yes, ABSENT never said
    "told_us": (np.int64, 0),
    "source": (np.int8, 0),
}


@dataclass(frozen=True)
class Acts:
    """A table of events."""

    columns: dict[str, npt.NDArray[Any]]

    def __len__(self) -> int:
        return len(self.columns["time_us"])

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        return self.columns[name]

    def take(self, rows: npt.NDArray[Any] | slice) -> Acts:
        """Some of the rows."""
        return Acts({name: values[rows] for name, values in self.columns.items()})

    def in_order(self) -> Acts:
        """The rows in order of time; at one moment, in order of id."""
        return self.take(np.lexsort((self["key"], self["time_us"])))


def acts_of(n: int, **given: Any) -> Acts:
    """A table of `n` events from the columns given; the others stand empty."""
    columns = {}
    for name, (dtype, empty) in COLUMNS.items():
        if name in given:
            columns[name] = np.broadcast_to(np.asarray(given.pop(name), dtype), (n,))
        else:
            columns[name] = np.broadcast_to(np.asarray(empty, dtype), (n,))
    if given:
        raise ValueError(f"events have no column {sorted(given)}")
    return Acts(columns)


def joined(tables: Sequence[Acts]) -> Acts:
    """Several tables as one."""
    if not tables:
        return acts_of(0)
    return Acts({name: np.concatenate([t[name] for t in tables]) for name in COLUMNS})


KEY_BITS = 42
_KEY_MASK = (1 << KEY_BITS) - 1


def scrambled(low: Ints) -> Ints:
    """A one-to-one scrambling of numbers below 2**42, so that an id tells nothing about who made the event."""
    value = low.astype(np.uint64) & np.uint64(_KEY_MASK)
    with np.errstate(over="ignore"):
        for factor in (0x2545F4914F6CDD1D, 0x9E3779B97F4A7C15):
            value = (value * np.uint64(factor)) & np.uint64(_KEY_MASK)
            value ^= value >> np.uint64(21)
    return value.astype(np.int64)


def keys(day: int, stream: int, first: int, count: int) -> Ints:
    """Id numbers of one stream (a block of people) on one day."""
    return (day << KEY_BITS) | scrambled((stream << 24) + np.arange(first, first + count))
