"""A history replayed as a stream: each training knows what was known then, and seldom training is shown beside."""

from __future__ import annotations

import numpy as np
import pytest

from haechi.learning.dataset import DAY_US
from haechi.learning.errors import BadProtocol
from haechi.learning.evaluate import Settings
from haechi.learning.prequential import judge_stream
from haechi.learning.protocol import check_honest
from haechi.learning.stream import Retrain, read_stream

from .making import DELAY_DAYS, START_US, Simple, events

WEEK_US = 7 * DAY_US
WEEKLY = Retrain(WEEK_US, START_US + 30 * DAY_US)


def test_every_event_behind_the_start_is_judged_once_by_what_was_known_before() -> None:
    e = events()
    rounds = WEEKLY.rounds(e)
    judged = np.concatenate([one.test for one in rounds])
    wanted = np.flatnonzero((e.time_us >= WEEKLY.start_us) & (e.y >= 0))
    assert judged.tolist() == wanted.tolist()
    for one in rounds:
        assert e.known_at_us[one.train].max() <= one.moment_us <= e.time_us[one.test].min()
        assert check_honest(e, one, WEEKLY.rehearsals(e, one))["rehearsals"]


def test_rehearsals_are_earlier_trainings_whose_labels_have_arrived() -> None:
    e = events()
    one = WEEKLY.rounds(e)[2]
    names = [r.name for r in WEEKLY.rehearsals(e, one)]
    first = WEEKLY.rounds(e)[0].name
    assert first in names, "a training that was judged is a rehearsal of a later one, under the same name"
    assert all(e.known_at_us[r.test].max() <= one.moment_us for r in WEEKLY.rehearsals(e, one))


def test_a_window_forgets_what_is_older() -> None:
    e = events()
    one = Retrain(WEEK_US, START_US + 30 * DAY_US, train_us=10 * DAY_US).rounds(e)[0]
    assert e.time_us[one.train].min() >= one.moment_us - 10 * DAY_US


def test_subjects_with_a_fraud_known_lately_are_left_out_when_asked() -> None:
    e = events(share=0.3)
    kept = Retrain(WEEK_US, START_US + 30 * DAY_US, drop_known=True).rounds(e)[0]
    whole = WEEKLY.rounds(e)[0]
    gone = np.setdiff1d(whole.test, kept.test)
    assert 0 < len(gone) < len(whole.test)
    since = kept.moment_us - DELAY_DAYS * DAY_US - WEEK_US
    customer = e.entities["customer"]
    for row in gone[:20]:
        before = (customer == customer[row]) & (e.y == 1) & (e.time_us >= since) & (e.known_at_us < e.time_us[row])
        assert before.any()


def test_spans_are_durations_or_shares() -> None:
    e = events()
    whole = int(e.time_us[-1]) - int(e.time_us[0])
    share = read_stream("5%", "40%", None, e)
    assert share.every_us == pytest.approx(0.05 * whole, rel=1e-6)
    assert share.start_us == pytest.approx(int(e.time_us[0]) + 0.4 * whole, rel=1e-6)
    assert read_stream("7d", "40%", "30d", e).train_us == 30 * DAY_US
    for text in ("0%", "soon", "101d%"):
        with pytest.raises(BadProtocol):
            read_stream(text, "40%", None, e)


def test_what_cannot_be_run_is_refused() -> None:
    e = events()
    with pytest.raises(BadProtocol, match="1 to 1000"):
        Retrain(DAY_US // 100, START_US).rounds(e)
    with pytest.raises(BadProtocol, match="start earlier"):
        Retrain(WEEK_US, START_US + 900 * DAY_US).rounds(e)
    early = Retrain(WEEK_US, START_US + 2 * DAY_US)
    with pytest.raises(BadProtocol, match="cannot be rehearsed"):
        early.rehearsals(e, early.rounds(e)[0])


def test_the_report_shows_what_retraining_is_worth() -> None:
    source = Simple(events())
    report = judge_stream(source, Retrain(WEEK_US, START_US + 32 * DAY_US), Settings(plans_max=1, budgets=(5,)))
    ways = report["ways"]
    assert set(ways) == {"retrained", "four_times_as_seldom", "frozen", "logistic"}
    over, months = ways["retrained"]["over_all"], ways["retrained"]["by_month"]
    assert sum(m["events"] for m in months) == over["events"]
    assert 0.2 < over["ap"] <= 1
    assert ways["retrained"]["mean_of_months"]["months"] == len([m for m in months if m["frauds"]])
    assert set(over["card_precision"]) == {"5"}
    for one in ("f1_at_half", "f1"):  # of frauds; few alerts leave nearly all that is honest in its class
        assert (over[one] + 0.9) / 2 < over[f"macro_{one}"] <= (over[one] + 1) / 2
    first = report["by_round"][0]
    assert first["proof"]["newest_label_in_training"] <= first["proof"]["training_moment"]
    assert report["protocol"]["trainings"] == len(report["by_round"]) == 4


def test_a_card_that_was_found_is_left_out_until_the_next_training() -> None:
    """The same card is defrauded every day: it counts once a week, or every day when nothing is left out."""
    from haechi.learning.prequential import _Cards

    day = np.arange(14)
    y, score, card, block = np.ones(14, np.int8), np.ones(14), np.zeros(14, np.int64), day // 7
    every, dropped = (_Cards.count(y, score, day, card, block, [1], drop_found=drop) for drop in (False, True))
    assert every.precision(day) == {"1": 1.0}
    assert dropped.precision(day) == {"1": pytest.approx(2 / 14)}
    # The week goes on where the month ends: what was found on its first day is known on its fifth.
    assert [dropped.precision(month) for month in (day[:4], day[4:])] == [{"1": 1 / 4}, {"1": 1 / 10}]
