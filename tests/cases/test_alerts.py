"""The queue: folding, order, taking, resting, escalating; and nobody at the same alert as somebody else."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haechi.cases import BadAsk, NotAllowed, Stale, Unknown
from haechi.stores.calls import DOUBLES_US, rank_of

from .making import DAY_US, HOUR_US, SECOND_US, Work


def test_alerts_of_one_customer_fold_into_one_place_in_the_queue(work: Work) -> None:
    first = work.call("p-1", "c-1", amount=7_000, expected_loss=100, urgency=100)
    work.call("p-2", "c-1", amount=3_000, expected_loss=50, urgency=50)
    work.call("p-3", "c-2")
    (one, other) = sorted(work.desk.alerts.queue().alerts, key=lambda a: a.seq)
    assert (one.id, one.events, one.amount, one.expected_loss) == (first, 2, 10_000, 150)
    assert other.events == 1
    full = work.desk.alerts.alert("a-p-2")
    assert full.id == first, "a folded alert leads to the one that took it up"
    assert [c.event_id for c in full.called] == ["p-1", "p-2"]
    assert [(c.amount, c.expected_loss) for c in full.called] == [(7_000, 100), (3_000, 50)], "each as it came"
    assert [h.what for h in full.history] == ["opened", "folded"]
    assert work.desk.alerts.at_stake([one, other]) == {one.seq: "p-1", other.seq: "p-3"}
    work.call("p-4", "c-1", amount=2_000, expected_loss=120, urgency=50)
    assert work.desk.alerts.at_stake(work.desk.alerts.queue().alerts)[one.seq] == "p-4", "its row holds the sum of all"
    assert [a.state for a in work.desk.alerts.feed(0, 10)] == ["new", "folded", "new", "folded"]


def test_amounts_of_another_currency_are_ranked_but_not_added(work: Work) -> None:
    work.call("p-1", "c-1", amount=7_000, expected_loss=100, urgency=100)
    work.call("p-2", "c-1", amount=9_900, currency="EUR", expected_loss=50, urgency=900)
    (one,) = work.desk.alerts.queue().alerts
    assert (one.amount, one.currency, one.expected_loss) == (7_000, "KRW", 100)
    assert [(c.amount, c.currency) for c in work.desk.alerts.alert(one.id).called] == [(7_000, "KRW"), (9_900, "EUR")]
    assert one.rank == rank_of(1_000, one.due_us)


def test_an_alert_without_a_subject_stands_alone(work: Work) -> None:
    work.call("p-1", subject="")
    work.call("p-2", subject="")
    assert len(work.desk.alerts.queue().alerts) == 2


def test_a_new_event_wakes_a_snoozed_alert_and_leaves_a_closed_one(work: Work) -> None:
    id_ = work.call("p-1", "c-1")
    work.desk.alerts.snooze(id_, "ana", work.clock.now + DAY_US, "travels until tomorrow")
    work.call("p-2", "c-1")
    assert work.desk.alerts.plain(id_).state == "new"
    work.desk.verdicts.say(id_, "ana", "legitimate")
    work.later(11 * SECOND_US)
    work.call("p-3", "c-1")
    assert [a.id for a in work.desk.alerts.queue().alerts] == ["a-p-3"]


@given(
    st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10 * DAY_US)), min_size=2, max_size=2),
    st.integers(0, 20 * DAY_US),
)
def test_the_order_is_urgency_doubled_for_each_four_hours_over_time(pair: Any, now: int) -> None:
    def weight(urgency: int, due_us: int) -> float:
        return (1 + urgency / 1_000) * 2.0 ** ((now - due_us) / DOUBLES_US)

    (one, other) = pair
    a, b = weight(*one), weight(*other)
    if max(a, b) > 1.000_001 * min(a, b):
        assert (a > b) == (rank_of(*one) > rank_of(*other))


def test_pages_of_the_queue_join_without_a_gap_in_any_state(work: Work) -> None:
    ids = [work.call(f"p-{n}", urgency=n * 37 % 11 * 1_000) for n in range(23)]
    work.desk.alerts.take(ids[3], "ana")
    work.desk.alerts.snooze(ids[4], "ana", work.clock.now + DAY_US, "later")
    whole = work.desk.alerts.queue(limit=100)
    assert whole.next is None
    assert [a.rank for a in whole.alerts] == sorted((a.rank for a in whole.alerts), reverse=True)
    seen, cursor = [], ""
    while cursor is not None:
        page = work.desk.alerts.queue(limit=5, cursor=cursor)
        seen += [a.id for a in page.alerts]
        cursor = page.next
    assert seen == [a.id for a in whole.alerts]
    assert [a.id for a in work.desk.alerts.queue(holder="ana").alerts] == [ids[3]]
    assert [a.id for a in work.desk.alerts.queue(("snoozed",)).alerts] == [ids[4]]
    assert work.desk.alerts.queue(subject="customer:p-7", action="hold", level=0).alerts[0].id == ids[7]
    with pytest.raises(BadAsk, match="cursor"):
        work.desk.alerts.queue(cursor="x")


def test_next_gives_the_most_pressing_one_and_skips_what_rests(work: Work) -> None:
    small, large, resting = (
        work.call("p-1", urgency=10),
        work.call("p-2", urgency=10**6),
        work.call("p-3", urgency=10**7),
    )
    work.desk.alerts.snooze(resting, "bo", work.clock.now + HOUR_US, "calls back at noon")
    assert work.desk.alerts.next("ana").id == large
    assert work.desk.alerts.next("bo").id == small
    assert work.desk.alerts.next("cy") is None
    work.clock.now += HOUR_US
    assert work.desk.alerts.next("cy").id == resting, "it wakes in the same moment"


def test_what_one_has_another_cannot_touch_until_the_lock_ends_or_she_says_why(work: Work) -> None:
    id_ = work.call("p-1")
    taken = work.desk.alerts.take(id_, "ana")
    assert (taken.state, taken.holder) == ("taken", "ana")
    for call in (
        lambda: work.desk.alerts.take(id_, "bo"),
        lambda: work.desk.alerts.release(id_, "bo"),
        lambda: work.desk.verdicts.say(id_, "bo", "fraud"),
        lambda: work.desk.alerts.escalate(id_, "bo", "large"),
    ):
        with pytest.raises(NotAllowed, match="ana has"):
            call()
    with pytest.raises(BadAsk, match="comment is needed"):
        work.desk.alerts.take(id_, "bo", over=True)
    assert work.desk.alerts.take(id_, "bo", over=True, comment="ana is off sick").holder == "bo"
    work.later(31 * 60 * SECOND_US)
    assert work.desk.alerts.plain(id_).state == "new"
    assert work.desk.alerts.take(id_, "cy").holder == "cy"
    assert [h.what for h in work.desk.alerts.alert(id_).history] == ["opened", "taken", "taken", "unlocked", "taken"]


def test_handing_over_putting_back_and_escalating(work: Work) -> None:
    id_ = work.call("p-1")
    assert work.desk.alerts.assign(id_, "ana", "bo", "speaks Japanese").holder == "bo"
    back = work.desk.alerts.release(id_, "bo")
    assert (back.state, back.holder) == ("new", "")
    up = work.desk.alerts.escalate(id_, "bo", "a branch is involved")
    assert (up.state, up.level) == ("new", 1)
    assert work.desk.alerts.next("ana") is None, "it waits in another queue now"
    assert work.desk.alerts.next("lead", level=1).id == id_
    for _ in range(2):
        work.desk.alerts.escalate(id_, "lead", "higher")
    with pytest.raises(NotAllowed, match="highest"):
        work.desk.alerts.escalate(id_, "lead", "higher")


def test_a_stale_view_changes_nothing(work: Work) -> None:
    id_ = work.call("p-1", "c-1")
    seen = work.desk.alerts.plain(id_).version
    work.call("p-2", "c-1")
    with pytest.raises(Stale, match="look again"):
        work.desk.alerts.take(id_, "ana", seen)
    assert work.desk.alerts.take(id_, "ana", seen + 1).holder == "ana"


@pytest.mark.parametrize(("wait", "reason"), [(0, "x"), (31 * DAY_US, "x"), (HOUR_US, " "), (HOUR_US, "x" * 2_001)])
def test_a_snooze_has_an_end_and_a_reason(work: Work, wait: int, reason: str) -> None:
    id_ = work.call("p-1")
    with pytest.raises(BadAsk):
        work.desk.alerts.snooze(id_, "ana", work.clock.now + wait, reason)
    assert work.desk.alerts.plain(id_).state == "new"


def test_what_is_not_there_is_said(work: Work) -> None:
    for call in (lambda: work.desk.alerts.alert("a-x"), lambda: work.desk.alerts.take("a-x", "ana")):
        with pytest.raises(Unknown, match="a-x"):
            call()


def test_64_analysts_never_get_the_same_alert(work: Work) -> None:
    for n in range(150):
        work.call(f"p-{n}", urgency=n * 7 % 50 * 1_000)
    got: list[str] = []
    begin = threading.Barrier(64)

    def analyst(name: str) -> None:
        begin.wait(60)
        while (found := work.desk.alerts.next(name)) is not None:
            assert found.holder == name
            got.append(found.id)

    people = [threading.Thread(target=analyst, args=(f"analyst-{n}",)) for n in range(64)]
    for person in people:
        person.start()
    for person in people:
        person.join(120)
    assert len(got) == len(set(got)) == 150
    counts = work.desk.alerts.counts()
    assert (counts.new, counts.taken) == (0, 150)


def test_counts_say_what_is_late(work: Work) -> None:
    work.call("p-1")
    work.clock.now += 2 * HOUR_US
    work.call("p-2")
    work.desk.count()
    assert (work.desk.numbers.alerts.new, work.desk.numbers.alerts.late) == (2, 1)
