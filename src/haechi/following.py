"""Whoever shows what happens reads the journal behind the decisions, and never stands in their way.

Entries come from the journal's writer as they are committed, so nothing is read twice. What was simply allowed, nearly
all, is read by column in compiled code; only what was not is taken apart one by one. Who is behind reads the journal,
a part at a time.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

import msgspec
import numpy as np

from haechi.cases.pulse import Pulse, Row
from haechi.cases.recent import NOTHING, TAGS, Block, Recent
from haechi.decision.record import subject_of
from haechi.events import BadRow, Event, Reason, Schema
from haechi.features import Spec
from haechi.features.encode import Encoder
from haechi.features.glance import Glance, Glanced
from haechi.features.plain import unpacked
from haechi.restore import event_of, label_of, pieces
from haechi.stores import DECIDED, LABEL, Archive, Entry, Journal, StoreError

__all__ = ["Follower"]

log = logging.getLogger("haechi")

TURN_S, BREATH_S = 0.04, 0.005
PART = 256
HEARD_MAX = 16_384  # entries that wait to be shown; more are read from the journal when their time comes
ACTION, ALLOWED, SOUND = b'"action":"', b'"action":"allow"', b'"degraded":[]'


class _Said(msgspec.Struct):
    """What the feed shows of a decision; the rest of it is not even read."""

    action: str
    sentence: dict[str, str]
    reasons: list[Reason] = []
    degraded: list[str] = []
    timings_us: dict[str, int] = {}


_decode = msgspec.json.Decoder(_Said).decode


class Follower:
    """Fills the read models: first from what is kept, then with each commit, in a thread of its own."""

    def __init__(
        self,
        schema: Schema,
        spec: Spec,
        seed: int,
        archive: Archive,
        journal: Journal,
        now_us: Callable[[], int],
        events_max: int,
        is_held_up: Callable[[], bool] = lambda: False,
    ) -> None:
        """`is_held_up`: whether decisions are better left alone for a moment."""
        self._is_held_up = is_held_up
        self._schema, self._archive, self._journal, self._now_us = schema, archive, journal, now_us
        subject = next(iter(schema.entity_names), "customer")
        self.recent, self.pulse = Recent(subject, events_max, seed), Pulse(self._row)
        self._glance = Glance.at(schema, Encoder(spec, seed), TAGS, self.recent.links)
        self.is_reading, self._events_max = True, events_max
        self._through = self._live_from = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)
        self._heard: Callable[[], None] = lambda: None
        self._committed: deque[list[Entry]] = deque()
        self._put = self._got = 0  # entries that the journal's writer handed over, and that were taken up

    def start(self, heard: Callable[[], None] = lambda: None) -> None:
        """Begin; `heard` is called when there is news, from the follower's thread."""
        self._heard = heard
        self._journal.follow(self._hear)
        self._thread.start()

    def close(self) -> None:
        """End, and wait for that."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        self._live_from = self._journal.durable_seq
        try:
            self._catch_up()
        except Exception:
            log.exception("history could not be read for the console: its timelines and graphs begin now")
            self._through = self._live_from
        self.is_reading = False
        while not self._stop.is_set():
            try:
                # Very little at a time costs more, and much at a time holds up decisions as long as it takes.
                self._stop.wait(TURN_S if self._is_held_up() or self._step() < PART else BREATH_S)
            except StoreError as error:
                log.warning("the console cannot read the journal: %s", error)
                self._stop.wait(10 * TURN_S)

    def _catch_up(self) -> None:
        """What is kept already, as far back as the ring reaches."""
        after = max(0, max(self._archive.last_seq, self._live_from) - self._events_max)
        for piece in pieces(self._archive, self._journal, after):
            if self._stop.is_set():
                return
            if piece.frame is not None:
                for rows in piece.frame.iter_slices(8_192):
                    self.recent.add_frame(rows)
                    self._stop.wait(0.001)  # decisions come first: the interpreter is theirs
            else:
                for at in range(0, len(piece.entries), PART):
                    self._take(piece.entries[at : at + PART])
                    self._stop.wait(0.001)
            self._through = piece.last_seq

    def _hear(self, entries: list[Entry]) -> None:
        """Take a batch from the journal's writer; what there is no room for is read from the journal."""
        if self._put - self._got < HEARD_MAX:
            self._put += len(entries)
            self._committed.append(entries)

    def _step(self) -> int:
        """Take up what was written since the last time; says how many entries."""
        entries = self._next()
        if not entries:
            return 0
        self._take(entries)
        self._through = entries[-1].seq
        self._heard()
        return len(entries)

    def _next(self) -> list[Entry]:
        """The next entries in their order: as they were committed, or from the journal where some were not heard."""
        waiting = self._committed
        while waiting and waiting[0][-1].seq <= self._through:
            self._got += len(waiting.popleft())
        is_behind = not waiting or waiting[0][0].seq > self._through + 1
        if is_behind and self._journal.durable_seq > self._through:
            found = list(islice(self._journal.entries(self._through), PART))
            if found:
                return found
        found = []
        while waiting and len(found) < PART and (not found or waiting[0][0].seq == found[-1].seq + 1):
            batch = waiting.popleft()
            self._got += len(batch)
            found += [entry for entry in batch if entry.seq > self._through]
        return found

    def _take(self, entries: Sequence[Entry]) -> None:
        events = [entry for entry in entries if entry.type != LABEL]
        if events:
            self._show(events)
        for entry in entries:
            if entry.type == LABEL:
                self._mark(entry)

    def _show(self, entries: Sequence[Entry]) -> None:
        """Bring a block of events into the read models."""
        seen = None if self._glance is None else self._glance.glance([entry.body for entry in entries])
        odd = range(len(entries)) if seen is None else np.flatnonzero(~seen.plain).tolist()
        events = {n: self._event(entries[n]) for n in odd}
        if None in events.values():
            readable = [entry for n, entry in enumerate(entries) if events.get(n, entry) is not None]
            if readable:
                self._show(readable)
            return
        quiet = [entry for entry in entries if _is_quiet(entry)]
        allowed = {entry.seq for entry in quiet}
        loud = {e.seq: _decode(e.decision or b"") for e in entries if e.type == DECIDED and e.seq not in allowed}
        actions = [loud[e.seq].action if e.seq in loud else "allow" if e.seq in allowed else "" for e in entries]
        self.recent.add_block(self._block(entries, actions, seen, events))
        rows = [self._row(entry, loud[entry.seq]) for entry in entries if entry.seq in loud]
        if entries[-1].seq > self._live_from:
            self.pulse.add(rows, self._now_us(), quiet)
        else:
            self.pulse.remember(rows, quiet)

    def _block(
        self, entries: Sequence[Entry], actions: list[str], seen: Glanced | None, events: Mapping[int, Event | None]
    ) -> Block:
        """A block by column: as it was seen, and one by one what could not be seen."""
        columns, hash_of = self.recent.columns, self.recent.words.hash
        numbers, words = np.full((3, len(entries)), NOTHING), np.zeros((len(columns), len(entries)), np.int64)
        numbers[0] = [entry.seq for entry in entries]
        said: dict[int, list[str]] = {}
        money = [0] * len(entries)
        if seen is not None:
            numbers[1:], words[:] = seen.numbers[:2], seen.words
            _mark_words(words[columns.index("currency")], seen.numbers[2], lambda code: hash_of(unpacked(code)))
            money = seen.numbers[2].tolist()
        _mark_words(words[columns.index("action")], np.array(actions), hash_of)
        for n, event in events.items():
            assert event is not None
            said[n] = self.recent.said(event, actions[n])
            numbers[1:, n] = event.time_us, NOTHING if event.amount is None else event.amount
            words[:, n] = [hash_of(word) for word in said[n]]

        def text(column: int, n: int) -> str:
            if n in said:
                return said[n][column]
            if columns[column] == "currency":
                return unpacked(money[n])
            if columns[column] == "action":
                return actions[n]
            assert self._glance is not None
            assert seen is not None
            return self._glance.text(seen, entries[n].body, column, n)

        return Block(numbers, words, text, np.zeros(len(entries), np.bool_))

    def _event(self, entry: Entry) -> Event | None:
        try:
            return event_of(self._schema, entry.body)
        except BadRow as error:
            log.warning("journal entry %d is not shown: %s", entry.seq, error)
            return None

    def _row(self, entry: Entry, said: _Said | None = None) -> Row:
        """What the feed shows of a decision."""
        event, said = event_of(self._schema, entry.body), said or _decode(entry.decision or b"")
        reason = said.reasons[0] if said.reasons else None
        return Row(
            entry.seq, event.id, event.time_us, event.kind, said.action, subject_of(event), event.amount,
            event.currency, said.sentence, reason.code if reason else "", reason.text if reason else {},
            sum(said.timings_us.values()), bool(said.degraded),
        )  # fmt: skip

    def _mark(self, entry: Entry) -> None:
        label = label_of(entry)
        found = self._journal.find(label.event_id)
        if found is not None:
            self.recent.mark(found.seq, label.fraud)


def _is_quiet(entry: Entry) -> bool:
    """Whether this was simply allowed, told from its bytes: quotes inside of a text are escaped, so keys are keys."""
    said = entry.decision
    return said is not None and said.startswith(ALLOWED, said.find(ACTION)) and SOUND in said


def _mark_words(row: np.ndarray, values: np.ndarray, hash_of: Callable[[Any], int]) -> None:
    """Hash the few different values of a column."""
    for value in np.unique(values).tolist():
        row[values == value] = hash_of(value)
