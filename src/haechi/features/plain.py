"""Plain events: what a schema says, written down for compiled code, so that bytes become kernel rows in one call.

The meaning stays where it is (`Schema.event`, `Encoder`): this is the same for events that are written plainly, which
nearly all are, and says no to all others. tests/features/test_plain.py holds the two ways against each other.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Self

import numpy as np
from xxhash import xxh3_64_intdigest

from haechi.events import Event, Schema
from haechi.events.money import EXPONENTS
from haechi.events.times import UNITS
from haechi.features import table as at
from haechi.features.control import NO_AMOUNT
from haechi.features.encode import NOT_OWN, Encoder
from haechi.features.generate import PLACE, ROW_HEAD
from haechi.features.jit import FEW
from haechi.features.scan import scan, scan_few, scan_lines
from haechi.features.tokens import short_hash

__all__ = ["NOT_LOOKED_UP", "NO_AMOUNT", "Plain", "Spoken", "packed", "rehearse", "unpacked"]

BODY_BYTES_MAX = 1 << 16
LINES_AT_ONCE = 512
KEY_BITS = (1 << 64) - 1
SLACK_BYTES = 16  # compiled code reads words, and a word may end behind the body
LETTERS = 26
KINDS_KNOWN = 1_024
NOT_LOOKED_UP = -1
_SLACK = bytes(SLACK_BYTES)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What plain events say beside their rows, by column. Arrays would cost a small turn more than they spare."""

    names: Sequence[bytes]  # as they stand in their bodies
    time_us: Sequence[int]
    units: Sequence[int]  # NO_AMOUNT where there is none
    money: Sequence[int]  # the currency, packed
    kinds: Sequence[str]
    subjects: Sequence[int]  # keys in the memory, 63 bits; 0 where nobody's behaviour is judged, or NOT_LOOKED_UP

    @classmethod
    def one(cls, name: bytes, time_us: int, units: int, money: int, kind: str, subject: int) -> Self:
        """What one event says."""
        return cls((name,), (time_us,), (units,), (money,), (kind,), (subject,))

    def __len__(self) -> int:
        return len(self.names)

    def part(self, part: slice) -> Spoken:
        """Some events that stand side by side."""
        return Spoken(
            self.names[part], self.time_us[part], self.units[part], self.money[part], self.kinds[part],
            self.subjects[part],
        )  # fmt: skip


NOTHING_SAID = Spoken((), (), (), (), (), ())


