"""What happened lately, and to whom: a read model over archive and journal that pages ask instead of either.

A ring of so many events, by column: a few machine words each, every name kept once. Asking for one customer's month or
for everybody who shares her devices is a walk over arrays, so it costs the same at any hour, and it holds up no commit.
What is older than the ring is in the archive, for whoever has time (`haechi profile`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from haechi.events import Event

__all__ = ["LINKS", "Happened", "Linked", "Past", "Recent", "Seen"]

LINKS = ("customer", "device", "payee", "account", "card", "ip", "merchant")
PLACES = ("merchant",)  # where everybody goes: no link between people
TAGS = ("kind", "currency", "action", "merchant_category", "channel", "result")
SAME = {"payee": "account", "account": "payee"}  # one account number, seen from both ends of a transfer
EVENTS_MAX = 1_000_000
FIRST_EVENTS = 16_384
HUB = 25  # whom more people than these share, they do not know of each other: it is shown, and not walked through
NODES_MAX = 600
NOTHING = np.iinfo(np.int64).min
Numbers = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Entity = tuple[str, str]


class Seen(NamedTuple):
    """One event on its way into the ring; `action` is empty where nothing was decided."""

    seq: int
    event: Event
    action: str = ""


class Happened(NamedTuple):
    """One event as pages list it; amounts in minor units, None where there is none."""

    seq: int
    time_us: int
    amount: int | None
    fraud: bool
    tags: Mapping[str, str]
    links: Mapping[str, str]


class Linked(NamedTuple):
    """What is connected: entities as (kind, name) with what is known of them, and pairs with how often they met."""

    nodes: dict[Entity, Meeting]
    edges: dict[tuple[Entity, Entity], int]


@dataclass
class Meeting:
    """One entity of a graph: how many steps away, in how many events, with how many people, and whether in a fraud."""

    hops: int
    events: int = 0
    people: int = 0
    fraud: bool = False


@dataclass(frozen=True)
class Past:
    """One entity's events, oldest first; `since_us` is the oldest moment that the ring still knows."""

    times_us: Numbers
    amounts: Numbers
    currencies: list[str]
    actions: list[str]
    kinds: list[str]
    frauds: npt.NDArray[np.bool_]
    latest: list[Happened]
    since_us: int


class _Names:
    """Words as numbers; 0 is no word."""

    def __init__(self) -> None:
        self.words: list[str] = [""]
        self._codes: dict[str, int] = {"": 0}

    def code(self, word: str | None) -> int:
        """The number of a word, a new one if need be."""
        word = word or ""
        found = self._codes.get(word)
        if found is None:
            found = self._codes[word] = len(self.words)
            self.words.append(word)
        return found

    def known(self, word: str) -> int | None:
        """The number of a word that was seen."""
        return self._codes.get(word)

    def compact(self, codes: Codes) -> Codes:
        """Forget every word that no event of these has any more; the same codes in new numbers."""
        kept, again = np.unique(codes, return_inverse=True)
        words = [self.words[code] for code in kept]
        self.__init__()  # type: ignore[misc]
        return np.array([self.code(word) for word in words], np.int32)[again].astype(np.int32)


