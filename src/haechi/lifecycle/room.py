"""All that belongs to the models of one running house, and what its worker does for them now and then."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import msgspec

from haechi.api import model_shapes as shapes
from haechi.api.front import Figure
from haechi.app import OpenHouse, Shut, key_seed, life_of
from haechi.learning.asking.choose import Candidate
from haechi.learning.asking.questions import EarlyLabel, Questions, checks_told
from haechi.learning.errors import LearningError
from haechi.learning.frozen import DataSets
from haechi.learning.life.life import ALARM, RETRAINING, Life
from haechi.learning.life.standing import Standing
from haechi.learning.quality import Quality
from haechi.learning.watch.keeper import Told
from haechi.learning.watch.quiet import rehearse
from haechi.lifecycle.archiving import Archiving
from haechi.lifecycle.desk import ModelDesk
from haechi.lifecycle.training_job import TrainingJob
from haechi.lifecycle.trainings import Training, Trainings, why_now
from haechi.lifecycle.watching import Watching
from haechi.restore import event_of
from haechi.stores import Disagreed

__all__ = ["ModelRoom", "desk_of"]

log = logging.getLogger("haechi")

ALARM_NAMES = ("inputs", "missing", "alert_rate", "latency", "scores", "calibration", "new_typology", "rarity")
SERIOUS = frozenset({"inputs", "alert_rate", "missing"})  # what a bad model or broken data shows itself by
FRESH_US = 7 * 86_400_000_000  # only a champion that is this new is rolled back for what moved
CHECKS_TOLD = "checks_told"
TURNS = 200  # of the worker, for what is not urgent


def job_of(shut: Shut) -> Callable[[str, shapes.TrainWish], TrainingJob]:
    """How a wish becomes a job for a child."""
    given = shut.settings
    return lambda model, wish: TrainingJob(
        home=str(shut.home.path.resolve()), seed=wish.seed, quick=wish.quick, until=wish.until, model=model,
        cores=given.learning.cores, memory_mib=given.learning.memory_mib, niceness=given.retrain.niceness,
        gates=given.models.gates,
    )  # fmt: skip


def desk_of(shut: Shut, life: Life | None = None, trainings: Trainings | None = None,
            watching: Watching | None = None) -> ModelDesk:  # fmt: skip
    """The desk of a home, open or shut."""
    from haechi.app import now_us

    life = life or life_of(shut)
    tables = shut.store.tables
    trainings = trainings or Trainings(shut.home.path, tables, now_us)
    questions = Questions(tables, now_us, shut.settings.asking)
    salt = key_seed(shut.home).to_bytes(8, "little")
    quality = Quality(tables, now_us, shut.settings.asking.double_review_share, salt)
    datasets = DataSets(shut.home.datasets)
    return ModelDesk(life, shut.settings, questions, quality, job_of(shut), trainings, datasets, watching)


class ModelRoom:
    """Watches, trains, archives and asks while a house decides; `step` is called by one worker thread."""

    def __init__(self, opened: OpenHouse, now_us: Callable[[], int]) -> None:
        self._opened, self._now_us = opened, now_us
        given, tables = opened.settings, opened.store.tables
        rehearse()
        self.life = opened.life
        spec = opened.course.memory.spec
        self.watching = Watching(
            tables,
            spec,
            self.life.registry,
            given.watch,
            now_us,
            opened.course.memory.encoder.subject_key,
            lambda body: event_of(opened.schema, body),
        )
        self.watching.is_held_up = lambda: opened.snapshots.is_fresh
        self.watching.on_alarm = self._alarmed
        self.watching.on_events = self._offer
        self.trainings = Trainings(
            opened.home.path, tables, now_us, given.retrain.hours_max, entries=opened.store.journal.entries
        )  # fmt: skip
        self.trainings.on_done = self._trained
        self.questions = Questions(tables, now_us, given.asking)
        self.archiving = Archiving(
            opened.store.journal,
            opened.archive,
            opened.home.snapshots,
            given.retrain.archive_every_entries,
            lambda: bool(opened.publisher.state[1]),
            self.watching.is_held_up,
        )
        self.desk = desk_of(opened, self.life, self.trainings, self.watching)
        self._job = job_of(opened)
        self._publish = self.life.publish
        self.life.publish = self._stands
        self.watching.take_up(self.life.standing)
        opened.house.watcher = self.watching
        self.rolled_back = 0
        self._turn = 0
        self._trained_us = max((one.at_us for one in self.life.book.models()), default=0)
        self._new_frauds = 0

    def step(self) -> None:
        """What is due: scores, labels, trainings, questions."""
        if self._opened.snapshots.is_fresh:
            return
        self.watching.step()
        self._turn += 1
        if self._turn % TURNS:
            return
        self.trainings.step()
        self.questions.sweep()
        self._retrain()

    def label(self, seq: int, event_us: int, fraud: bool, known_us: int, source: str) -> None:
        """A label came."""
        self._new_frauds += fraud
        self.watching.label(seq, event_us, fraud, known_us, source)

    def early_labels(self) -> list[EarlyLabel]:
        """What ended step-up checks say since they were told last; `told` says that they are on disk."""
        at = msgspec.json.decode(self._opened.store.meta.get(CHECKS_TOLD) or "[0, 0]", type=tuple[int, int])
        found, self._checks = checks_told(self._opened.store.tables, at)
        return found

    def told(self) -> None:
        """The labels of `early_labels` are on disk."""
        self._opened.store.meta.set(CHECKS_TOLD, msgspec.json.encode(self._checks).decode())

    def close(self) -> None:
        """Keep what is open; a training goes on with the next server."""
        self.archiving.close()
        self.trainings.close()
        self.watching.step(close=True)

    def figures(self) -> Iterable[Figure]:
        """For Prometheus."""
        watching, standing = self.watching, self.life.standing
        yield Figure("haechi_shadow_scored", "Decisions scored beside the answer.", "counter", watching.scored)
        yield Figure("haechi_shadow_missed", "Decisions that the queue had no room for.", "counter", watching.missed)
        yield Figure("haechi_model_rollbacks", "Rollbacks by alarm.", "counter", self.rolled_back)
        yield Figure("haechi_archived", "Entries moved into the archive.", "counter", self.archiving.moved)
        for model, place in sorted(standing.places.items()):
            if place.step != "retired":
                labels = (("model", model), ("place", place.step))
                yield Figure("haechi_model_share", "Share of subjects that a model decides for.", "gauge",
                             place.share_ppm / 1e6, labels)  # fmt: skip
        raised = self.watching.raised
        for name in ALARM_NAMES:
            yield Figure("haechi_watch_alarm", "Alarms that are raised.", "gauge", name in raised, (("name", name),))
        for name, value in sorted(self.watching.day_figures.items()):
            yield Figure("haechi_watch_day", "Figures of the last whole day.", "gauge", value, (("name", name),))

    def _stands(self, standing: Standing) -> None:
        self._publish(standing)
        self.watching.take_up(standing)

    def _alarmed(self, told: Told) -> None:
        """An alarm came or went; one that a new champion may have caused takes it back."""
        log.warning("watch: %s is %s (%.2f of %.2f) %s", told.name, "raised" if told.raised else "over", told.value,
                    told.threshold, told.content)  # fmt: skip
        standing = self.life.standing
        may = told.raised and told.name in SERIOUS and self._opened.settings.models.rollback_on_alarm
        if not may or standing.before is None:
            return
        newest = next(row for row in reversed(self.life.book.history()) if row.step == "champion")
        # Who decides after a rollback was in force before: a second alarm of the same day is not about this model.
        if newest.what != "step" or self._now_us() - newest.at_us > FRESH_US:
            return
        try:
            why = f"{told.name} moved by {told.value:.1f}, quiet days move by up to {told.threshold:.1f}"
            self.life.rollback(ALARM, why)
            self.rolled_back += 1
        except (LearningError, Disagreed) as error:
            log.error("no rollback although %s is raised: %s", told.name, error)

    def _offer(self, candidates: list[Candidate], entities: list[dict[str, str]]) -> None:
        """Some events were scored: whom to ask, and which entities several suspicious ones meet at."""
        meet = self.watching.suspicion.add
        found = [
            replace(one, suspected=meet(one.event_id, one.event_us, one.subject, held, one.probability))
            for one, held in zip(candidates, entities, strict=True)
        ]
        self.questions.offer([one for one in found if one.passed])

    def _retrain(self) -> None:
        part = self._opened.settings.retrain
        raised = set(self.watching.raised)
        cause = why_now(
            part, now_us=self._now_us(), trained_us=self._trained_us, new_labels=self._new_frauds, alarms=raised,
            failed_us=self.trainings.failed_us(),
        )  # fmt: skip
        if cause and self.trainings.running() is None:
            self.archiving.step(now=True)
            self.trainings.start(self._job("", shapes.TrainWish()), cause, RETRAINING)

    def _trained(self, training: Training, gates: dict[str, Any]) -> None:
        """A child is done: its model is a challenger with its gates, and goes as far as the policy lets it alone."""
        self._trained_us, self._new_frauds = self._now_us(), 0
        author = RETRAINING if training.person == RETRAINING else training.person
        model = str(gates["model"])
        self.life.enter(model, author, {"cause": training.cause, "training": training.number})
        self.life.settle()
        rows = [(str(g[0]), g[1], float(g[2]), bool(g[3]), str(g[4])) for g in gates["gates"]]
        if rows:
            self.life.book.keep_gates(model, rows, self._now_us())
        wanted = self.life.settings.approvers.shadow == 0 and rows and training.cause != "gates"
        if wanted and self.life.standing.champion not in (None, model):
            try:
                self.life.ask(model, "shadow", author, comment=f"training {training.number}, {training.cause}")
            except (LearningError, Disagreed) as error:
                log.warning("model %s stays a challenger: %s", model, error)
