"""The pulse of a house: minutes, percentiles, reasons that rise, and the rows that the feed shows."""

from __future__ import annotations

from haechi.cases.pulse import QUIET_MAX, ROWS_MAX, Pulse, Row
from haechi.stores import Entry

MINUTE_US = 60_000_000
NOW_US = 1_760_000_000_000_000


def row(seq: int, action: str = "hold", reason: str = "r", **changes) -> Row:
    given = {"took_us": seq, "reason_text": {"en": reason}, **changes}
    return Row(seq, f"e-{seq}", 0, "payment", action, "customer:c-1", 1, "KRW", {}, reason, **given)


def unread(entry: Entry) -> Row:
    raise AssertionError("nothing was handed over as an entry here")


def test_minutes_are_those_of_the_wall_and_leave_after_an_hour() -> None:
    pulse = Pulse(unread)
    pulse.add([row(1), row(2, "allow")], NOW_US)
    pulse.add([row(3, "hold")], NOW_US + 2 * MINUTE_US)
    now = pulse.by_minute(NOW_US + 2 * MINUTE_US)
    assert (now["hold"][-1], now["hold"][-3], sum(now["allow"])) == (1, 1, 1)
    assert sum(pulse.by_minute(NOW_US + 62 * MINUTE_US)["hold"]) == 0
    assert pulse.per_second(NOW_US + 2 * MINUTE_US) == 0.1


def test_the_feed_has_what_is_new_the_newest_first_and_leaves_out_what_was_allowed() -> None:
    pulse = Pulse(unread)
    pulse.add([row(n, "allow" if n % 2 else "block") for n in range(1, ROWS_MAX + 11)], NOW_US)
    assert [one.seq for one in pulse.rows(ROWS_MAX)] == [1010, 1008, 1006, 1004, 1002]
    assert len(pulse.rows(0, 5_000, stopped=False)) == ROWS_MAX
    assert pulse.last_seq == ROWS_MAX + 10


def test_percentiles_reasons_and_slowness() -> None:
    pulse = Pulse(unread)
    assert pulse.p99_us() is None
    pulse.add([row(n) for n in range(1, 101)], NOW_US)
    assert pulse.p99_us() == 100
    pulse.add([row(101, reason="new"), row(102, reason="new", degraded=True)], NOW_US + 40 * MINUTE_US)
    assert pulse.is_slow(NOW_US + 41 * MINUTE_US)
    assert not pulse.is_slow(NOW_US + 46 * MINUTE_US)
    (rising,) = pulse.rising(NOW_US + 40 * MINUTE_US)
    assert (rising.code, rising.now, rising.before, rising.text) == ("new", 2, 0, {"en": "new"})


def test_rows_of_before_are_shown_and_not_counted() -> None:
    pulse = Pulse(unread)
    pulse.remember([row(5)])
    assert [one.seq for one in pulse.rows()] == [5]
    assert pulse.per_second(NOW_US) == 0


def test_rules_that_say_the_same_are_told_once() -> None:
    pulse = Pulse(unread)
    same = {"reason_text": {"en": "a minor paying", "ko": "미성년자 결제"}}
    pulse.add([row(1, reason="block", **same), row(2, reason="hold", **same)], NOW_US)
    pulse.add([row(3, reason="block", **same), row(4, reason="hold", **same), row(5, reason="else")],
              NOW_US + 40 * MINUTE_US)  # fmt: skip
    first, other = pulse.rising(NOW_US + 40 * MINUTE_US)
    assert (first.text["en"], first.now, first.before) == ("a minor paying", 2, 2)
    assert (other.code, other.now) == ("else", 1)


def entry(seq: int) -> Entry:
    return Entry(
        type=1, event_id=f"e-{seq}", time_us=0, body=b"", seq=seq, decision=b'{"timings_us":{"look":%d}}' % seq
    )


def test_what_was_allowed_is_counted_at_once_and_read_when_somebody_asks() -> None:
    read: list[int] = []

    def reading(one: Entry) -> Row:
        read.append(one.seq)
        return row(one.seq, "allow")

    pulse = Pulse(reading)
    pulse.add([row(3)], NOW_US, [entry(n) for n in (1, 2, 4, 5)])
    pulse.remember([], [entry(6)])
    assert pulse.by_minute(NOW_US)["allow"][-1] == 4
    assert (pulse.last_seq, pulse.per_second(NOW_US), read) == (6, 0.5, [])
    assert [one.seq for one in pulse.rows(1, 3, stopped=False)] == [6, 5, 4]
    assert read == [6, 5, 4]
    assert [one.seq for one in pulse.rows()] == [3]
    assert [one.seq for one in pulse.some({2, 3, 99})] == [3, 2]


def test_the_percentile_is_of_the_last_few_thousand_decisions() -> None:
    pulse = Pulse(unread)
    pulse.add([row(1, took_us=10**9)], NOW_US, [entry(n) for n in range(2, QUIET_MAX + 2)])
    assert pulse.p99_us() < 10**9
    pulse.add([row(QUIET_MAX + n, took_us=10**9) for n in range(2, 80)], NOW_US)
    assert pulse.p99_us() == 10**9


def test_many_small_parts_of_a_second_are_all_counted() -> None:
    pulse = Pulse(unread)
    for n in range(200):
        pulse.add([row(n)], NOW_US + n * 50_000)
    assert pulse.per_second(NOW_US + 199 * 50_000) == 20.0
