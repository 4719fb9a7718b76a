"""Choices follow the rehearsals: label features go where they mislead, and a slower model must earn its place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from haechi.detectors.boosting import blend
from haechi.learning.choose import Candidate, Rehearser, cheapest, fit_chosen, view_of
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


def test_label_features_stay_where_they_help() -> None:
    choice, rehearser, lessons = chosen_by(Told(events(2_500)))
    assert choice.label_features
    assert np.mean(choice.evidence["label_features"]["with"]) > np.mean(choice.evidence["label_features"]["without"])
    assert len(choice.evidence["average_precision"]) == 12
    texts, view = fit_chosen(choice, lessons[0], rehearser.columns, seed=0)
    assert len(texts) == (3 if choice.candidate.plan == "blend" else 1)
    assert view.chosen.tolist() == [0, 1, 2, 3]
    assert len(rehearser.score_of(lessons[0], choice)) == len(lessons[0].test_y)
    # What a rehearsal trained is cut to size, which is the same as training it so far.
    again = blend(texts, view).score(lessons[0].test_rows)
    np.testing.assert_allclose(rehearser.forest(lessons[0], choice).score(lessons[0].test_rows), again, atol=1e-12)


def test_label_features_go_where_labels_stop_telling_the_truth() -> None:
    choice, rehearser, lessons = chosen_by(Told(events(2_500), until_known=True))
    assert not choice.label_features
    _, view = fit_chosen(choice, lessons[0], rehearser.columns, seed=0)
    assert view.chosen.tolist() == [0, 1, 2]


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
