"""A glance at many events: when, how much, and the hashes of a few words of each, for whoever shows what happens.

The bytes are read in compiled code that lets go of the interpreter's lock; what is not plain is left to the caller,
who reads it as an event. tests/test_following.py holds what both ways show against each other.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple, Self

import numpy as np

from haechi.events import Schema
from haechi.features.encode import Encoder
from haechi.features.jit import compiled
from haechi.features.plain import SLACK_BYTES, Plain
from haechi.features.scan import _kind, scan
from haechi.features.table import (
    ASK,
    KIND_AT,
    KIND_SIZE,
    MONEY,
    NULL,
    PLAIN,
    SEED,
    TEXT,
    TIME_US,
    TOKEN_WORDS,
    TOKENS,
    UNITS,
    UNUSUAL,
    WHOLE,
)
from haechi.features.words import load_i8, store_i8, store_u1
from haechi.features.xxh3 import BYTES_MAX, xxh3

__all__ = ["Glance", "Glanced"]

SLACK = b"\n" * SLACK_BYTES
SIZE_BITS = 8  # a word that is hashed here has at most 128 bytes
NUMBERS = 3
KIND_SAID = -2


class Glanced(NamedTuple):
    """What was seen of so many bodies, by column; of those that are not plain, nothing.

    plain: bool [n]. numbers: int64 [3, n], the time, the amount in minor units and the currency, packed. words and
    places: int64 [wanted, n], hashes of words, 0 for none, and where each stands in its body.
    """

    plain: np.ndarray
    numbers: np.ndarray
    words: np.ndarray
    places: np.ndarray


class Glance(Plain):
    """Reads the words of plain events of one schema; one thread calls it."""

    @classmethod
    def at(cls, schema: Schema, encoder: Encoder, tags: Sequence[str], links: Sequence[str]) -> Self | None:
        """A reader of these words: the kind and categories, then entities or, where there is none, fields."""
        found = cls.of(schema, encoder, np.zeros(encoder.ints_width, np.int64), np.zeros(encoder.floats_width))
        if found is not None:
            found.look_for(tags, links)
        return found

    def look_for(self, tags: Sequence[str], links: Sequence[str]) -> None:
        """Tell compiled code which words to hash, two columns for each."""
        schema = self.schema
        fields = [name for name in links if name not in schema.columns]
        columns = (*schema.columns, *fields)
        self._say_columns(columns)
        keys = {key.name: key.columns[0] for key in schema.keys}
        firsts = [KIND_SAID if tag == "kind" else _place(schema.category_names, tag, columns, tag) for tag in tags]
        rows = [(first, -1) for first in firsts]
        rows += [(_place(keys, n, columns, keys.get(n, "")), _place(fields, n, columns, n)) for n in links]
        self._wanted, self._names = self._list(rows), (*tags, *links)

    def text(self, seen: Glanced, body: bytes, wanted: int, row: int) -> str:
        """A word that was seen in a body."""
        start, size = divmod(int(seen.places[wanted, row]), 1 << SIZE_BITS)
        said = body[start : start + size]
        return self._kind(said) if self._names[wanted] == "kind" else said.decode()

    def glance(self, bodies: Sequence[bytes]) -> Glanced:
        """What is to be seen of these bodies."""
        n, wanted = len(bodies), len(self._names)
        ends = np.zeros(n + 1, np.int64)
        np.cumsum([len(body) + 1 for body in bodies], out=ends[1:])
        text = np.frombuffer(b"\n".join([*bodies, SLACK]), np.uint8)
        plain, numbers = np.zeros(n, np.bool_), np.zeros((NUMBERS, n), np.int64)
        words, places = np.zeros((wanted, n), np.int64), np.zeros((wanted, n), np.int64)
        outs = [a.ctypes.data for a in (plain, numbers, words, places)]
        read = 0
        while read < n:
            read = _glance(self._address, text.ctypes.data, ends.ctypes.data, read, n, self._wanted, wanted, *outs)
            if read < n:
                self._tell()
        return Glanced(plain, numbers, words, places)


def _place(names: Collection[str], name: str, columns: Sequence[str], column: str) -> int:
    return columns.index(column) if name in names else -1


@compiled
def _word(t: int, what: int, at: int, size: int, is_field: bool) -> Any:
    """The hash of a token: 0 when it says nothing, -1 when it cannot be read here."""
    if what == 0 or what == NULL or (what == TEXT and size == 0):
        return 0
    if what != TEXT and (is_field or what != WHOLE):
        return 0 if is_field else -1
    if size > BYTES_MAX:
        return -1
    found = xxh3(at, size, load_i8(t + 8 * SEED))
    return 1 if found == 0 else found


@compiled
def _words(t: int, start: int, wanted: int, count: int, n: int, i: int, words: int, places: int) -> bool:
    """The words of the event that was read last; False when one of them is not plain."""
    tokens = load_i8(t + 8 * TOKENS)
    for w in range(count):
        found: Any = 0
        where, size = start, 0
        first = load_i8(wanted + 16 * w)
        if first == KIND_SAID:
            found = _kind(t)
            where, size = load_i8(t + 8 * KIND_AT), load_i8(t + 8 * KIND_SIZE)
        for part in range(2):
            column = load_i8(wanted + 16 * w + 8 * part)
            if found != 0 or column < 0:
                continue
            token = tokens + 8 * TOKEN_WORDS * column
            where, size = load_i8(token + 8), load_i8(token + 16)
            found = _word(t, load_i8(token), where, size, part == 1)
            if found == -1:
                return False
        store_i8(words + 8 * (w * n + i), found)
        store_i8(places + 8 * (w * n + i), (where - start) << SIZE_BITS | (size if found != 0 else 0))
    return True


@compiled
def _glance(
    t: int, bodies: int, ends: int, first: int, n: int, wanted: int, count: int, plain: int, numbers: int, words: int,
    places: int,
) -> int:  # fmt: skip
    """Read bodies one after another; where it stopped because the table did not know a local time, or their number."""
    for i in range(first, n):
        start, end = load_i8(ends + 8 * i), load_i8(ends + 8 * i + 8) - 1
        said = scan(t, bodies + start, end - start)
        if said == ASK:
            return i
        if said == UNUSUAL or not _words(t, bodies + start, wanted, count, n, i, words, places):
            continue
        store_u1(plain + i, PLAIN)
        store_i8(numbers + 8 * i, load_i8(t + 8 * TIME_US))
        store_i8(numbers + 8 * (n + i), load_i8(t + 8 * UNITS))
        store_i8(numbers + 8 * (2 * n + i), load_i8(t + 8 * MONEY))
    return n
