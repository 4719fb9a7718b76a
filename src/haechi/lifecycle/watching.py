"""Beside the decisions: every model scores the same feature row, everything is counted, and nobody waits for it.

The deciding thread only puts what it has at hand into a queue, a block at a time. A worker takes what is there every
quarter of a second, by column, scores it in compiled code that lets go of the interpreter's lock, and keeps a block of
scores every few seconds. A queue that is full loses decisions for the comparison, never for the answer.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from haechi.decision.decision import ACTIONS, Action
from haechi.decision.record import subject_of
from haechi.decision.sight import Sight
from haechi.detectors.errors import DetectorError
from haechi.events import Event, Signal
from haechi.features import Spec
from haechi.learning.asking.choose import Candidate, Suspicion
from haechi.learning.errors import LearningError
from haechi.learning.life.policy import WatchPart
from haechi.learning.life.scores import Block, ScoreStore
from haechi.learning.life.standing import Standing
from haechi.learning.registry import Registry
from haechi.learning.watch.keeper import Keeper, Seen, Told
from haechi.learning.watch.novelty import Novelty
from haechi.learning.watch.reference import Reference
from haechi.learning.watch.said import kept
from haechi.learning.watch.scorer import Scorer
from haechi.stores import Entry, Tables

__all__ = ["Watching"]

log = logging.getLogger("haechi")

AT_ONCE = 2_048
BLOCK_EVENTS, BLOCK_US = 8_192, 10_000_000
SAVE_US = 60_000_000
DAY_US = 86_400_000_000
ASK_FROM = 0.02  # a probability from which on an answer tells something
ASKED_OF_MAX = 32  # events, of those that are scored at once: whoever is most suspicious comes first
ACTION = {action: number for number, action in enumerate(ACTIONS)}
SUPERVISED, RULES = "supervised", "rules"


class Watching:
    """What one house shows of itself while it decides; `saw` comes from the deciding thread, `step` from one worker."""

    def __init__(
        self,
        tables: Tables,
        spec: Spec,
        registry: Registry,
        settings: WatchPart,
        now_us: Callable[[], int],
        key_of: Callable[[Event], int],
        event_of: Callable[[bytes], Event],
    ) -> None:
        """`key_of` gives the key of an event's subject, 63 bits; `event_of` reads a body."""
        self._spec, self._registry, self._settings, self._now_us = spec, registry, settings, now_us
        self._key_of, self._event_of = key_of, event_of
        self.scores, self.keeper = ScoreStore(tables), Keeper(tables, spec.names, settings, self._kept_promises)
        self._novelty, self.suspicion = Novelty(spec), Suspicion()
        self._queue: deque[Sight] = deque()
        self._rows = np.empty((AT_ONCE, len(spec.names)), np.float32)
        self._labels: deque[tuple[int, int, bool, int, str]] = deque()
        self._scorers: dict[str, Scorer] = {}
        self._blocks: list[Block] = []
        self._champion = ""
        self._block_us = self._saved_us = 0
        self.missed = self.scored = 0
        self.suspected_from = 0.5
        self.raised: frozenset[str] = frozenset(self.keeper.alarms.raised())
        self.day_figures: dict[str, float] = {}
        self.on_alarm: Callable[[Told], None] = lambda told: None
        self.on_events: Callable[[list[Candidate], list[dict[str, str]]], None] = lambda candidates, entities: None

    def saw(self, sights: Sequence[Sight]) -> None:
        """Take decisions that were just handed to the journal."""
        room = self._settings.queue_events_max - len(self._queue)
        if len(sights) > room:
            self.missed += len(sights) - max(room, 0)
            sights = sights[: max(room, 0)]
        self._queue.extend(sights)

    def label(self, seq: int, event_us: int, fraud: bool, known_us: int, source: str) -> None:
        """Take a label of a decision."""
        self._labels.append((seq, event_us, fraud, known_us, source))

    def take_up(self, standing: Standing) -> None:
        """Load the models that score from now on; one that cannot is left out and named."""
        canary = [standing.canary[0]] if standing.canary else []
        wanted = [m for m in (standing.champion, *canary, *standing.shadows) if m]
        scorers = {}
        for model in wanted:
            try:
                scorers[model] = self._scorers.get(model) or Scorer(self._registry.load(model), self._spec)
            except (LearningError, DetectorError) as error:
                log.error("model %s is not scored beside the champion: %s", model, error)
        self._scorers = scorers
        if standing.champion and standing.champion != self._champion:
            self._champion = standing.champion
            self.keeper.use(self._reference(standing.champion))

    def step(self, *, close: bool = False) -> int:
        """Score and count what is in the queue; says how many decisions that were."""
        done = 0
        while batch := [self._queue.popleft() for _ in range(min(len(self._queue), AT_ONCE))]:
            self._score(batch)
            done += len(batch)
        now = self._now_us()
        held = sum(len(block) for block in self._blocks)
        if held and (close or held >= BLOCK_EVENTS or now - self._block_us >= BLOCK_US):
            self._keep(now)
        if close or now - self._saved_us >= SAVE_US:
            self.keeper.save()
            self._saved_us = now
        labels = [self._labels.popleft() for _ in range(min(len(self._labels), AT_ONCE))]
        self.scores.tell(labels)
        return done

    def _reference(self, model: str) -> Reference | None:
        found = Reference.read(Path(self._registry.folder) / model)
        if found is not None and found.names != self._spec.names:
            return None
        return found

    def _score(self, batch: list[Sight]) -> None:
        by_column = Columns(*zip(*batch, strict=True))
        rows = self._rows[: len(batch)]
        np.stack(by_column.row, out=rows)
        scores = {name: _said_by(name, by_column.signals) for name in self._scorers}
        scores = {
            name: (self._scorers[name].probabilities(rows) if said is None else said).astype(np.float32)
            for name, said in scores.items()
        }
        block = self._block(by_column, scores)
        self._blocks.append(block)
        self.scored += len(batch)
        champion = scores.get(self._champion, block.risk).astype(np.float64)
        kinds = self._novelty.kinds(rows, champion, self.suspected_from, by_column.kind)
        took = np.array(by_column.took_us, np.int64)
        ids = [entry.event_id for entry in by_column.entry]
        seen = Seen(ids, block.time_us, rows, block.action, took, kinds,
                    champion if self._champion in scores else None, self._champion)  # fmt: skip
        self.on_events(*self._candidates(batch, block.action, champion, kinds))
        for told in self.keeper.add(seen):
            self.raised = frozenset(self.keeper.alarms.raised())
            self.day_figures[told.name] = told.value
            self.on_alarm(told)

    def _kept_promises(self, day_us: int) -> float:
        """How the champion's promises of a day were kept, by the labels that are in."""
        span = day_us, day_us + DAY_US
        return kept(self.scores.between(*span), self.scores.labels(*span), self._champion)

    def _keep(self, now: int) -> None:
        whole = Block.join(self._blocks)
        self.scores.add(whole, int(whole.time_us.max()) - self._settings.scores_days * DAY_US)
        self._blocks, self._block_us = [], now

    def _block(self, seen: Columns, scores: dict[str, Any]) -> Block:
        entries = seen.entry
        subjects = [
            subject if subject is not None else self._key_of(event or self._event_of(entry.body))
            for subject, event, entry in zip(seen.subject, seen.event, entries, strict=True)
        ]
        return Block(
            seq=np.array([entry.seq for entry in entries], np.int64),
            time_us=np.array([entry.time_us for entry in entries], np.int64),
            risk=np.array(seen.risk, np.float32),
            rules=np.array([_of_rules(signals) for signals in seen.signals], np.float32),
            action=np.array([ACTION[action] for action in seen.action], np.uint8),
            amount=np.array([amount or 0 for amount in seen.amount], np.int64),
            subject=np.array(subjects, np.int64),
            scores=scores,
        )

    def _candidates(
        self, batch: list[Sight], action: Any, probability: Any, kinds: list[str]
    ) -> tuple[list[Candidate], list[dict[str, str]]]:
        """Events about which something is odd, whether they passed or not."""
        odd, passed = np.fromiter(map(bool, kinds), np.bool_, len(kinds)), action == ACTION["allow"]
        found = np.flatnonzero(~passed | odd | (probability >= ASK_FROM))
        found = np.sort(found[np.lexsort((-probability[found], ~odd[found]))[:ASKED_OF_MAX]])
        candidates, entities = [], []
        for n in found.tolist():
            event = batch[n].event or self._event_of(batch[n].entry.body)
            p = float(probability[n])
            candidates.append(
                Candidate(event.id, subject_of(event), event.time_us, p, bool(kinds[n]), passed=bool(passed[n]))
            )
            entities.append(event.entities)
        return candidates, entities


class Columns(NamedTuple):
    """Many sights, turned on their side: for each of a sight's parts, that part of all of them."""

    entry: Sequence[Entry]
    kind: Sequence[str]
    amount: Sequence[int | None]
    subject: Sequence[int | None]
    row: Sequence[Any]
    action: Sequence[Action]
    risk: Sequence[float]
    signals: Sequence[Sequence[Signal]]
    took_us: Sequence[int]
    event: Sequence[Event | None]


def _of_rules(signals: Sequence[Signal]) -> float:
    """The joined weight of the rules, which speak last."""
    last = signals[-1] if signals else None
    return last.score if last is not None and last.detector == RULES else 0.0


def _said_by(model: str, signals: Sequence[Sequence[Signal]]) -> Any:
    """What a model said of these events when it decided them; None where another one decided any of them."""
    found = (next((one for one in some if one.detector == SUPERVISED), None) for some in signals)
    said = [one.score for one in found if one is not None and one.version == model]
    return np.array(said) if len(said) == len(signals) else None
