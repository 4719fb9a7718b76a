"""What happened lately, and to whom: a read model over archive and journal that pages ask instead of either.

A ring of so many events, by column: a few machine words each, every name kept once (words.py). Asking for one
customer's month or for everybody who shares her devices is a walk over arrays, so it costs the same at any hour, and it
holds up no commit. What is older than the ring is in the archive, for whoever has time (`haechi profile`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from haechi.cases.words import Words, held
from haechi.events import Event

__all__ = ["LINKS", "Block", "Happened", "Linked", "Met", "Past", "Recent", "Seen"]

LINKS = ("customer", "device", "payee", "account", "card", "ip", "merchant")
PLACES = ("merchant",)  # where everybody goes: no link between people
TAGS = ("kind", "currency", "action", "merchant_category", "channel", "result")
SAME = {"payee": "account", "account": "payee"}  # one account number, seen from both ends of a transfer
EVENTS_MAX = 1_000_000
WORD_CHARS_MAX = 512
HUB = 25  # whom more people than these share, they do not know of each other: it is shown, and not walked through
NODES_MAX = 600
NOTHING = np.iinfo(np.int64).min
Numbers = npt.NDArray[np.int64]
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


class Met(NamedTuple):
    """How often two entities met before a moment, and when they did so first; 0 and 0 when they never did."""

    times: int
    first_us: int


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


class Block(NamedTuple):
    """Events in the order of their numbers, by column; what is not said stands as NOTHING, 0 or False.

    numbers: int64 [3, n], the number in the sequence, the time and the amount. words: int64 [columns, n], hashes of
    what each says in the ring's columns, and `text` says what stands there at (column, event).
    """

    numbers: Numbers
    words: Numbers
    text: Callable[[int, int], str]
    fraud: npt.NDArray[np.bool_]


class Recent:
    """The ring; every call may come from any thread."""

    def __init__(self, subject: str = "customer", events_max: int = EVENTS_MAX, seed: int = 0) -> None:
        """`seed` salts the hashes of words: who does not know it cannot prepare names that collide."""
        self.subject, self._max = subject, events_max
        self.links = tuple(dict.fromkeys((subject, *LINKS)))
        self.columns = (*TAGS, *self.links)
        self.words = Words(seed, events_max)
        # Pages of memory that no event has reached are not there yet.
        self._numbers = np.zeros((3, events_max), np.int64)
        self._seq, self._times, self._amounts = self._numbers
        self._hashes = np.zeros((len(self.columns), events_max), np.int64)
        self._fraud = np.zeros(events_max, np.bool_)
        self.added = self.last_seq = 0
        self._lock = threading.Lock()

    def add(self, seen: Sequence[Seen]) -> None:
        """Take up events as they came."""
        said = [self.said(event, action) for _, event, action in seen]
        hashes = [[self.words.hash(word) for word in words] for words in said]
        amounts = [NOTHING if event.amount is None else event.amount for _, event, _ in seen]
        numbers = np.array([[one.seq for one in seen], [one.event.time_us for one in seen], amounts], np.int64)
        words = np.array(hashes, np.int64).reshape(len(seen), len(self.columns)).T
        self.add_block(Block(numbers, words, lambda column, row: said[row][column], np.zeros(len(seen), np.bool_)))

    def said(self, event: Event, action: str = "") -> list[str]:
        """What an event says in the ring's columns; nothing is an empty word."""
        told, fields = event.attributes, event.fields
        tags = {**fields, **event.categories, "kind": event.kind, "currency": event.currency, "action": action}
        return [_word(tags.get(name)) for name in TAGS] + [
            event.entities.get(name) or told.get(name) or _word(fields.get(name)) for name in self.links
        ]

    def add_frame(self, frame: pl.DataFrame) -> None:
        """Take up imported rows: a canonical frame with its numbers."""
        frame = frame.tail(self._max)
        found = [next((c for c in _sources(name) if c in frame.columns), "") for name in self.columns]
        words = np.zeros((len(found), frame.height), np.int64)
        for row, column in zip(words, found, strict=True):
            if column:
                row[:] = self._hashed(frame[column])
        fraud = (frame["label"] == 1).fill_null(False) if "label" in frame.columns else None
        amounts = frame["amount"].cast(pl.Int64).fill_null(NOTHING)
        self.add_block(Block(
            np.stack([frame["seq"].to_numpy(), frame["time_us"].to_numpy(), amounts.to_numpy()]), words,
            lambda column, row: str(frame[found[column]][row]),
            np.zeros(frame.height, np.bool_) if fraud is None else fraud.to_numpy(),
        ))  # fmt: skip

    def add_block(self, block: Block) -> None:
        """Take up events that were read by column; of more than the ring holds, the newest."""
        count = block.numbers.shape[1]
        with self._lock:
            self.words.learn(block.words, block.text)
            over = max(0, count - self._max)
            at = (self.added + over) % self._max
            first = min(count - over, self._max - at)
            for held_, given in (
                (self._numbers, block.numbers), (self._hashes, block.words), (self._fraud[None], block.fraud[None])
            ):  # fmt: skip
                held_[:, at : at + first] = given[:, over : over + first]
                held_[:, : count - over - first] = given[:, over + first :]
            self.added += count
            if count:
                self.last_seq = int(block.numbers[0, -1])

    def _hashed(self, column: pl.Series) -> Numbers:
        """The hash of each text of a column, made once for each different one."""
        texts = column.cast(pl.String)
        different = texts.unique().drop_nulls()
        hashes = pl.Series([self.words.hash(text) for text in different.to_list()], dtype=pl.Int64)
        if different.is_empty():
            return np.zeros(len(texts), np.int64)
        found: Numbers = texts.replace_strict(different, hashes, default=None).fill_null(0).to_numpy()
        return found

    def mark(self, seq: int, fraud: bool) -> None:
        """An event turned out to be a fraud, or not."""
        with self._lock:
            self._fraud[np.flatnonzero(self._seq[: self._count()] == seq)] = fraud

    def of(self, kind: str, name: str, since_us: int = 0, latest: int = 50) -> Past:
        """One entity's events since a moment, and the latest of them in full."""
        with self._lock:
            rows = self._rows(kind, name)
            rows = rows[self._times[rows] >= since_us]
            times = self._times
            known = times[: self._count()]
            return Past(
                times_us=times[rows].copy(), amounts=self._amounts[rows].copy(),
                currencies=self._words("currency", rows), actions=self._words("action", rows),
                kinds=self._words("kind", rows), frauds=self._fraud[rows].copy(),
                latest=[self._happened(int(row)) for row in rows[::-1][:latest]],
                since_us=int(known.min()) if len(known) else 0,
            )  # fmt: skip

    def met(self, kind: str, name: str, others: Sequence[Entity], before_us: int) -> dict[Entity, Met]:
        """How often an entity met each of some others before a moment, as far as the ring goes back."""
        with self._lock:
            rows = self._rows(kind, name)
            times = self._times[rows]
            rows, times = rows[times < before_us], times[times < before_us]
            found = {}
            for other, called in others:
                if other in self.columns:
                    when = times[self._column(other)[rows] == self.words.hash(called)]
                    found[other, called] = Met(len(when), int(when[0]) if len(when) else 0)
            return found

    def shared(self, one: Entity, other: Entity, before_us: int, latest: int = 200) -> list[Happened]:
        """Events that two entities had in common before a moment, the newest first."""
        with self._lock:
            rows = self._rows(*one)
            if other[0] not in self.columns or not other[1]:
                return []
            rows = rows[(self._times[rows] < before_us) & (self._column(other[0])[rows] == self.words.hash(other[1]))]
            return [self._happened(int(row)) for row in rows[::-1][:latest]]

    def around(self, kind: str, name: str, since_us: int = 0) -> Linked:
        """Who is connected with an entity: by things that both used, two hops far."""
        with self._lock:
            return _Walk(self, since_us).around(kind, name)

    def _count(self) -> int:
        return min(self.added, self._max)

    def _rows(self, kind: str, name: str) -> Numbers:
        """Where an entity's events stand, by time."""
        if kind not in self.columns or not name:
            return np.zeros(0, np.int64)
        rows = np.flatnonzero(self._column(kind) == self.words.hash(name))
        return rows[np.argsort(self._times[rows], kind="stable")]

    def _column(self, name: str) -> Numbers:
        found: Numbers = self._hashes[self.columns.index(name), : self._count()]
        return found

    def _words(self, column: str, rows: Numbers) -> list[str]:
        return [self.words.text(number) for number in self._column(column)[rows].tolist()]

    def _happened(self, row: int) -> Happened:
        hashes = zip(self.columns, self._hashes[:, row].tolist(), strict=True)
        words = {name: self.words.text(number) for name, number in hashes if number}
        amount = int(self._amounts[row])
        return Happened(
            int(self._seq[row]), int(self._times[row]), None if amount == NOTHING else amount,
            bool(self._fraud[row]), {n: words[n] for n in TAGS if n in words},
            {n: words[n] for n in self.links if n in words},
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
                numbers, counts = np.unique(ring._column(link)[rows], return_counts=True)
                for number, count in zip(numbers.tolist(), counts.tolist(), strict=True):
                    other = (link, ring.words.text(number))
                    if number and other != entity and self._has_room(other, new):
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
                self._ring.words.hash(entity[1]): entity
                for entity in found
                if column in (entity[0], SAME.get(entity[0]))
            }
            for number, rows in self._grouped(column, list(wanted)).items():
                found[wanted[number]].append(rows)
        return {one: np.concatenate([*parts, np.zeros(0, np.int64)]) for one, parts in found.items()}

    def _grouped(self, column: str, numbers: list[int]) -> dict[int, Numbers]:
        if not numbers:
            return {}
        ring = self._ring
        hashes = ring._column(column)
        rows = held(hashes, numbers)
        rows = rows[ring._times[rows] >= self._since_us]
        found = hashes[rows]
        order = np.argsort(found, kind="stable")
        starts = np.searchsorted(found[order], numbers)
        ends = np.searchsorted(found[order], numbers, side="right")
        return {number: rows[order[a:b]] for number, a, b in zip(numbers, starts, ends, strict=True)}

    def _people(self, rows: Numbers) -> int:
        return int((np.unique(self._ring._column(self._ring.subject)[rows]) != 0).sum())

    def _meeting(self, hops: int, rows: Numbers) -> Meeting:
        people, frauds = self._ring._column(self._ring.subject)[rows], self._ring._fraud[rows]
        return Meeting(hops, len(rows), self._people(rows), _is_bad(people, frauds))


def _is_bad(people: Numbers, frauds: npt.NDArray[np.bool_]) -> bool:
    """Whether something serves fraud: others than whoever uses it most were robbed with it, or half of its events.

    So a victim's own telephone stays clean, and her robber's, seen once, does not.
    """
    if not frauds.any():
        return False
    numbers, counts = np.unique(people, return_counts=True)
    owner = numbers[counts.argmax()]
    return bool(frauds[people != owner].any()) or 2 * int(frauds.sum()) >= len(frauds)


def _sources(name: str) -> tuple[str, ...]:
    """The columns of a canonical frame that may say a word of the ring, the first that is there does."""
    if name in TAGS:
        return (name,) if name in ("kind", "currency") else (f"category:{name}",)
    return f"entity:{name}", f"attribute:{name}"


def _word(value: Any) -> str:
    return value if isinstance(value, str) and len(value) <= WORD_CHARS_MAX else ""
