"""Models and a life for the tests of this room: tiny forests over three features, tables in a real store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from haechi.app import create_home, open_shut
from haechi.detectors import Artifact, Calibration, View
from haechi.detectors.artifact import Fitted, seal
from haechi.detectors.boosting import Plan, fit, prepare
from haechi.learning.life.life import Life
from haechi.learning.life.policy import ModelsPart
from haechi.learning.life.scores import Block, ScoreStore
from haechi.learning.registry import Registry

GOOD = {"ap": 0.7, "beats_baseline": True}


@cache
def model(seed: int, names: tuple[str, ...] = ("a", "b", "c")) -> Artifact:
    """A tiny model; another seed is another one."""
    r = np.random.default_rng(seed)
    x = r.normal(size=(300, len(names))).astype(np.float32)
    y = (x[:, 0] > 1).astype(np.int8)
    plan = Plan("tiny", 5, 4, 0.1, 5)
    text = fit(plan, prepare(x, y, np.ones(300), seed=seed, plan=plan), seed=seed)
    return seal(
        Fitted((text,), View.whole(len(names))), x, names=names, roles=("contrast",) * len(names), spec_hash="s",
        reference=x[0], calibration=Calibration(), settings={}, seed=seed,
    )  # fmt: skip


@contextmanager
def living(folder: Path, part: ModelsPart | None = None, models: int = 2, **more: object) -> Iterator[Life]:
    """A life over a home's own tables, with a few registered models; the first one is the champion."""
    path = folder / "home"
    if not path.exists():
        create_home(path)
    clock = count(1_000)
    with open_shut(path) as shut:
        registry = Registry(shut.home.models)
        for seed in range(models):
            registry.register(model(seed), GOOD, now_us=seed)
        given: dict[str, Any] = more
        life = Life(
            shut.store.tables, registry, part or ModelsPart(shadow_decisions_min=0), lambda: next(clock), **given
        )
        if models and life.standing.champion is None:
            life.first(model(0).version, "the first model")
        yield life


def pass_gates(life: Life, version: str) -> None:
    """Write down that a model passed its gates."""
    life.book.keep_gates(version, [("frauds", 30.0, 20.0, True, "{}")], 5)


def shadowed(life: Life, version: str, count: int = 1_000) -> None:
    """Write down that a model scored so many decisions, half of them in each of two blocks."""
    for some in (count // 2, count - count // 2):
        zeros = {name: np.zeros(some, kind) for name, kind in (
            ("seq", "<i8"), ("time_us", "<i8"), ("risk", "<f4"), ("rules", "<f4"), ("action", "u1"), ("amount", "<i8"),
            ("subject", "<i8"),
        )}  # fmt: skip
        said = np.full(some, 0.1, np.float32)
        ScoreStore(life.book.tables).add(Block(**zeros, scores={version: said, "other": said * np.nan}), 0)


def champion(life: Life, version: str, person: str = "ana", other: str = "bo") -> None:
    """Bring a model through all its steps, by two people."""
    pass_gates(life, version)
    life.ask(version, "shadow", person)
    life.answer(life.ask(version, "canary", person, 0.1).id, "approve", other)
    life.answer(life.ask(version, "champion", person).id, "approve", other)
