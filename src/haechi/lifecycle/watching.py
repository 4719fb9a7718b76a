"""Beside the decisions: every model scores the same feature row, everything is counted, and nobody waits for it.

The deciding thread only puts the row into a queue, which costs less than a microsecond. A worker takes what is there
every quarter of a second, scores it in compiled code that lets go of the interpreter's lock, and keeps a block of
scores every few seconds. A queue that is full loses decisions for the comparison, never for the answer.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from haechi.decision.decision import ACTIONS
from haechi.decision.record import subject_of
from haechi.decision.sight import Sight
from haechi.detectors.errors import DetectorError
from haechi.events import Event
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
from haechi.stores import Tables

__all__ = ["Watching"]

log = logging.getLogger("haechi")

AT_ONCE = 2_048
BLOCK_EVENTS, BLOCK_US = 8_192, 10_000_000
SAVE_US = 60_000_000
DAY_US = 86_400_000_000
ASK_FROM = 0.02  # a probability from which on an answer tells something
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
    ) -> None:
        """`key_of` gives the key of an event's subject, 63 bits."""
        self._spec, self._registry, self._settings, self._now_us = spec, registry, settings, now_us
        self._key_of = key_of
        self.scores, self.keeper = ScoreStore(tables), Keeper(tables, spec.names, settings, self._kept_promises)
        self._novelty, self.suspicion = Novelty(spec), Suspicion()
        self._queue: deque[Sight] = deque()
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

    def saw(self, sight: Sight) -> None:
        """Take a decision that was just handed to the journal."""
        if len(self._queue) >= self._settings.queue_events_max:
            self.missed += 1
            return
        self._queue.append(sight)

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
        while batch := list(islice(self._drain(), AT_ONCE)):
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

    def _drain(self) -> Any:
        while self._queue:
            yield self._queue.popleft()

    def _reference(self, model: str) -> Reference | None:
        found = Reference.read(Path(self._registry.folder) / model)
        if found is not None and found.names != self._spec.names:
            return None
        return found

    def _score(self, batch: list[Sight]) -> None:
        rows = np.ascontiguousarray(np.stack([one.row for one in batch]), np.float32)
        scores = {name: _said_by(name, batch) for name in self._scorers}
        scores = {
            name: (self._scorers[name].probabilities(rows) if said is None else said).astype(np.float32)
            for name, said in scores.items()
        }
        block = self._block(batch, scores)
        self._blocks.append(block)
        self.scored += len(batch)
        champion = scores.get(self._champion, block.risk).astype(np.float64)
        kinds = self._novelty.kinds(rows, champion, self.suspected_from, [one.kind for one in batch])
        took = np.array([one.took_us for one in batch], np.int64)
        seen = Seen([one.event_id for one in batch], block.time_us, rows, block.action, took, kinds,
                    champion if self._champion in scores else None, self._champion)  # fmt: skip
        self.on_events(*_candidates(batch, champion, kinds))
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

    def _block(self, batch: list[Sight], scores: dict[str, Any]) -> Block:
        rules = [next((s.score for s in one.signals if s.detector == RULES), 0.0) for one in batch]
        subjects = [self._key_of(one.event()) if one.subject is None else one.subject for one in batch]
        return Block(
            seq=np.array([one.seq for one in batch], np.int64),
            time_us=np.array([one.time_us for one in batch], np.int64),
            risk=np.array([one.risk for one in batch], np.float32),
            rules=np.array(rules, np.float32),
            action=np.array([ACTION[one.action] for one in batch], np.uint8),
            amount=np.array([one.amount or 0 for one in batch], np.int64),
            subject=np.array(subjects, np.int64),
            scores=scores,
        )


def _said_by(model: str, batch: list[Sight]) -> Any:
    """What a model said of these events when it decided them; None where another one decided any of them."""
    said = [
        next((s.score for s in one.signals if s.detector == SUPERVISED and s.version == model), None) for one in batch
    ]
    return None if None in said else np.array(said)


def _candidates(batch: list[Sight], probability: Any, kinds: list[str]) -> tuple[list[Candidate], list[dict[str, str]]]:
    """Events that passed although something is odd about them: whoever is held or challenged is asked anyway."""
    candidates, entities = [], []
    for one, p, kind in zip(batch, probability.tolist(), kinds, strict=True):
        if one.action == "allow" and (kind or p >= ASK_FROM):
            event = one.event()
            candidates.append(Candidate(event.id, subject_of(event), event.time_us, float(p), bool(kind)))
            entities.append(event.entities)
    return candidates, entities
