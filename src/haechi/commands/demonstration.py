"""What the demonstration builds: a town with a past, a home that has read it, and a model that learned from it.

Each step looks whether it was done, so a demonstration that was broken off goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from haechi.app import add_key, create_home, now_us, open_shut
from haechi.commands.importing import bring_in
from haechi.commands.living import living
from haechi.commands.train_command import Steps, train_home
from haechi.learning.figures import over_baseline
from haechi.learning.registry import Registry
from haechi.security import SCOPES
from haechi.stores import Home, NoHome, write_durably
from haechi.town import Parameters, Pen, Town, parameters, story, write_town
from haechi.town.loop import Answered

__all__ = ["Demonstration", "Plan"]

FEATURES = b"""\
# Less than the default recipe: this demonstration should be ready soon. What is unusual for a customer needs no label.
behaviour = true
windows = ["1h", "1d", "7d", "30d"]

[entities.customer]
pairs = ["merchant", "merchant_category"]

[categories]
merchant_category = { verdicts = false }
channel = { verdicts = false }
"""
# Sixty days of history cannot wait until nearly every fraud is known, which takes weeks.
PATIENT, HASTY = b"# mature_share = 0.95", b"mature_share = 0.5    "
Advance = Callable[[str, float, float | None], None]


class Plan(msgspec.Struct, frozen=True):
    """The town to build. It sees far more fraud than a real one, so that a few weeks of history are enough to learn."""

    customers: int = 400
    days: int = 60
    seed: int = 0
    fraud_level: float = 4.0

    @property
    def town(self) -> Town:
        """The town of this plan."""
        return Town(self.parameters, self.seed)

    @property
    def parameters(self) -> Parameters:
        """Its size and its fraud."""
        return parameters("small", customers=self.customers, days=self.days, fraud={"level": self.fraud_level})


class Demonstration:
    """A home for a town's bank."""

    def __init__(self, folder: Path, plan: Plan, advance: Advance) -> None:
        self.home, self.plan = Home(folder), plan
        self._advance = advance

    def build(self) -> str:
        """Do what is left to do, and give a fresh API key."""
        self._check()
        if not self.home.settings.exists():
            self._found()
        if not self.home.open_archive().rows:
            self._remember()
        if not Registry(self.home.models).entries():
            self._learn()
        with open_shut(self.home.path) as shut:
            count = len(shut.store.keys.all())
            return add_key(shut.store, f"demo-{count}", SCOPES).token

    def story(self) -> dict[str, Any]:
        """A pupil of 17 pays 7,000 won for ice cream at 07:02 on a Friday with school."""
        return story(self.plan.town)

    def days_before(self, time: str) -> list[list[dict[str, Any]]]:
        """The town's events between its history and a moment, day by day."""
        town, found, number = self.plan.town, [], self.plan.days
        pen = Pen(town)
        while town.parameters.date_of(number).isoformat() <= time[:10]:
            found.append([row for row in pen.rows(town.day(number)) if row["time"] < time])
            number += 1
        return found

    def living(self, decide: Callable[[dict[str, Any]], str]) -> Iterator[Answered]:
        """The town from the end of its history on, while `decide` answers every event with an action."""
        return living(self.plan.town, self.plan.days, decide)

    def report(self) -> dict[str, Any]:
        """How the newest model did when it was trained."""
        registry = Registry(self.home.models)
        return registry.report(registry.entries()[-1].version)

    def frauds(self, days: int) -> set[str]:
        """Which payments of the days after the history are fraud: what nobody in the bank knows."""
        town = self.plan.town
        pen = Pen(town)
        acts = (town.day(self.plan.days + n) for n in range(days))
        return {row["id"] for day in acts for row in pen.rows(day.take(day["fraud"]))}

    @property
    def _note(self) -> Path:
        return self.home.path / "demo.json"

    def _check(self) -> None:
        """A home of another town must not be mixed up with this one."""
        if not self.home.settings.exists():
            return
        if not self._note.exists():
            raise NoHome(f"{self.home.path} is a home, but not of a demonstration; choose another with --home")
        told = msgspec.json.decode(self._note.read_bytes(), type=Plan)
        if told != self.plan:
            raise NoHome(f"{self.home.path} holds a town of seed {told.seed}; remove it, or choose another with --home")

    def _found(self) -> None:
        schema = resources.files("haechi.town").joinpath("schema.toml")
        with resources.as_file(schema) as path:
            create_home(self.home.path, path, seed=(self.plan.seed % 2**64).to_bytes(8))
        write_durably(self._note, msgspec.json.encode(self.plan))
        write_durably(self.home.path / "features.toml", FEATURES)
        write_durably(self.home.settings, self.home.settings.read_bytes().replace(PATIENT, HASTY))

    def _remember(self) -> None:
        with TemporaryDirectory(prefix="haechi-town-") as folder:
            written = write_town(
                folder, self.plan.parameters, self.plan.seed, format="parquet", labelled=True,
                on_day=lambda day, _: self._advance("a town lives", 1, self.plan.days),
            )  # fmt: skip
            done = 0

            def on_rows(rows: int) -> None:
                nonlocal done
                self._advance("its bank remembers", rows - done, written.events)
                done = rows

            self._advance("its bank remembers", 0, written.events)
            bring_in(self.home.path, list(written.events_paths), on_rows=on_rows)

    def _learn(self) -> None:
        reached = 0.0

        def share(_: str, now: float) -> None:
            nonlocal reached
            self._advance("it learns from frauds", 100 * (now - reached), 100)
            reached = now

        entry, report, _ = train_home(self.home.path, Steps(lambda step, rows: None, share), quick=True)
        more, error = over_baseline(report)
        # So few frauds can hardly tell two models apart: only one that is shown to be worse may not decide here.
        if entry.status != "champion" and more >= -error:
            registry = Registry(self.home.models)
            registry.promote(entry.version, now_us=now_us(), by="haechi demo", even_if_weak=True)
