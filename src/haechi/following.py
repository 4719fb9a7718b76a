"""Whoever shows what happens reads the journal behind the decisions, and never stands in their way."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from itertools import islice
from typing import Any

import msgspec

from haechi.cases.pulse import Pulse, Row
from haechi.cases.recent import Recent, Seen
from haechi.decision.record import subject_of
from haechi.events import BadRow, Event, Reason, Schema
from haechi.restore import event_of, label_of, pieces
from haechi.stores import DECIDED, LABEL, Archive, Entry, Journal, StoreError

__all__ = ["Follower"]

log = logging.getLogger("haechi")

TURN_S = 0.1
PART = 512


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
        self, schema: Schema, archive: Archive, journal: Journal, now_us: Callable[[], int], events_max: int
    ) -> None:
        self._schema, self._archive, self._journal, self._now_us = schema, archive, journal, now_us
        subject = next(iter(schema.entity_names), "customer")
        self.recent, self.pulse = Recent(subject, events_max), Pulse()
        self.is_reading, self._events_max = True, events_max
        self._through = self._live_from = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)
        self._heard: Callable[[], None] = lambda: None

    def start(self, heard: Callable[[], None] = lambda: None) -> None:
        """Begin; `heard` is called when there is news, from the follower's thread."""
        self._heard = heard
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
                if not self._step():
                    self._stop.wait(TURN_S)
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
                self._take(piece.entries)
            self._through = piece.last_seq

    def _step(self) -> bool:
        """What was written since the last time; False when that is nothing."""
        if self._journal.durable_seq <= self._through:
            return False
        entries = list(islice(self._journal.entries(self._through), PART))
        if not entries:
            return False
        self._take(entries)
        self._through = entries[-1].seq
        self._heard()
        return True

    def _take(self, entries: list[Entry]) -> None:
        seen: list[Seen] = []
        rows: list[Row] = []
        for entry in entries:
            if entry.type == LABEL:
                self._mark(entry)
                continue
            try:
                event = event_of(self._schema, entry.body)
            except BadRow as error:
                log.warning("journal entry %d is not shown: %s", entry.seq, error)
                continue
            said = _decode(entry.decision) if entry.type == DECIDED and entry.decision else None
            seen.append(Seen(entry.seq, event, said.action if said else ""))
            if said is not None:
                rows.append(_row(entry.seq, event, said))
        self.recent.add(seen)
        if rows and rows[-1].seq > self._live_from:
            self.pulse.add(rows, self._now_us())
        elif rows:
            self.pulse.remember(rows)

    def _mark(self, entry: Entry) -> None:
        label = label_of(entry)
        found = self._journal.find(label.event_id)
        if found is not None:
            self.recent.mark(found.seq, label.fraud)


def _row(seq: int, event: Event, said: Any) -> Row:
    return Row(
        seq, event.id, event.time_us, event.kind, said.action, subject_of(event), event.amount, event.currency,
        said.sentence, said.reasons[0].code if said.reasons else "",
        said.reasons[0].text if said.reasons else {}, sum(said.timings_us.values()),
        bool(said.degraded),
    )  # fmt: skip