class Plain:
    """Reads plain events of one schema: their rows are written where the kernel looks for them."""

    @classmethod
    def of(cls, schema: Schema, encoder: Encoder, ints: np.ndarray, floats: np.ndarray) -> Self | None:
        """A reader for this schema; None when the schema asks for more than compiled code can do."""
        joined = any(len(key.columns) > 1 for key in schema.keys)
        if joined or schema.missing or schema.time.format or not schema.id_column or not schema.is_bound:
            return None
        return cls(schema, encoder, ints, floats)

    def __init__(self, schema: Schema, encoder: Encoder, ints: np.ndarray, floats: np.ndarray) -> None:
        self.schema, self.encoder = schema, encoder
        self._ints = ints
        self._subject_at = _subject_place(encoder)
        self._kinds: dict[bytes, str] = {}
        self._kept: list[np.ndarray] = []  # what compiled code has the addresses of
        self._table = np.zeros(at.WORDS, np.int64)
        self.words = self._table.data
        self._address = self._table.ctypes.data
        self._body = self._array(np.uint8, BODY_BYTES_MAX + SLACK_BYTES)
        self._body_address = self._body.ctypes.data
        self._view = self._body.data
        self.words[at.INTS], self.words[at.FLOATS] = ints.ctypes.data, floats.ctypes.data
        self._kept += [ints, floats]
        self._make_room(LINES_AT_ONCE, 0)
        self._quarters = self._array(np.int64, 2 * at.QUARTERS_KNOWN, -1)
        self._days = self._array(np.int64, 2 * at.DAYS_KNOWN, -1)
        self._say()
        self.read(b"")  # compiled or loaded now, so that no event has to wait for it

    def read(self, body: bytes) -> bool:
        """Write the rows of one event; False when it is not plain, and then the rows hold nothing of worth."""
        size = len(body)
        if size > BODY_BYTES_MAX:
            return False
        self._view[:size] = body
        said = scan(self._address, self._body_address, size)
        while said == at.ASK:
            self._tell()
            said = scan(self._address, self._body_address, size)
        return bool(said)

    @property
    def time_us(self) -> int:
        """When the event happened that was read last."""
        return self.words[at.TIME_US]

    @property
    def money(self) -> int:
        """Its currency, packed."""
        return self.words[at.MONEY]

    def subject_in(self, ints: np.ndarray) -> int:
        """The key of an encoded event's subject."""
        return 0 if self._subject_at is None else (int(ints[self._subject_at]) & KEY_BITS) >> 1

    def said(self, body: bytes) -> Spoken:
        """What the event that was read last says beside its row."""
        units, subject = self.words[at.UNITS], self.subject_in(self._ints)
        return Spoken.one(self.name_in(body), self.time_us, units, self.money, self.kind_in(body), subject)

    def name_in(self, body: bytes) -> bytes:
        """Its id, as it stands in its body."""
        words = self.words
        start = words[at.ID_AT] - self._body_address
        return body[start : start + words[at.ID_SIZE]]

    def kind_in(self, body: bytes) -> str:
        """Its kind."""
        words = self.words
        start = words[at.KIND_AT] - self._body_address
        return self._kind(body[start : start + words[at.KIND_SIZE]])

    def _kind(self, said: bytes) -> str:
        """The kind that an event calls itself, by nothing where it does not; the same few come again and again."""
        kind = self._kinds.get(said)
        if kind is None:
            if len(self._kinds) >= KINDS_KNOWN:
                self._kinds.clear()
            role = self.schema.kind
            word = said.decode() or role.constant or role.default
            kind = self._kinds[said] = role.constant or role.map.get(word, word)
        return kind

    def read_lines(self, lines: Sequence[bytes], ints: np.ndarray, floats: np.ndarray) -> Spoken:
        """Write the rows of the first lines, as many as are plain; what they say beside their rows."""
        found, starts = self._read_lines(lines, ints, floats)
        if not len(found):
            return NOTHING_SAID
        names, sizes, time_us, units, money, kinds, kind_sizes, _ = zip(*found.tolist(), strict=True)
        subjects = [0] * len(found)
        if self._subject_at is not None:
            subjects = [(key & KEY_BITS) >> 1 for key in ints[: len(found), self._subject_at].tolist()]
        cuts = zip(lines, starts, names, sizes, kinds, kind_sizes, strict=False)
        said = [
            (line[name - start : name - start + size], line[kind - start : kind - start + kind_size])
            for line, start, name, size, kind, kind_size in cuts
        ]
        known, kind_of = self._kinds, self._kind
        words = [known[kind] if kind in known else kind_of(kind) for _, kind in said]
        return Spoken([name for name, _ in said], time_us, units, money, words, subjects)

    def read_all(self, bodies: Sequence[bytes], event_of: Callable[[int], Event]) -> tuple[np.ndarray, np.ndarray]:
        """The rows of all these events; `event_of` makes the event of a place whose body is not plain."""
        n, encoder = len(bodies), self.encoder
        ints, floats = np.zeros((n, encoder.ints_width), np.int64), np.empty((n, encoder.floats_width))
        place = 0
        while place < n:
            part = slice(place, place + LINES_AT_ONCE)
            lines = bodies[part]
            found, _ = self._read_lines(lines, ints[part], floats[part])
            place += len(found)
            if len(found) < len(lines):
                encoder.one(event_of(place), ints[place], floats[place])
                place += 1
        return ints, floats

    def _read_lines(
        self, lines: Sequence[bytes], ints: np.ndarray, floats: np.ndarray
    ) -> tuple[np.ndarray, Iterable[int]]:
        """What the table found of the first lines that are plain, int64 [plain, FOUND_WORDS], and where each begins.

        Both hold until the next call.
        """
        count = len(lines)
        text = b"\n".join((*lines, _SLACK))
        if count > len(self._found) or len(text) > len(self._text):
            self._make_room(count, len(text))
        self._text_view[: len(text)] = text
        ends = array("q", accumulate((len(line) + 1 for line in lines), initial=0))
        where, rows = ends.buffer_info()[0], (ints.ctypes.data, floats.ctypes.data, self._found_address)
        read, known, scan_them = 0, -1, scan_few if count <= FEW else scan_lines
        while True:
            read = scan_them(self._address, self._text_address, where, read, count, *rows)
            if read in (count, known):
                break
            known = read
            self._tell()
        return self._found[:read], (self._text_address + end for end in ends)

    def _make_room(self, lines: int, size: int) -> None:
        """Room for the text of so many lines, and for what is found in them."""
        self._found = np.zeros((max(lines, LINES_AT_ONCE), at.FOUND_WORDS), np.int64)
        self._text = np.zeros(max(size, 2 * BODY_BYTES_MAX), np.uint8)
        self._text_view = self._text.data
        self._found_address, self._text_address = self._found.ctypes.data, self._text.ctypes.data

    def _tell(self) -> None:
        """Tell the table what it asked: the local time of a moment, and which kind of day it is."""
        time_us = self.words[at.ASKED_US]
        quarter, offset = time_us // at.QUARTER_US, self.encoder.offset_us(time_us)
        place = 2 * (quarter % at.QUARTERS_KNOWN)
        self._quarters[place : place + 2] = quarter, offset
        if self.encoder.calendar is not None:
            day = (time_us + offset) // at.DAY_US
            place = 2 * (day % at.DAYS_KNOWN)
            self._days[place : place + 2] = day, self.encoder.day_class(time_us)

    def _say(self) -> None:
        """Write down all that the schema and the spec say."""
        schema, encoder, words = self.schema, self.encoder, self.words
        columns = {name: i for i, name in enumerate(schema.columns)}
        self._say_columns(schema.columns)
        self._say_roles(columns)
        self._say_kind()
        self._say_money()
        first_us, end_us = schema.time.bounds_us
        times, divided = UNITS[schema.time.unit] if schema.time.unit else (0, 1)
        said = {
            at.SEED: encoder.seed, at.INTS_WIDTH: encoder.ints_width, at.FLOATS_WIDTH: encoder.floats_width,
            at.CALENDAR: -1 if encoder.calendar is None else encoder.ints_width - 1,
            at.QUARTERS: self._quarters.ctypes.data, at.DAYS: self._days.ctypes.data,
            at.ID: columns[schema.id_column], at.TIME: columns[schema.time.column],
            at.KIND: columns[schema.kind.column] if schema.kind.column else -1,
            at.AMOUNT: columns[schema.amount.column] if schema.amount else -1,
            at.CURRENCY: columns.get(schema.amount.currency_column, -1) if schema.amount else -1,
            at.LAT: columns[schema.place[0]] if schema.place else -1,
            at.LON: columns[schema.place[1]] if schema.place else -1,
            at.MINOR: int(schema.amount is not None and schema.amount.minor),
            at.UNIT_TIMES: times, at.UNIT_DIVIDED: divided, at.ORIGIN_US: schema.time.origin_us,
            at.FIRST_US: first_us, at.END_US: end_us, at.NAIVE_IS_UTC: int(not schema.time.timezone),
        }  # fmt: skip
        for place, value in said.items():
            words[place] = value

    def _say_columns(self, columns: Sequence[str]) -> None:
        """A table of hashed names, at most half full; tokens stand behind a spare one for what nobody asks for."""
        names = self._array(np.int64, 2 * len(columns))
        mask = (1 << (4 * len(columns)).bit_length()) - 1
        slots = self._array(np.int64, mask + 1)
        for i, column in enumerate(columns):
            name = column.encode()
            text = self._array(np.uint8, len(name) + SLACK_BYTES)
            text[: len(name)] = np.frombuffer(name, np.uint8)
            names[2 * i : 2 * i + 2] = text.ctypes.data, len(name)
            place = short_hash(text.ctypes.data, len(name)) & mask
            while slots[place]:
                place = (place + 1) & mask
            slots[place] = i + 1
        tokens = self._array(np.int64, at.TOKEN_WORDS * (len(columns) + 1))
        words = self.words
        words[at.COLUMNS], words[at.SLOTS], words[at.SLOTS_MASK] = names.ctypes.data, slots.ctypes.data, mask
        words[at.TOKENS], words[at.COLUMNS_COUNT] = tokens.ctypes.data + 8 * at.TOKEN_WORDS, len(columns)

    def _say_roles(self, columns: dict[str, int]) -> None:
        schema, spec = self.schema, self.encoder.spec
        keyed = [e.name for e in spec.keyed]
        categories = [c.name for c in spec.categories]
        attributes = list(spec.attributes)
        behind = ROW_HEAD + len(keyed)
        found: list[tuple[int, int, int]] = []
        for key in schema.keys:
            found.append((at.KEY, columns[key.columns[0]], _place(keyed, key.name, ROW_HEAD)))
        for name in schema.category_names:
            if name != "kind":
                found.append((at.KEY, columns[name], _place(categories, name, behind)))
        if "kind" in categories:
            found.append((at.SAME_KIND, 0, behind + categories.index("kind")))
        for name, column in schema.attributes:
            found.append((at.ATTRIBUTE, columns[column], _place(attributes, name, behind + len(categories))))
        for name in schema.number_names:
            found.append((at.NUMBER, columns[name], _place(list(spec.numbers), name, PLACE)))
        self.words[at.ROLES], self.words[at.ROLES_COUNT] = self._list(found), len(found)

    def _say_kind(self) -> None:
        """Kinds that are renamed, that are not the customer's own doing, or that are never plain."""
        role = self.schema.kind
        special = {*role.map, *NOT_OWN, role.default, role.constant} - {""}
        found = []
        for word in sorted(special):
            means = word if role.constant else role.map.get(word, word)
            found.append((self._hash(word), 0 if means == "check" else self._hash(means), NOT_OWN.get(means, 0)))
            if word in (role.constant, role.default):
                self.words[at.KIND_DEFAULT] = found[-1][1]
        self.words[at.KINDS], self.words[at.KINDS_COUNT] = self._list(found), len(found)

    def _say_money(self) -> None:
        exponents = self._array(np.uint8, LETTERS**3 + SLACK_BYTES)
        for code, decimals in EXPONENTS.items():
            a, b, c = (ord(letter) - ord("A") for letter in code)
            exponents[(a * LETTERS + b) * LETTERS + c] = decimals + 1
        self.words[at.CURRENCIES] = exponents.ctypes.data
        self.words[at.CURRENCY_DEFAULT] = packed(self.schema.currency)

    def _hash(self, text: str) -> int:
        found = xxh3_64_intdigest(text.encode(), self.encoder.seed) or 1
        return found - 2**64 if found >= 2**63 else found

    def _list(self, rows: Iterable[Iterable[int]]) -> int:
        """Numbers where they stay; the address of the first."""
        flat = [number for row in rows for number in row]
        array = self._array(np.int64, len(flat) + 1)
        array[: len(flat)] = flat
        return int(array.ctypes.data)

    def _array(self, kind: Any, size: int, value: int = 0) -> np.ndarray:
        self._kept.append(np.full(size, value, kind))
        return self._kept[-1]


def packed(currency: str) -> int:
    """Three letters as one number, 0 for none."""
    return int.from_bytes(currency.encode(), "big")


def unpacked(money: int) -> str:
    """The currency behind the number."""
    return money.to_bytes(3, "big").decode() if money else ""


def _subject_place(encoder: Encoder) -> int | None:
    subject, keyed = encoder.spec.subject, [e.name for e in encoder.spec.keyed]
    return None if subject is None or subject.name not in keyed else ROW_HEAD + keyed.index(subject.name)


def _place(names: list[str], name: str, first: int) -> int:
    return first + names.index(name) if name in names else -1


def rehearse() -> None:
    """Compile or load what reads plain events, before the first of them has to wait: no line is read."""
    table = np.zeros(at.WORDS, np.int64)
    nothing = table.ctypes.data
    for scan_them in (scan_few, scan_lines):
        scan_them(nothing, nothing, nothing, 0, 0, nothing, nothing, nothing)