class Recent:
    """The ring; every call may come from any thread."""

    def __init__(self, subject: str = "customer", events_max: int = EVENTS_MAX) -> None:
        self.subject, self._max = subject, events_max
        self.links = tuple(dict.fromkeys((subject, *LINKS)))
        self._names = {name: _Names() for name in (*TAGS, *self.links)}
        size = min(FIRST_EVENTS, events_max)
        self._numbers = {name: np.zeros(size, np.int64) for name in ("seq", "time", "amount")}
        self._codes = {name: np.zeros(size, np.int32) for name in self._names}
        self._fraud = np.zeros(size, np.bool_)
        self.added = self.last_seq = 0
        self._lock = threading.Lock()

    def add(self, seen: Iterable[Seen]) -> None:
        """Take up events as they came."""
        with self._lock:
            for seq, event, action in seen:
                tags = {"kind": event.kind, "currency": event.currency, "action": action, **event.categories}
                at = self._place(seq, event.time_us, event.amount)
                for name in TAGS:
                    self._codes[name][at] = self._names[name].code(_word(tags.get(name)))
                for name in self.links:
                    word = event.entities.get(name) or event.attributes.get(name) or _word(event.fields.get(name))
                    self._codes[name][at] = self._names[name].code(word)

    def add_frame(self, frame: pl.DataFrame) -> None:
        """Take up imported rows: a canonical frame with its numbers."""
        frame = frame.tail(self._max)
        frauds = (frame["label"] == 1).fill_null(False).to_list() if "label" in frame.columns else []
        columns = {"kind": "kind", "currency": "currency"}
        columns |= {name: f"category:{name}" for name in TAGS if name not in columns}
        columns |= {
            name: next((c for c in (f"entity:{name}", f"attribute:{name}") if c in frame.columns), "")
            for name in self.links
        }
        words = {n: frame[c].to_list() for n, c in columns.items() if c in frame.columns}
        with self._lock:
            rows = zip(frame["seq"].to_list(), frame["time_us"].to_list(), frame["amount"].to_list(), strict=True)
            for row, (seq, time_us, amount) in enumerate(rows):
                at = self._place(seq, time_us, amount)
                for name, names in self._names.items():
                    self._codes[name][at] = names.code(words[name][row]) if name in words else 0
                self._fraud[at] = bool(frauds) and frauds[row]

    def mark(self, seq: int, fraud: bool) -> None:
        """An event turned out to be a fraud, or not."""
        with self._lock:
            self._fraud[np.flatnonzero(self._numbers["seq"][: self._count()] == seq)] = fraud

    def of(self, kind: str, name: str, since_us: int = 0, latest: int = 50) -> Past:
        """One entity's events since a moment, and the latest of them in full."""
        with self._lock:
            rows = self._rows(kind, name)
            rows = rows[self._numbers["time"][rows] >= since_us]
            times = self._numbers["time"]
            known = times[: self._count()]
            return Past(
                times_us=times[rows].copy(), amounts=self._numbers["amount"][rows].copy(),
                currencies=self._words("currency", rows), actions=self._words("action", rows),
                kinds=self._words("kind", rows), frauds=self._fraud[rows].copy(),
                latest=[self._happened(int(row)) for row in rows[::-1][:latest]],
                since_us=int(known.min()) if len(known) else 0,
            )  # fmt: skip

    def around(self, kind: str, name: str, since_us: int = 0) -> Linked:
        """Who is connected with an entity: by things that both used, two hops far."""
        with self._lock:
            return _Walk(self, since_us).around(kind, name)

    def _place(self, seq: int, time_us: int, amount: int | None) -> int:
        at = self.added % self._max
        if at == 0 and self.added:
            self._codes = {name: self._names[name].compact(codes) for name, codes in self._codes.items()}
        elif at >= len(self._fraud):
            self._grow()
        for name, value in (("seq", seq), ("time", time_us), ("amount", NOTHING if amount is None else amount)):
            self._numbers[name][at] = value
        self._fraud[at] = False
        self.added += 1
        self.last_seq = seq
        return at

    def _grow(self) -> None:
        more = min(len(self._fraud), self._max - len(self._fraud))
        self._numbers = {name: np.concatenate([a, np.zeros(more, np.int64)]) for name, a in self._numbers.items()}
        self._codes = {name: np.concatenate([a, np.zeros(more, np.int32)]) for name, a in self._codes.items()}
        self._fraud = np.concatenate([self._fraud, np.zeros(more, np.bool_)])

    def _count(self) -> int:
        return min(self.added, self._max)

    def _rows(self, kind: str, name: str) -> Numbers:
        """Where an entity's events stand, by time."""
        code = self._names[kind].known(name) if kind in self._codes and name else None
        if code is None:
            return np.zeros(0, np.int64)
        rows = np.flatnonzero(self._codes[kind][: self._count()] == code)
        return rows[np.argsort(self._numbers["time"][rows], kind="stable")]

    def _words(self, column: str, rows: Numbers) -> list[str]:
        words = self._names[column].words
        return [words[code] for code in self._codes[column][rows].tolist()]

    def _happened(self, row: int) -> Happened:
        words = {name: names.words[self._codes[name][row]] for name, names in self._names.items()}
        amount = int(self._numbers["amount"][row])
        return Happened(
            int(self._numbers["seq"][row]), int(self._numbers["time"][row]), None if amount == NOTHING else amount,
            bool(self._fraud[row]), {n: words[n] for n in TAGS if words[n]},
            {n: words[n] for n in self.links if words[n]},
        )  # fmt: skip


