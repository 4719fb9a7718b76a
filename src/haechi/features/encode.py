"""From an event to the two rows of numbers that the kernel reads; the same for one event and for a whole frame.

Keys become 64-bit hashes (xxh3, seeded, because identifiers come from strangers). Two of ten million keys collide
with a probability of 3e-6; then two entities share one record.
"""

from __future__ import annotations

import struct
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import xxhash

from haechi.events import Event
from haechi.features import calendar as days
from haechi.features.blocks.categories import BIRTH_ORIGIN_DAYS
from haechi.features.blocks.surprise_layout import CALL, DEPOSIT, LIMIT, MESSAGE
from haechi.features.control import NO_AMOUNT
from haechi.features.digests import digests
from haechi.features.generate import PLACE, ROW_HEAD
from haechi.features.spec import Spec

__all__ = ["Encoder"]

_QUARTER_US = 900_000_000
DAY_US = 86_400_000_000
_EPOCH = date(1970, 1, 1)
_OFFSETS_MAX = 100_000
_HASHES_MAX = 10_000
NAN = float("nan")
# Kinds of events that are not the customer's own doing (money that comes in, and what others say about her), and what
# stands for them where another event has its kind of day.
NOT_OWN = dict.fromkeys(("refund", "profile", "verdict", "report", "check", "application"), -1)
NOT_OWN |= {"call": CALL, "message": MESSAGE, "deposit": DEPOSIT, "limit_change": LIMIT}
digest = xxhash.xxh3_64_intdigest


