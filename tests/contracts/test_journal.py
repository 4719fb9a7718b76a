"""What every engine's journal must do. An engine takes part by one line in journals.py."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from haechi.stores import (
    DECIDED,
    LABEL,
    LEARNED,
    Alert,
    ApiKey,
    BadEntry,
    Busy,
    Closed,
    DuplicateEvent,
    DuplicateKey,
    Entry,
    LabelRow,
    Limits,
    Store,
    body_hash,
)

from .journals import SMALL, Engine, entry, label


def test_numbers_follow_the_order_of_the_calls(opened: Callable[..., Store]) -> None:
    journal = opened(limits=SMALL).journal
    tickets = [journal.write(entry(f"p-{i}", time_us=1000 - i)) for i in range(100)]
    assert [ticket.wait(10) for ticket in tickets] == list(range(1, 101))
    assert journal.durable_seq == journal.last_seq == 100
    assert [found.event_id for found in journal.entries()] == [f"p-{i}" for i in range(100)]


def test_what_is_read_is_what_was_written(opened: Callable[..., Store]) -> None:
    journal = opened().journal
    said = [
        entry("a", body=b"\x00\xff", decision=None, digest=2**64 - 1, unexplained=-0.25, time_us=-(2**62)),
        entry("결제-1", body=b"", decision=b"", digest=2**63, time_us=2**62),
        entry("c", type=LEARNED, alert=Alert("al-1", "hold", 5)),
    ]
    for one in said:
        journal.write(one).wait(10)
    assert list(journal.entries()) == [*said[:2], entry("c", type=LEARNED, seq=3, body_hash=body_hash(b"{}"))]
    assert journal.entry(2) == said[1]
    assert journal.entry(4) is None


def test_a_ticket_is_not_done_before_the_commit(engine: Engine, opened: Callable[..., Store]) -> None:
    store = opened()
    called: list[int] = []
    with engine.hold(store):
        ticket = store.journal.write(entry("a"), lambda done: called.append(done.seq))
        assert not ticket.settled
        assert store.journal.durable_seq == 0
        assert not called
        assert store.journal.waiting == 1
    assert ticket.wait(10) == 1
    assert called == [1]
    assert store.journal.durable_seq == 1
    ticket.then(lambda done: called.append(-done.seq))
    assert called == [1, -1]


def test_the_loop_is_called_once_for_each_commit(engine: Engine, opened: Callable[..., Store]) -> None:
    async def run(store: Store) -> list[str]:
        loop, calls = asyncio.get_running_loop(), []

        def deliver(call: Callable[[], None]) -> None:
            calls.append(threading.current_thread().name)
            loop.call_soon_threadsafe(call)

        store.journal.deliver_through(deliver)
        with engine.hold(store):
            first = store.journal.write(entry("first"))
            rest = [store.journal.write(entry(f"r-{i}")) for i in range(50)]
        assert await first == 1
        assert [await ticket for ticket in rest] == list(range(2, 52))
        return calls

    calls = asyncio.run(run(opened()))
    assert len(calls) <= 2
    assert set(calls) == {"haechi-journal"}


def test_a_ticket_can_be_awaited_without_delivery_through_the_loop(opened: Callable[..., Store]) -> None:
    async def run(store: Store) -> int:
        return await store.journal.write(entry("a"))

    assert asyncio.run(run(opened())) == 1


def test_a_closed_loop_does_not_stop_the_journal(opened: Callable[..., Store]) -> None:
    journal = opened().journal
    loop = asyncio.new_event_loop()
    journal.deliver_through(loop.call_soon_threadsafe)
    loop.close()
    assert journal.write(entry("a")).wait(10) == 1
    assert journal.write(entry("b")).wait(10) == 2


def test_a_failing_callback_hurts_nobody(opened: Callable[..., Store], caplog: pytest.LogCaptureFixture) -> None:
    journal = opened().journal
    assert journal.write(entry("a"), lambda _: 1 // 0).wait(10) == 1
    assert journal.write(entry("b")).wait(10) == 2
    assert "a callback of journal entry 1 failed" in caplog.text


def test_keys_are_those_of_the_first_ids_that_are_new_and_differ(opened: Callable[..., Store]) -> None:
    journal = opened().journal
    journal.write(entry("known")).wait(10)
    assert len(set(journal.keys([b"a", b"b"]))) == 2
    assert journal.keys([b"a", b"b", b"a", b"c"]) == journal.keys([b"a", b"b"])
    assert journal.keys([b"a", b"known", b"b"]) == journal.keys([b"a"])
    assert journal.keys([b"known"]) == journal.keys([]) == []
    many = [b"n-%d" % n for n in range(100)]
    assert len(set(journal.keys([*many, b"known"]))) == 100


def test_new_entries_come_under_one_ticket_and_are_found_one_by_one(
    engine: Engine, opened: Callable[..., Store]
) -> None:
    store = opened(limits=SMALL)
    journal = store.journal
    names, heard = [f"e-{n}" for n in range(30)], []
    journal.follow(lambda entries: heard.extend(entries))
    journal.write(entry("before")).wait(10)
    entries = [entry(name, body=name.encode()) for name in names]
    with engine.hold(store):
        ticket = journal.write_new(entries, journal.keys([name.encode() for name in names]))
        assert all(journal.find(name) is one for name, one in zip(names, entries, strict=True))
        assert all(journal.ticket(name) is ticket for name in names)
        assert journal.waiting == 30
        with pytest.raises(DuplicateEvent, match="4"):
            journal.write(entry("e-2"))
    assert ticket.wait(10) == journal.durable_seq == 31
    assert (journal.waiting, journal.ticket("e-2"), [one.event_id for one in heard]) == (0, None, ["before", *names])
    store.close()
    again = opened(limits=SMALL).journal
    assert [again.find(name) for name in names] == entries


def test_what_is_written_as_one_is_committed_as_one(opened: Callable[..., Store]) -> None:
    """Also where somebody wants something of the writer in the midst of it."""
    store = opened(limits=SMALL)
    journal, heard = store.journal, []
    journal.follow(lambda entries: heard.append([one.event_id for one in entries]))
    with journal.as_one():
        first = journal.write_new([entry("a"), entry("b")], journal.keys([b"a", b"b"]))
        store.meta.set("between", "1")
        assert journal.find("b") is not None
        assert journal.write(entry("c")) is first
        with pytest.raises(DuplicateEvent):
            journal.write(entry("b"))
        assert not first.settled
    assert first.wait(10) == 3
    with journal.as_one():
        pass
    assert journal.write(entry("d")).wait(10) == 4
    assert heard == [["a", "b", "c"], ["d"]]
    assert [one.event_id for one in journal.entries()] == ["a", "b", "c", "d"]


def test_an_id_is_found_pending_stored_and_after_reopening(engine: Engine, opened: Callable[..., Store]) -> None:
    store = opened(limits=SMALL)
    with engine.hold(store):
        ticket = store.journal.write(entry("a", body=b"1"))
        assert store.journal.find("a") is ticket.entry
        assert store.journal.ticket("a") is ticket
        assert store.journal.find("b") is None
    ticket.wait(10)
    assert store.journal.ticket("a") is None
    for i in range(200):
        last = store.journal.write(entry(f"p-{i}"))
    last.wait(10)
    assert store.journal.find("a") == ticket.entry
    store.close()
    journal = opened(limits=SMALL).journal
    assert journal.find("a") == ticket.entry
    assert [journal.find(f"p-{i}").seq for i in range(200)] == list(range(2, 202))  # type: ignore[union-attr]
    assert journal.find("p-200") is None


def test_the_same_id_is_refused_and_another_body_is_told(opened: Callable[..., Store]) -> None:
    journal = opened().journal
    journal.write(entry("a", body=b'{"amount":1}')).wait(10)
    with pytest.raises(DuplicateEvent, match="entry 1") as refused:
        journal.write(entry("a", body=b'{"amount":2}'))
    assert (refused.value.event_id, refused.value.seq) == ("a", 1)
    assert journal.last_seq == 1
    held = journal.find("a")
    assert held is not None
    assert held.body_hash == body_hash(b'{"amount":1}') != body_hash(b'{"amount":2}')
    with pytest.raises(DuplicateEvent):
        journal.write(entry("a", type=LEARNED))


def test_sixty_four_threads_with_one_id_have_one_effect(opened: Callable[..., Store]) -> None:
    journal = opened().journal
    start, written = threading.Barrier(64), []

    def send() -> None:
        start.wait()
        try:
            written.append(journal.write(entry("same")).wait(10))
        except DuplicateEvent as error:
            written.append(-error.seq)

    threads = [threading.Thread(target=send) for _ in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(written) == [-1] * 63 + [1]
    assert journal.last_seq == 1


def test_a_revised_label_is_a_new_entry(opened: Callable[..., Store]) -> None:
    journal = opened().journal
    journal.write(entry("a"))
    journal.write(label("a", True, 10))
    journal.write(label("b", False, 11))
    assert journal.write(label("a", False, 12)).wait(10) == 4
    assert journal.labels_of("a") == [LabelRow("a", True, 10, "desk"), LabelRow("a", False, 12, "desk")]
    assert journal.labels_of("c") == []
    assert [one.type for one in journal.entries()] == [DECIDED, LABEL, LABEL, LABEL]
    assert journal.find("b") is None, "a label does not make its event known"


def test_an_alert_is_there_with_its_decision(opened: Callable[..., Store]) -> None:
    store = opened()
    store.journal.write(entry("a"))
    store.journal.write(entry("b", alert=Alert("al-b", "hold", 77))).wait(10)
    (alert,) = store.alerts.in_state("new")
    assert (alert.seq, alert.id, alert.event_id, alert.action, alert.created_us) == (2, "al-b", "b", "hold", 77)
    assert store.alerts.move("al-b", "open", was="new")
    assert not store.alerts.move("al-b", "open", was="new"), "somebody was faster"
    assert store.alerts.in_state("new") == []
    assert store.alerts.find("al-b").state == "open"  # type: ignore[union-attr]
    assert store.alerts.find("al-x") is None
    assert store.alerts.in_state("open", after_seq=2) == []


def test_reading_goes_on_while_others_write(opened: Callable[..., Store]) -> None:
    journal = opened(limits=SMALL).journal
    for i in range(50):
        last = journal.write(entry(f"p-{i}"))
    last.wait(10)
    reading = journal.entries()
    assert next(reading).seq == 1
    assert journal.write(entry("while-reading")).wait(10) == 51, "an open reader holds up no commit"
    assert [one.seq for one in reading] == list(range(2, 51)), "what was there at the start"
    assert [one.seq for one in journal.entries(48)] == [49, 50, 51]
    assert [one.seq for one in journal.entries(5, limit=13)] == list(range(6, 19))
    assert list(journal.entries(51)) == []


@pytest.mark.parametrize(
    ("limits", "body"),
    [(Limits(queue_entries_max=3), b"{}"), (Limits(queue_bytes_max=3_000), b"x" * 900)],
)
def test_a_full_queue_says_what_to_do(
    engine: Engine, opened: Callable[..., Store], limits: Limits, body: bytes
) -> None:
    store = opened(limits=limits)
    with engine.hold(store):
        tickets = [store.journal.write(entry(f"p-{i}", body=body)) for i in range(3)]
        with pytest.raises(Busy, match="answer 503 with Retry-After"):
            store.journal.write(entry("too-much", body=body))
        assert store.journal.last_seq == 3
        assert store.journal.find("too-much") is None
    assert [ticket.wait(10) for ticket in tickets] == [1, 2, 3]
    assert store.journal.write(entry("too-much", body=body)).wait(10) == 4


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (entry(""), "1 to 512 characters"),
        (entry("x" * 513), "1 to 512 characters"),
        (entry("a\0b"), "without NUL"),
        (entry("\ud800"), "valid Unicode"),
        (entry(7), "1 to 512 characters"),  # type: ignore[arg-type]
        (entry("a", body="text"), "must be bytes"),
        (entry("a", decision="text"), "must be bytes"),
        (entry("a", body=b"x" * (4 << 20)), "may hold 4194304 bytes"),
        (entry("a", type=0), "1 decided"),
        (entry("a", type=4), "1 decided"),
        (entry("a", time_us=2**63), "64 bits"),
        (entry("a", digest=2**64), "64 bits"),
        (entry("a", digest=-1), "64 bits"),
        (entry("a", unexplained=float("nan")), "finite"),
        (entry("a", type=LABEL, body=b"{"), "must be a label"),
        (entry("a", type=LABEL, body=b'{"event_id":"b","fraud":true,"known_at_us":1}'), "own event id"),
    ],
)
def test_what_cannot_be_kept_is_refused_before_it_has_a_number(
    opened: Callable[..., Store], bad: Entry, why: str
) -> None:
    journal = opened().journal
    with pytest.raises(BadEntry, match=why):
        journal.write(bad)
    assert journal.last_seq == 0
    assert journal.write(entry("good")).wait(10) == 1


def test_closing_writes_what_waits_and_takes_nothing_more(engine: Engine, opened: Callable[..., Store]) -> None:
    store = opened()
    with engine.hold(store):
        tickets = [store.journal.write(entry(f"p-{i}")) for i in range(10)]
    store.close()
    assert all(ticket.settled and ticket.error is None for ticket in tickets)
    with pytest.raises(Closed, match="open it again"):
        store.journal.write(entry("late"))
    store.close()


def test_reopening_goes_on_where_it_stopped(opened: Callable[..., Store]) -> None:
    store = opened()
    store.journal.write(entry("a"))
    store.journal.write(label("a", True, 1))
    store.close()
    store = opened()
    assert store.journal.last_seq == store.journal.durable_seq == 2
    assert store.journal.write(entry("b")).wait(10) == 3
    store.close()
    store = opened(after_seq=1_000)
    assert store.journal.write(entry("c")).wait(10) == 1_001, "imported history has the numbers in between"
    store.close()
    store = opened()
    assert store.journal.last_seq == 1_001
    assert [one.seq for one in store.journal.entries()] == [1, 2, 3, 1_001]
    assert store.journal.find("b").seq == 3  # type: ignore[union-attr]


def test_forgotten_entries_stay_known_through_the_archive(opened: Callable[..., Store]) -> None:
    kept: dict[int, Entry] = {}
    store = opened(limits=SMALL, archived=kept.get)
    for i in range(30):
        last = store.journal.write(entry(f"p-{i}"))
    last.wait(10)
    kept.update({one.seq: one for one in store.journal.entries(limit=20)})
    assert store.journal.forget(1, 20) == 20
    assert store.journal.first_seq() == 21
    assert store.journal.find("p-3") == kept[4]
    with pytest.raises(DuplicateEvent):
        store.journal.write(entry("p-3"))


def test_the_journal_says_from_which_number_on_a_time_is_found(opened: Callable[..., Store]) -> None:
    store = opened()
    assert store.journal.first_since(0) is None
    for i, time_us in enumerate((50, 10, 90, 20, 90)):
        last = store.journal.write(Entry(type=DECIDED, event_id=f"t-{i}", time_us=time_us, body=b"{}", decision=b"{}"))
    last.wait(10)
    assert [store.journal.first_since(time_us) for time_us in (0, 50, 51, 90, 91)] == [1, 1, 3, 3, None]


def test_the_journal_finds_the_bodies_that_hold_a_text(opened: Callable[..., Store]) -> None:
    store = opened()
    bodies = [b'{"customer": "c-%d", "note": "caf\xc3\xa9"}' % (i % 3) for i in range(7)]
    for i, body in enumerate(bodies):
        last = store.journal.write(Entry(type=DECIDED, event_id=f"m-{i}", time_us=i, body=body, decision=b'"c-9"'))
    last.wait(10)
    assert list(store.journal.mentioning(b'"c-1"')) == [bodies[1], bodies[4]]
    assert list(store.journal.mentioning("café".encode())) == bodies
    assert list(store.journal.mentioning(b'"c-9"')) == [], "what was decided is not what was said"


def test_keys_are_kept_found_and_revoked(opened: Callable[..., Store]) -> None:
    store = opened()
    key = ApiKey("h1", "till", ("decide", "labels"), 5)
    store.keys.add(key)
    assert store.keys.find("h1") == key
    assert store.keys.find("h2") is None
    with pytest.raises(DuplicateKey, match="'till'"):
        store.keys.add(ApiKey("h2", "till", (), 6))
    assert store.journal.write(entry("a")).wait(10) == 1, "a refused key does not break the journal"
    assert store.keys.revoke("till", 9)
    assert not store.keys.revoke("till", 10)
    assert [one.revoked_us for one in store.keys.all()] == [9]


def test_meta_remembers(opened: Callable[..., Store]) -> None:
    store = opened()
    assert store.meta.get("spec") is None
    store.meta.set("spec", "1")
    store.meta.set("spec", "2")
    store.close()
    assert opened().meta.get("spec") == "2"


def test_a_sound_store_has_nothing_to_report(opened: Callable[..., Store]) -> None:
    store = opened(limits=SMALL)
    for i in range(100):
        last = store.journal.write(entry(f"p-{i}"))
    last.wait(10)
    assert store.check() == []