class _Walk:
    """One walk through the ring, under its lock."""

    def __init__(self, ring: Recent, since_us: int) -> None:
        self._ring, self._since_us = ring, since_us
        self._walked = [link for link in ring.links if link not in PLACES]
        self._found = Linked({}, {})

    def around(self, kind: str, name: str) -> Linked:
        middle, subject = (kind, name), self._ring.subject
        rows = self._events_of([middle])
        self._found.nodes[middle] = self._meeting(0, rows[middle])
        first = self._step(rows, 1, lambda _: [link for link in self._walked if link != kind])
        rows = {one: found for one, found in first.items() if one[0] == subject or self._people(found) <= HUB}
        self._step(rows, 2, lambda one: self._walked if one[0] == subject else (subject,))
        return self._found

    def _step(
        self, events: dict[Entity, Numbers], hops: int, links: Callable[[Entity], Sequence[str]]
    ) -> dict[Entity, Numbers]:
        """Meet whoever shares events with these; those met for the first time, with their own events."""
        ring, new = self._ring, dict[Entity, None]()
        for entity, rows in events.items():
            for link in links(entity):
                codes, counts = np.unique(ring._codes[link][rows], return_counts=True)
                for code, count in zip(codes.tolist(), counts.tolist(), strict=True):
                    other = (link, ring._names[link].words[code])
                    if code and other != entity and self._has_room(other, new):
                        if other not in self._found.nodes:
                            new[other] = None
                        pair = (entity, other) if entity < other else (other, entity)
                        self._found.edges[pair] = max(count, self._found.edges.get(pair, 0))
        found = self._events_of(new)
        self._found.nodes.update({one: self._meeting(hops, rows) for one, rows in found.items()})
        return found

    def _has_room(self, other: Entity, new: dict[Entity, None]) -> bool:
        return other in new or other in self._found.nodes or len(self._found.nodes) + len(new) < NODES_MAX

    def _events_of(self, entities: Iterable[Entity]) -> dict[Entity, Numbers]:
        """Everybody's events in one walk for each column; an account number is looked for at both ends."""
        found: dict[Entity, list[Numbers]] = {entity: [] for entity in entities}
        for column in self._ring.links:
            wanted = {
                code: entity
                for entity in found
                if column in (entity[0], SAME.get(entity[0]))
                and (code := self._ring._names[column].known(entity[1])) is not None
            }
            for code, rows in self._grouped(column, list(wanted)).items():
                found[wanted[code]].append(rows)
        return {one: np.concatenate([*parts, np.zeros(0, np.int64)]) for one, parts in found.items()}

    def _grouped(self, column: str, codes: list[int]) -> dict[int, Numbers]:
        if not codes:
            return {}
        ring, count = self._ring, self._ring._count()
        is_wanted = np.zeros(len(ring._names[column].words), np.bool_)
        is_wanted[codes] = True
        rows = np.flatnonzero(is_wanted[ring._codes[column][:count]])
        rows = rows[ring._numbers["time"][rows] >= self._since_us]
        held = ring._codes[column][rows]
        order = np.argsort(held, kind="stable")
        starts = np.searchsorted(held[order], codes)
        ends = np.searchsorted(held[order], codes, side="right")
        return {code: rows[order[a:b]] for code, a, b in zip(codes, starts, ends, strict=True)}

    def _people(self, rows: Numbers) -> int:
        return int((np.unique(self._ring._codes[self._ring.subject][rows]) > 0).sum())

    def _meeting(self, hops: int, rows: Numbers) -> Meeting:
        return Meeting(hops, len(rows), self._people(rows), bool(self._ring._fraud[rows].any()))


def _word(value: Any) -> str | None:
    return value if isinstance(value, str) and len(value) <= 512 else None
