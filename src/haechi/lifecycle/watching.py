"""Beside the decisions: every model scores the same feature row, everything is counted, and nobody waits for it.

The deciding thread only puts what it has at hand into a queue, a block at a time. A worker takes what is there twenty
times a second, by column, scores it in compiled code that lets go of the interpreter's lock, and keeps a block of
scores every few seconds. A queue that is full loses decisions for the comparison, never for the answer.

Whoever works beside the decisions takes the interpreter's lock at each of the many moments at which they let go of it,
so all that they wait for is how long he works in one go: the worker takes small bites, and rests between them.
"""

from __future__ import annotations

import logging
from bisect import bisect_right
from collections import deque
from collections.abc import Callable
from itertools import accumulate, chain
from pathlib import Path
from time import sleep
from typing import Any

import numpy as np

from haechi.decision.decision import ACTIONS
from haechi.decision.record import subject_of
from haechi.decision.sight import Sights
from haechi.detectors.errors import DetectorError
from haechi.events import Event
from haechi.features import Spec
from haechi.features.plain import NO_AMOUNT, NOT_LOOKED_UP
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

AT_ONCE = 256  # decisions, two milliseconds of work
REST_S = 0.005
BLOCK_EVENTS, BLOCK_US = 8_192, 10_000_000
SAVE_US = 60_000_000
DAY_US = 86_400_000_000
ASK_FROM = 0.02  # a probability from which on an answer tells something
ASKED_OF_MAX = 8  # events, of those that are scored at once: whoever is most suspicious comes first
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
        self.scores = ScoreStore(tables)
        self.keeper = Keeper(tables, spec.names, settings, self._kept_promises, lambda: sleep(REST_S))
        self._novelty, self.suspicion = Novelty(spec), Suspicion()
        self._queue: deque[Sights] = deque()
        self._put = self._got = 0  # decisions that were seen, and that were taken up
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

    def saw(self, sights: Sights) -> None:
        """Take decisions that were just handed to the journal."""
        count = len(sights.entries)
        if self._put - self._got + count > self._settings.queue_events_max:
            self.missed += count
            return
        self._put += count
        self._queue.append(sights)

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
        before = self._got
        while batch := self._next():
            self._score(batch)
            if self._put - self._got < AT_ONCE and not close:  # a bite of few costs as much as one of many
                break
            sleep(REST_S)
        now = self._now_us()
        held = sum(len(block) for block in self._blocks)
        if held and (close or held >= BLOCK_EVENTS or now - self._block_us >= BLOCK_US):
            self._keep(now)
        if close or now - self._saved_us >= SAVE_US:
            self.keeper.save()
            self._saved_us = now
        labels = [self._labels.popleft() for _ in range(min(len(self._labels), AT_ONCE))]
        self.scores.tell(labels)
        return self._got - before

    def _next(self) -> list[Sights]:
        """What was seen, some hundred decisions of it."""
        batch, start = list[Sights](), self._got
        while self._queue and self._got - start < AT_ONCE:
            batch.append(self._queue.popleft())
            self._got += len(batch[-1].entries)
        return batch

    def _reference(self, model: str) -> Reference | None:
        found = Reference.read(Path(self._registry.folder) / model)
        if found is not None and found.names != self._spec.names:
            return None
        return found

    def _score(self, batch: list[Sights]) -> None:
        rows = np.concatenate([sights.rows for sights in batch])
        said = {name: _said_by(name, batch) for name in self._scorers}
        scores = {
            name: (self._scorers[name].probabilities(rows) if one is None else one).astype(np.float32)
            for name, one in said.items()
        }
        block = self._block(batch, scores)
        self._blocks.append(block)
        self.scored += len(rows)
        champion = scores.get(self._champion, block.risk).astype(np.float64)
        event_kinds = [kind for sights in batch for kind in sights.said.kinds]
        kinds = self._novelty.kinds(rows, champion, self.suspected_from, event_kinds)
        ids = [entry.event_id for sights in batch for entry in sights.entries]
        seen = Seen(ids, block.time_us, rows, block.action, _each(batch, [s.took_us for s in batch], np.int64), kinds,
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

    def _block(self, batch: list[Sights], scores: dict[str, Any]) -> Block:
        entries = list(chain.from_iterable(sights.entries for sights in batch))
        said = [sights.said for sights in batch]
        amounts, subjects, times = (
            np.array(list(chain.from_iterable(getattr(one, n) for one in said)), np.int64)
            for n in ("units", "subjects", "time_us")
        )
        for place, sights in zip(_starts(batch), batch, strict=True):
            if sights.said.subjects[0] == NOT_LOOKED_UP:
                event = sights.event or self._event_of(sights.entries[0].body)
                subjects[place] = self._key_of(event)
        return Block(
            seq=np.array([entry.seq for entry in entries], np.int64),
            time_us=times,
            risk=np.concatenate([np.array(sights.risks, np.float32) for sights in batch]),
            rules=np.concatenate([_of_rules(sights) for sights in batch]),
            action=_each(batch, [ACTION[sights.action] for sights in batch], np.uint8),
            amount=np.where(amounts == NO_AMOUNT, 0, amounts),
            subject=subjects,
            scores=scores,
        )

    def _candidates(
        self, batch: list[Sights], action: Any, probability: Any, kinds: list[str]
    ) -> tuple[list[Candidate], list[dict[str, str]]]:
        """Events about which something is odd, whether they passed or not."""
        odd, passed = np.fromiter(map(bool, kinds), np.bool_, len(kinds)), action == ACTION["allow"]
        found = np.flatnonzero(~passed | odd | (probability >= ASK_FROM))
        found = np.sort(found[np.lexsort((-probability[found], ~odd[found]))[:ASKED_OF_MAX]])
        starts = _starts(batch)
        candidates, entities = [], []
        for n in found.tolist():
            at = bisect_right(starts, n) - 1
            event = batch[at].event or self._event_of(batch[at].entries[n - starts[at]].body)
            p = float(probability[n])
            candidates.append(
                Candidate(event.id, subject_of(event), event.time_us, p, bool(kinds[n]), passed=bool(passed[n]))
            )
            entities.append(event.entities)
        return candidates, entities


def _starts(batch: list[Sights]) -> list[int]:
    """At which place of all decisions each block begins."""
    return list(accumulate((len(sights.entries) for sights in batch[:-1]), initial=0))


def _each(batch: list[Sights], of_block: list[int], kind: Any) -> Any:
    """What is the same for a whole block, once for each of its decisions."""
    return np.repeat(np.array(of_block, kind), [len(sights.entries) for sights in batch])


def _of_rules(sights: Sights) -> Any:
    """The joined weight of the rules, which speak last."""
    voices, scores, _ = sights.heard
    if voices and voices[-1][0] == RULES:
        return scores[-1].astype(np.float32)
    return np.zeros(len(sights.entries), np.float32)


def _said_by(model: str, batch: list[Sights]) -> Any:
    """What a model said of these events when it decided them; None where another one decided any of them."""
    voice = (SUPERVISED, model)
    if not all(voice in sights.heard.voices for sights in batch):
        return None
    return np.concatenate([sights.heard.scores[sights.heard.voices.index(voice)] for sights in batch])
