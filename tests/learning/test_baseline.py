"""Trees have to beat a logistic regression, a regression what decides in a home without a model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from haechi.learning.baseline import CHANCE, FEW_LABELS, LOGISTIC, SURPRISE, TREES, baseline_of, stood_beside
from haechi.learning.choose import FEW, LINEAR, Candidate, Choice, Rehearser
from haechi.learning.dataset import DAY_US, Columns
from haechi.learning.evaluate import Settings
from haechi.learning.lessons import Lesson, Lessons
from haechi.learning.live import Live
from haechi.learning.train import Trained, train

from .making import START_US, Simple, events

NOW = START_US + 55 * DAY_US
NAMES = ("amount", "behaviour.surprise_run", "behaviour.surprise_hour", "noise")


def surprising(share: float = 0.02) -> Simple:
    """A home with behaviour, in which frauds are surprising."""
    source = Simple(events(6_000, share=share))
    source.columns = Columns(NAMES, ("raw", "behaviour", "behaviour", "raw"), ("contrast",) * 4)
    return source


@pytest.fixture(scope="module")
def rehearsed() -> tuple[list[Lesson], Rehearser, Choice]:
    source = surprising()
    rounds = Live(NOW).rehearsals(source.events)
    fetched = Lessons(source, rounds, seed=0, recency=None, plans_max=1)
    lessons, rehearser = [fetched.of(one) for one in rounds], Rehearser(source.columns, 0)
    return lessons, rehearser, rehearser.choose(lessons, newest_only=False)


def chosen(choice: Choice, plan: str) -> Choice:
    return replace(choice, candidate=next(c for c in choice.finalists if c.plan == plan))


def test_everything_that_was_rehearsed_stands_beside(rehearsed) -> None:
    lessons, rehearser, choice = rehearsed
    grown = replace(choice, candidate=choice.finalists[-1])
    assert list(stood_beside(lessons, rehearser, grown)) == [FEW_LABELS, LOGISTIC, SURPRISE]
    few = stood_beside(lessons, rehearser, chosen(choice, FEW))
    assert list(few) == [LOGISTIC, TREES, SURPRISE]
    line = stood_beside(lessons, rehearser, chosen(choice, LINEAR))
    assert list(line) == [FEW_LABELS, LOGISTIC, TREES, SURPRISE], "the baseline is shown although it was chosen"
    for lesson, run in zip(lessons, line[SURPRISE], strict=True):
        assert np.array_equal(run, np.nan_to_num(lesson.test_rows[:, 1]).astype(np.float64))


def test_what_must_be_beaten_depends_on_what_was_chosen() -> None:
    trees, line = (Choice(c, True, None, 0.0) for c in (Candidate(9, "small", 1), Candidate(4, LINEAR)))
    assert baseline_of(trees, (LOGISTIC, SURPRISE)) == LOGISTIC
    assert baseline_of(trees, (SURPRISE,)) == ""
    assert baseline_of(line, (LOGISTIC, SURPRISE)) == SURPRISE
    assert baseline_of(line, (LOGISTIC,)) == CHANCE


@pytest.fixture(scope="module")
def trained() -> Trained:
    return train(surprising(), until_us=NOW, settings=Settings(budgets=(3,), plans_max=1))


def test_a_line_that_wins_is_the_model_and_the_report_says_so(trained) -> None:
    report, artifact = trained.report, trained.artifact
    assert artifact.settings["model"] == FEW
    assert artifact.fitted.linear is not None
    assert "lightgbm" not in artifact.settings
    assert set(report["evidence"]["finalists"]) > {FEW, LINEAR}
    assert report["baseline"]["name"] == SURPRISE
    assert report["beats_baseline"] == (report["ap"] > report["baseline"]["ap"])
    assert {one["baseline"]["name"] for one in report["by_fold"]} == {SURPRISE}
    assert "ap" in report["baseline_logistic"]
    assert set(trained.judged.others) == {LOGISTIC, TREES, SURPRISE}
    again = train(surprising(), until_us=NOW, settings=Settings(budgets=(3,), plans_max=1))
    assert again.artifact.encode() == artifact.encode()


def test_without_baseline_and_behaviour_trees_stand_alone() -> None:
    found = train(
        Simple(events(6_000)), until_us=NOW,
        settings=Settings(budgets=(3,), plans_max=1, baseline=False, rehearsals_max=1),
    )  # fmt: skip
    assert found.report["beats_baseline"] is False
    assert "baseline" not in found.report
    assert not found.judged.others
