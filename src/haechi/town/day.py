"""One day of a town: its payments as columns, and as native events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from haechi.town.fraud import KINDS
from haechi.town.habits import CATEGORY_NAMES
from haechi.town.labels import NEVER
from haechi.town.people import People
from haechi.town.shops import Shops

Ints = npt.NDArray[np.int64]
CHANNELS = ("pos", "mobile", "online")  # card at the counter, phone at the counter, on the net
POS, MOBILE, ONLINE = 0, 1, 2
SEOUL_US = 9 * 3_600_000_000


def iso_seoul(time_us: Ints) -> list[str]:
    """Times as people in Seoul write them, with their offset."""
    local = np.datetime_as_string(((time_us + SEOUL_US) // 1_000_000).astype("datetime64[s]"))
    return [f"{text}+09:00" for text in local.tolist()]


@dataclass(frozen=True)
class Day:
    """The payments of one day in order of time, and what they truly are."""

    number: int
    date: date
    people: People
    shops: Shops
    time_us: Ints
    customer: Ints
    shop: Ints
    amount: Ints
    channel: Ints
    fraud_kind: npt.NDArray[np.int8]
    known_at_us: Ints

    def __len__(self) -> int:
        return len(self.time_us)

    @property
    def fraud(self) -> npt.NDArray[np.bool_]:
        """Which payments are fraud."""
        return self.fraud_kind > 0

    @cached_property
    def ids(self) -> list[str]:
        """The payments' ids: the date and a running number."""
        prefix = f"p-{self.date:%Y%m%d}-"
        return [f"{prefix}{i}" for i in range(1, len(self) + 1)]

    def rows(self, *, labelled: bool = False) -> list[dict[str, Any]]:
        """The day as native events of the schema `bank`; day 0 opens with everybody's profile.

        `labelled` adds `fraud` and `known_at` to each payment whose label arrives some day, for files of history.
        """
        return [row for batch in self.batches(labelled=labelled) for row in batch]

    def batches(self, rows_max: int = 50_000, *, labelled: bool = False) -> Iterator[list[dict[str, Any]]]:
        """The same events a bounded number at a time."""
        for first in range(0, len(self.people) if self.number == 0 else 0, rows_max):
            yield self._profiles(range(first, min(first + rows_max, len(self.people))))
        for first in range(0, len(self), rows_max):
            span = slice(first, first + rows_max)
            rows = self._payments(span)
            yield self._with_labels(rows, span) if labelled else rows

    def labels(self) -> list[dict[str, Any]]:
        """The labels of the day's payments, in order of payment; those never known are left out."""
        known, fraud = self.known_at_us, self.fraud.tolist()
        return [
            {"event_id": i, "fraud": f, "known_at": at}
            for i, f, k, at in zip(self.ids, fraud, known.tolist(), iso_seoul(known), strict=True)
            if k != NEVER
        ]

    def truth(self) -> list[dict[str, Any]]:
        """What nobody in the bank knows: every fraud of the day with its kind."""
        places = np.flatnonzero(self.fraud).tolist()
        return [{"event_id": self.ids[i], "fraud": True, "kind": KINDS[self.fraud_kind[i]]} for i in places]

    def _profiles(self, customers: range) -> list[dict[str, Any]]:
        midnight = f"{self.date.isoformat()}T00:00:00+09:00"
        return [
            {"id": f"f-{i}", "kind": "profile", "time": midnight, "customer": f"c-{i}",
             "birth_date": self.people.birth_date(i).isoformat()}
            for i in customers
        ]  # fmt: skip

    def _with_labels(self, rows: list[dict[str, Any]], span: slice) -> list[dict[str, Any]]:
        known, fraud = self.known_at_us[span], self.fraud[span].tolist()
        for row, f, k, at in zip(rows, fraud, known.tolist(), iso_seoul(known), strict=True):
            if k != NEVER:
                row |= {"fraud": f, "known_at": at}
        return rows

    def _payments(self, span: slice) -> list[dict[str, Any]]:
        names, categories = self.shops.names, self.shops.category.tolist()
        phones = self.people.phone(self.customer[span], self.number).tolist()
        rows = []
        for id_, time, customer, shop, amount, channel, phone in zip(
            self.ids[span], iso_seoul(self.time_us[span]), self.customer[span].tolist(), self.shop[span].tolist(),
            self.amount[span].tolist(), self.channel[span].tolist(), phones, strict=True,
        ):  # fmt: skip
            row = {
                "id": id_, "kind": "payment", "time": time, "customer": f"c-{customer}", "card": f"k-{customer}",
                "merchant": names[shop], "amount": amount, "currency": "KRW",
                "merchant_category": CATEGORY_NAMES[categories[shop]], "channel": CHANNELS[channel],
            }  # fmt: skip
            if channel != POS:
                row["device"] = f"d-{customer}-{phone}"
            rows.append(row)
        return rows
