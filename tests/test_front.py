"""The house as the API sees it: every line has its own outcome; what cannot be kept is refused before it is learned."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from haechi.api import BadEvent, BadJson, Busy, Conflict, Figure, NotReady, Refusal
from haechi.api.errors import NotFound
from haechi.app import OpenHouse, open_house
from haechi.events.times import moment
from haechi.front import SKEW_US_MAX, HouseFront, _last
from haechi.stores import Entry, Ticket
from homes import Pupil, new_home, payment

NOW_US = 1_800_000_000_000_000


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHouse]:
    path = tmp_path_factory.mktemp("front") / "home"
    new_home(path)
    with open_house(path, detectors=[Pupil()]) as opened:
        yield opened


def ask(opened: OpenHouse, call: Callable[[HouseFront], Awaitable[Any]]) -> Any:
    """Call a front in an event loop of its own, as the server does."""

    async def asking() -> Any:
        loop = asyncio.get_running_loop()
        opened.store.journal.deliver_through(loop.call_soon_threadsafe, loop.call_soon)
        return await call(HouseFront(opened, lambda: NOW_US))

    return asyncio.run(asking())


def body(number: int, **changes: Any) -> bytes:
    return json.dumps(payment(number, **changes)).encode()


def label(event_id: str, known_at: Any = "2025-01-01T00:00:00Z", **changes: Any) -> bytes:
    return json.dumps({"event_id": event_id, "fraud": True, "known_at": known_at, **changes}).encode()


def test_the_same_event_is_decided_once(opened: OpenHouse) -> None:
    before = opened.store.journal.last_seq
    first = ask(opened, lambda f: f.decide(body(1)))
    assert ask(opened, lambda f: f.decide(body(1))) == first
    assert ask(opened, lambda f: f.decision("q-1")) == first
    assert opened.store.journal.last_seq == before + 1
    with pytest.raises(Conflict):
        ask(opened, lambda f: f.decide(body(1, amount=5)))


def test_events_that_came_together_are_answered_together_when_all_are_on_disk(opened: OpenHouse) -> None:
    async def together(front: HouseFront) -> list[bytes | Refusal]:
        heard: asyncio.Future[list[bytes | Refusal]] = asyncio.get_running_loop().create_future()
        bodies = [body(60), b"{", *map(body, range(61, 66)), body(60), body(60, amount=1)]
        front.decide_together(bodies, heard.set_result)
        assert not heard.done()
        found = await heard
        assert opened.store.journal.durable_seq == opened.store.journal.last_seq
        front.decide_together([body(60), b"{"], lambda again: found.extend(again))
        return found

    found = ask(opened, together)
    assert [json.loads(o)["event_id"] for o in found if isinstance(o, bytes)] == [
        *(f"q-{n}" for n in range(60, 66)), "q-60", "q-60"
    ]  # fmt: skip
    assert found[0] == found[7] == found[9]
    assert [type(o) for o in found if isinstance(o, Refusal)] == [BadJson, Conflict, BadJson]


def test_whom_all_wait_for_is_the_newest_entry_on_its_way() -> None:
    entries = [Entry(type=1, event_id=f"e{n}", time_us=n, body=b"", seq=n) for n in (3, 9, 5, 11)]
    older, newest, between, written = (Ticket((entry,), (0,), 0) for entry in entries)
    written.settle(None)
    assert _last([older, None, newest, between, written]) is newest
    assert _last([None, written]) is None


def test_the_same_event_twice_at_once_is_decided_once(opened: OpenHouse) -> None:
    async def both(front: HouseFront) -> list[bytes]:
        return await asyncio.gather(front.decide(body(2)), front.decide(body(2)))

    one, other = ask(opened, both)
    assert one == other


@pytest.mark.parametrize(
    ("raw", "refusal", "says"),
    [
        (b"{", BadJson, "JSON"),
        (b"[]", BadEvent, "object"),
        (b'{"id": "x", "kind": "login"}', BadEvent, "time"),
        (b'{"kind": "payment", "time": "2024-01-01T00:00:00Z"}', BadEvent, "id"),
        (body(3, amount=float("1e300")), BadEvent, "amount"),
        (body(3, id="x" * 513), BadEvent, "512 characters"),
        (body(3, id="a\0b"), BadEvent, "NUL"),
        (body(3, time="1969-01-01T00:00:00Z"), BadEvent, "1970"),
        (body(3, time="2206-01-01T00:00:00Z"), BadEvent, "2199"),
    ],
)
def test_what_cannot_be_kept_is_refused_before_it_is_learned(
    opened: OpenHouse, raw: bytes, refusal: type[Refusal], says: str
) -> None:
    before, seq = opened.course.memory.counts(), opened.store.journal.last_seq
    with pytest.raises(refusal, match=says):
        ask(opened, lambda f: f.decide(raw))
    assert (opened.course.memory.counts(), opened.store.journal.last_seq) == (before, seq)


def test_a_birth_date_that_is_none_does_not_fail_a_decision(opened: OpenHouse) -> None:
    assert ask(opened, lambda f: f.decide(body(4, birth_date="long ago")))


def test_one_bad_line_harms_no_other(opened: OpenHouse) -> None:
    good, bad, again = ask(opened, lambda f: f.decide_batch([body(10), b"nothing", body(10)]))
    assert isinstance(bad, BadJson)
    assert good == again
    outcomes = ask(opened, lambda f: f.learn([body(11), body(11), body(11, amount=1), body(12, fraud=True), b"{"]))
    assert outcomes[:2] == [None, None]
    assert [type(o) for o in outcomes[2:]] == [Conflict, BadEvent, BadJson]
    with pytest.raises(Conflict, match="learned without a decision"):
        ask(opened, lambda f: f.decide(body(11)))
    assert ask(opened, lambda f: f.decision("q-11")) is None
    assert ask(opened, lambda f: f.decision("nobody")) is None


def test_labels_count_once_and_only_when_they_can_be_known(opened: OpenHouse) -> None:
    ask(opened, lambda f: f.decide(body(20)))
    seq = opened.store.journal.last_seq
    lines = [label("q-20"), label("q-20"), label("unknown"), label("q-20", "2099-01-01T00:00:00Z"), label("q-20", None)]
    lines += [label("q-20", "yesterday"), label("q-20", fraud="yes"), label("q-20", source="x" * 600), b"{}"]
    outcomes = ask(opened, lambda f: f.label(lines))
    assert outcomes[:2] == [None, None]
    assert [None if o is None else o.status for o in outcomes[2:]] == [404, 400, 400, 400, 400, 400, 400]
    assert "future" in str(outcomes[3])
    assert opened.store.journal.last_seq == seq + 1
    assert ask(opened, lambda f: f.label([label("q-20")])) == [None], "again, now that it is on disk"
    assert opened.store.journal.last_seq == seq + 1
    assert ask(opened, lambda f: f.label([label("q-20", fraud=False)])) == [None], "another verdict is another label"
    assert opened.store.journal.last_seq == seq + 2
    assert [one.fraud for one in opened.store.journal.labels_of("q-20")] == [True, False]
    assert SKEW_US_MAX < 600_000_000


def test_a_label_known_before_its_event_counts_from_the_event_on(opened: OpenHouse) -> None:
    ask(opened, lambda f: f.decide(body(30)))
    assert ask(opened, lambda f: f.label([label("q-30", "2020-01-01T00:00:00Z")])) == [None]
    event = opened.store.journal.find("q-30")
    assert opened.store.journal.labels_of("q-30")[0].known_at_us == event.time_us


def test_figures_keys_and_alerts(opened: OpenHouse) -> None:
    front = HouseFront(opened, lambda: NOW_US)
    named = {figure.name for figure in front.figures()}
    assert {"haechi_journal_seq", "haechi_records", "haechi_snapshot_seq"} <= named
    kept = opened.store.keys.all()[0]
    assert front.key(bytes.fromhex(kept.hash)).name == "first"
    assert front.key(bytes(32)) is None
    assert ask(opened, lambda f: f.alerts(0, 10)) == []


def test_a_house_that_stops_or_cannot_write_refuses_before_it_learns(opened: OpenHouse, monkeypatch) -> None:
    async def stopped(front: HouseFront) -> None:
        front.stopping = True
        assert "stopping" in front.ready()
        await front.decide(body(40))

    with pytest.raises(NotReady):
        ask(opened, stopped)
    journal = opened.store.journal
    before = opened.course.memory.counts()
    monkeypatch.setattr(journal._intake, "bytes", 1 << 40)
    with pytest.raises(Busy, match="wait for the disk"):
        ask(opened, lambda f: f.decide(body(41)))
    monkeypatch.undo()
    monkeypatch.setattr(journal._intake, "broken", "the disk is gone")
    with pytest.raises(NotReady, match="the disk is gone"):
        ask(opened, lambda f: f.decide(body(42)))
    assert "the disk is gone" in HouseFront(opened, lambda: NOW_US).ready()
    monkeypatch.undo()
    assert opened.course.memory.counts() == before
    assert Path(opened.home.path).exists()


def test_labels_say_how_they_were_found_and_delays_follow(opened: OpenHouse) -> None:
    ask(opened, lambda f: f.decide(body(31)))
    at = opened.schema.event(payment(31)).time_us
    known = moment(at + 3_600_000_000)
    lines = [
        label("q-31", known, kind="report", typology="phishing", source="branch-3"),
        label("q-31", known, kind="hearsay"),
        label("q-31", known, fraud=False, typology="phishing"),
        label("q-31", known, typology=7),
    ]
    outcomes = ask(opened, lambda f: f.label(lines))
    assert outcomes[0] is None
    refused = ("kind is one of", "only a fraud has a typology", "typology is text")
    for outcome, words in zip(outcomes[1:], refused, strict=True):
        assert words in str(outcome)
    (said,) = opened.store.journal.labels_of("q-31")
    assert (said.found_by, said.typology, said.event_us, said.source) == ("report", "phishing", at, "branch-3")
    assert said.told_us > 0
    assert opened.store.journal.newest_labels(1) == [said]
    figures = ask(opened, _delay_figures)
    assert {(dict(f.labels)["quantile"], f.value) for f in figures if dict(f.labels)["source"] == "report"} == {
        ("0.5", 3_600.0), ("0.9", 3_600.0),
    }  # fmt: skip


async def _delay_figures(front: HouseFront) -> list[Figure]:
    told = front.learning.label_delays()
    delay = {"labels": 1, "median_s": 3600.0, "p90_s": 3600.0}
    assert {"kind": "report", "typology": "phishing", **delay} in told["delays"]
    assert front.learning.datasets() == {"datasets": []}
    with pytest.raises(NotFound, match="none; make one"):
        front.learning.dataset("4be1")
    return [f for f in front.figures() if f.name == "haechi_label_delay_seconds"]