class Encoder:
    """Turn events into kernel rows for one spec."""

    def __init__(self, spec: Spec, seed: int = 0) -> None:
        """`seed` salts the hashes of keys; a home keeps its own."""
        self.spec = spec
        self.seed = seed
        self._keyed = tuple(e.name for e in spec.keyed)
        self._categories = tuple(c.name for c in spec.categories)
        self._zone = ZoneInfo(spec.timezone)
        self._offsets: dict[int, int] = {}
        self._hashes: dict[str, int] = {}
        self._untold = (0,) * len(spec.attributes)
        self.ints_width = ROW_HEAD + len(self._keyed) + len(self._categories) + len(spec.attributes)
        self.floats_width = PLACE + len(spec.numbers)
        # The last number of a row, when behaviour is asked for: which kind of day it is.
        self.calendar = None if spec.behaviour is None else spec.behaviour.calendar
        self.ints_width += self.calendar is not None
        keys = len(self._keyed) + len(self._categories)
        self._ints = struct.Struct(f"<qqq{keys}Q{len(spec.attributes)}q{int(self.calendar is not None)}q")
        self._floats = struct.Struct(f"<{self.floats_width}d")

    def one(self, event: Event, ints: np.ndarray, floats: np.ndarray) -> None:
        """Write one event into its two rows (int64 and float64)."""
        amount = event.amount
        entities, told, numbers = event.entities, event.attributes, event.numbers
        time_us, lat, lon = event.time_us, event.lat, event.lon
        offset = self._offsets.get(time_us // _QUARTER_US)
        seed = self.seed
        self._ints.pack_into(
            ints.data,
            0,
            time_us,
            NO_AMOUNT if amount is None else amount,
            self.offset_us(time_us) if offset is None else offset,
            *[digest(entities[n].encode(), seed) or 1 if n in entities else 0 for n in self._keyed],
            *self._category_keys(event),
            *(
                [self._attribute(n, told[n]) if n in told else 0 for n in self.spec.attributes]
                if told
                else self._untold
            ),
            *(() if self.calendar is None else (NOT_OWN.get(event.kind) or self.day_class(time_us),)),
        )
        if numbers or lat is not None or lon is not None:
            place = NAN if lat is None else lat, NAN if lon is None else lon
            self._floats.pack_into(floats.data, 0, *place, *[numbers.get(n, NAN) for n in self.spec.numbers])
        else:
            floats.fill(NAN)

    def subject_key(self, event: Event) -> int:
        """The key of the one whose behaviour is judged, 63 bits; 0 where the event names nobody."""
        subject = self.spec.subject
        text = None if subject is None else event.entities.get(subject.name)
        return 0 if text is None else (digest(text.encode(), self.seed) or 1) >> 1

    def day_class(self, time_us: int) -> int:
        """Which kind of day it is at a moment, in the calendar of the spec's behaviour."""
        return days.day_class((time_us + self.offset_us(time_us)) // DAY_US, self.calendar or "")

    def _category_keys(self, event: Event) -> list[int]:
        """Hashes of the event's categories; the same few values come again and again, so they are remembered."""
        found = []
        hashes, categories = self._hashes, event.categories
        for name in self._categories:
            text = event.kind if name == "kind" else categories.get(name)
            if text is None:
                found.append(0)
                continue
            key = hashes.get(text)
            if key is None:
                if len(hashes) >= _HASHES_MAX:
                    hashes.clear()
                key = hashes[text] = digest(text.encode(), self.seed) or 1
            found.append(key)
        return found

    def frame(self, frame: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Encode a canonical frame: int64 [n, ints_width] and float64 [n, floats_width]."""
        n = frame.height
        ints = np.zeros((n, self.ints_width), np.int64)
        floats = np.full((n, self.floats_width), np.nan)
        times = frame["time_us"].to_numpy()
        ints[:, 0] = times
        ints[:, 1] = frame["amount"].fill_null(NO_AMOUNT).to_numpy() if "amount" in frame.columns else NO_AMOUNT
        quarters, where = np.unique(times // _QUARTER_US, return_inverse=True)
        ints[:, 2] = np.array([self.offset_us(int(q) * _QUARTER_US) for q in quarters], np.int64)[where]
        column = ROW_HEAD
        sources = [f"entity:{n}" for n in self._keyed]
        sources += ["kind" if n == "kind" else f"category:{n}" for n in self._categories]
        for name in sources:
            ints[:, column] = self._keys(frame, name)
            column += 1
        for name in self.spec.attributes:
            ints[:, column] = self._attributes(frame, name)
            column += 1
        if self.calendar is not None:
            ints[:, column] = days.day_classes((times + ints[:, 2]) // DAY_US, self.calendar)
            if "kind" in frame.columns:
                told = frame["kind"].replace_strict(NOT_OWN, default=0, return_dtype=pl.Int64).fill_null(0).to_numpy()
                ints[told < 0, column] = told[told < 0]
        for i, name in enumerate(["lat", "lon", *(f"number:{n}" for n in self.spec.numbers)]):
            if name in frame.columns:
                floats[:, i] = frame[name].cast(pl.Float64).fill_null(NAN).to_numpy()
        return ints, floats

    def _keys(self, frame: pl.DataFrame, name: str) -> np.ndarray:
        if name not in frame.columns:
            return np.zeros(frame.height, np.int64)
        return digests(frame[name], self.seed).view(np.int64)

    def _attributes(self, frame: pl.DataFrame, name: str) -> np.ndarray:
        """Each different text is read once: attributes are told with few events."""
        if f"attribute:{name}" not in frame.columns:
            return np.zeros(frame.height, np.int64)
        texts = frame[f"attribute:{name}"].cast(pl.String)
        different = texts.unique().drop_nulls()
        if different.is_empty():
            return np.zeros(len(texts), np.int64)
        found = pl.Series([self._attribute(name, text) for text in different.to_list()], dtype=pl.Int64)
        return texts.replace_strict(different, found, default=None).fill_null(0).to_numpy()

    def _attribute(self, name: str, text: str) -> int:
        if name == "birth_date":
            try:
                return (date.fromisoformat(text[:10]) - _EPOCH).days + BIRTH_ORIGIN_DAYS
            except ValueError:
                return 0  # no date: as unknown as one that is missing, for it must not fail a decision
        return (digest(text.encode(), self.seed) >> 1) or 1

    def offset_us(self, time_us: int) -> int:
        """How far local time is ahead of UTC at a moment."""
        quarter = time_us // _QUARTER_US
        if quarter not in self._offsets:
            if len(self._offsets) >= _OFFSETS_MAX:
                self._offsets.clear()
            local = datetime.fromtimestamp(quarter * 900, UTC).astimezone(self._zone).utcoffset()
            assert local is not None
            self._offsets[quarter] = int(local.total_seconds()) * 1_000_000
        return self._offsets[quarter]
