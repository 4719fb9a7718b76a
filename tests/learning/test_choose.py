"""Choices follow the rehearsals: label features go where they mislead, and a slower model must earn its place."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from haechi.learning.choose import FEW, LINEAR, Candidate, Choice, Rehearser, cheapest, fit_chosen, view_of
from haechi.learning.dataset import Columns
from haechi.learning.lessons import Lessons
from haechi.learning.protocol import TimeSplit

from .making import NAMES, Simple, events


@dataclass
class Told(Simple):
    """The label feature gives the outcome away; with `until_known` only as long as labels flow, the opposite after."""

    until_known: bool = False

    def rows(self, keep, visible):
        """As before, with another last column."""
        x, e = super().rows(np.arange(len(self.events)), visible), self.events
        x[:, 3] = (e.y == 1) + 0.1 * x[:, 2]
        if self.until_known:
            x[:, 3] = np.where(e.time_us > e.known_at_us[visible].max(), -x[:, 3], x[:, 3])
        return x[keep]


def chosen_by(source) -> tuple:
    [outer] = TimeSplit(0.7).rounds(source.events)
    rehearsals = TimeSplit(0.7).rehearsals(source.events, outer)
    fetched = Lessons(source, [outer, *rehearsals], seed=0, recency=None)
    rehearser = Rehearser(source.columns, 0)
    lessons = [fetched.of(r) for r in rehearsals]
    return rehearser.choose(lessons, newest_only=True), rehearser, lessons


def grown(choice: Choice) -> Choice:
    """The same choice, had the trees won."""
    return replace(choice, candidate=choice.finalists[-1])


def test_label_features_stay_where_they_help() -> None:
    choice, rehearser, lessons = chosen_by(Told(events(2_500)))
    assert choice.label_features
    assert np.mean(choice.evidence["label_features"]["with"]) > np.mean(choice.evidence["label_features"]["without"])
    assert len(choice.evidence["average_precision"]) == 12 + 1
    choice = grown(choice)
    fitted = fit_chosen(choice, lessons[0], rehearser.columns, seed=0)
    assert len(fitted.texts) == (3 if choice.candidate.plan == "blend" else 1)
    assert fitted.view.chosen.tolist() == [0, 1, 2, 3]
    assert len(rehearser.score_of(lessons[0], choice)) == len(lessons[0].test_y)
    # What a rehearsal trained is cut to size, which is the same as training it so far.
    again = fitted.model.score(lessons[0].test_rows)
    np.testing.assert_allclose(rehearser.model(lessons[0], choice).score(lessons[0].test_rows), again, atol=1e-12)


def test_label_features_go_where_labels_stop_telling_the_truth() -> None:
    choice, rehearser, lessons = chosen_by(Told(events(2_500), until_known=True))
    assert not choice.label_features
    assert fit_chosen(choice, lessons[0], rehearser.columns, seed=0).view.chosen.tolist() == [0, 1, 2]
    line = replace(choice, candidate=next(c for c in choice.finalists if c.is_linear))
    assert fit_chosen(line, lessons[0], rehearser.columns, seed=0).linear.columns.tolist() == [0, 1, 2]


def test_without_label_features_nothing_is_asked_about_them() -> None:
    columns = Columns(NAMES, ("raw",) * 4, ("contrast",) * 4)
    assert Rehearser(columns, 0)._label_features([]) == (False, {})
    assert view_of(columns, False).chosen.tolist() == [0, 1, 2, 3]


def test_the_cheapest_within_noise_wins() -> None:
    small, large, blend = Candidate(100, "small", 1), Candidate(900, "large", 1), Candidate(2_000, "blend", 3)
    assert cheapest({blend: [0.75, 0.77], large: [0.75, 0.77], small: [0.7495, 0.769]}) == small
    assert cheapest({blend: [0.75, 0.77], large: [0.75, 0.77], small: [0.745, 0.765]}) == large
    # Better by luck in one rehearsal and worse in the other: nothing is shown, the mean of all is safe.
    assert cheapest({blend: [0.75, 0.77], large: [0.78, 0.75], small: [0.70, 0.80]}) == blend
    assert cheapest({blend: [0.75], large: [0.75], small: [0.76]}) == large
    assert str(small) == "small 1/3"


SURPRISE = ("amount", "behaviour.surprise_hour", "behaviour.surprise_run", "noise")


def told_by_surprise(share: float, *, twisted: bool = False) -> Simple:
    """What is surprising is fraud; `twisted`: only what is either very surprising or not at all."""
    source = Simple(events(4_000, share=share))
    source.columns = Columns(SURPRISE, ("raw", "behaviour", "behaviour", "raw"), ("contrast",) * 4)
    drawn = source.rows

    def rows(keep, visible):
        x, y = drawn(np.arange(len(source.events)), visible), source.events.y
        x[:, 2], x[:, 1] = np.abs(x[:, 2]) + np.where(y == 1, 2.0, 0.0), 0.0
        if twisted:
            r = np.random.default_rng(3)
            far = np.where(r.random(len(y)) < 0.5, 6.0, 0.0)
            x[:, 2] = np.where(y == 1, far, 3.0) + r.random(len(y))
        return x[keep]

    source.rows = rows  # type: ignore[method-assign]
    return source


def test_few_labels_leave_it_to_the_smallest_regression() -> None:
    choice, rehearser, lessons = chosen_by(told_by_surprise(0.012))
    assert [c.plan for c in choice.finalists[:2]] == [FEW, LINEAR]
    assert choice.candidate == choice.finalists[0]
    told = choice.evidence["finalists"]
    assert told[FEW]["behind"] <= told[FEW]["noise"]
    line = rehearser.model(lessons[0], choice)
    assert line.columns.tolist() == [2, 1]
    assert rehearser.model(lessons[0], choice) is line, "fitted once"
    assert np.array_equal(rehearser.score_of(lessons[0], choice), line.score(lessons[0].test_rows))
    assert str(choice.candidate) == "few labels"


def test_trees_win_where_a_line_is_shown_to_be_worse() -> None:
    choice, _, _ = chosen_by(told_by_surprise(0.1, twisted=True))
    assert not choice.candidate.is_linear
    told = choice.evidence["finalists"]
    assert all(told[name]["behind"] > told[name]["noise"] for name in (FEW, LINEAR))


def test_which_regressions_compete() -> None:
    with_bits, without = told_by_surprise(0.05).columns, Simple(events(100)).columns
    assert [c.plan for c in Rehearser(with_bits, 0)._regressions(True)] == [FEW, LINEAR]
    assert [str(c) for c in Rehearser(without, 0)._regressions(True)] == [LINEAR]
    assert [c.cost for c in Rehearser(without, 0)._regressions(False)] == [3], "without the columns made from labels"
    assert Rehearser(with_bits, 0, regressions=False)._regressions(True) == []
