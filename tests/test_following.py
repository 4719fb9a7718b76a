"""Whoever shows what happens: the read models know all that is kept, and what is decided a moment later."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.live import until
from haechi import following
from haechi.app import OpenHouse, add_key, open_house
from haechi.backstage import Backstage
from haechi.cases.recent import LINKS, Recent, Seen
from haechi.decision.decision import decode
from haechi.following import Follower
from haechi.front import HouseFront
from haechi.stores import DECIDED, LABEL, StoreError
from homes import Pupil, new_home, payment

NOW_US = 1_760_000_000_000_000


@pytest.fixture
def opened(tmp_path: Path, town_events: Path) -> Iterator[OpenHouse]:
    new_home(tmp_path / "home", town_events)
    house = open_house(tmp_path / "home", detectors=[Pupil()])
    yield house
    house.close()


def front_of(opened: OpenHouse) -> HouseFront:
    return HouseFront(opened, lambda: NOW_US)


def decide(front: HouseFront, number: int) -> str:
    event = payment(number)
    answer = front._decide(json.dumps(event).encode())
    answer.written.wait(60)
    return event["id"]


def test_the_ring_holds_archive_and_journal_and_goes_on(opened: OpenHouse) -> None:
    front = front_of(opened)
    first = decide(front, 1)
    heard = threading.Event()
    behind = Backstage(opened, front, lambda: NOW_US)
    behind.follower.start(heard.set)
    until(lambda: not behind.follower.is_reading)
    assert behind.recent.added == opened.archive.rows + 1
    assert [row.event_id for row in behind.pulse.rows(stopped=False)] == [first]
    assert behind.pulse.per_second(NOW_US) == 0, "what was decided before is shown, not counted"
    second = decide(front, 2)
    assert heard.wait(10)
    until(lambda: behind.pulse.rows(stopped=False)[0].event_id == second)
    customer = payment(2)["customer"]
    known = behind.recent.of("customer", customer, latest=10_000).latest
    assert payment(2)["merchant"] in {one.links.get("merchant") for one in known}
    told = f'{{"event_id": "{second}", "fraud": true, "known_at": "2024-12-01T00:00:00+09:00"}}'.encode()
    front._label(told).wait(60)
    until(lambda: behind.recent.of("customer", customer).frauds.any())
    assert behind.trouble() == ["model"]
    behind.close()


def test_behind_the_stage_is_the_house_itself(opened: OpenHouse) -> None:
    front = front_of(opened)
    behind = Backstage(opened, front, lambda: NOW_US)
    id_ = decide(front, 7)
    found = behind.decided(id_)
    assert found.event.id == id_
    assert found.decision.event_id == id_
    assert behind.decided(id_) is found
    for unknown in ("none", "\0", "\ud800"):
        assert behind.decided(unknown) is None
    assert behind.profile(payment(7)["customer"])["events"] >= 1
    assert behind.profile("nobody") is None
    assert behind.money_today(0) is behind.money_today(0)
    assert behind.subject == "customer"
    assert behind.policy.currency == "KRW"
    key = add_key(opened.store, "ana", ["read"])
    assert behind.key(key.stored.digest).name == "ana"
    assert behind.trouble()[0] == "model"


def test_a_journal_that_cannot_be_read_is_told_and_asked_again(
    opened: OpenHouse, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    follower = Follower(opened.schema, opened.spec, 0, opened.archive, opened.store.journal, lambda: NOW_US, 10)
    front = front_of(opened)
    decide(front, 1)
    calls = []

    def broken(after: int, limit: int | None = None):
        calls.append(after)
        raise StoreError("the disk is slow")

    entries = opened.store.journal.entries
    with caplog.at_level(logging.WARNING, "haechi"):
        monkeypatch.setattr(opened.store.journal, "entries", broken)
        monkeypatch.setattr(opened.store.journal, "follow", lambda hear: None)
        follower.start()
        until(lambda: not follower.is_reading)
        decide(front, 2)
        until(lambda: len(calls) >= 2)
        monkeypatch.setattr(opened.store.journal, "entries", entries)
        until(lambda: follower.recent.added == 1)
        follower.close()
    assert "history could not be read" in caplog.text
    assert "cannot read the journal" in caplog.text


def test_decisions_that_are_held_up_are_left_alone(opened: OpenHouse) -> None:
    asked, held = [], [True]

    def is_held_up() -> bool:
        asked.append(len(asked))
        return held[0]

    journal = opened.store.journal
    follower = Follower(opened.schema, opened.spec, 0, opened.archive, journal, lambda: NOW_US, 10, is_held_up)
    follower.start()
    until(lambda: not follower.is_reading)
    before = follower.recent.added
    decide(front_of(opened), 1)
    looked = len(asked)
    until(lambda: len(asked) > looked + 2)
    assert follower.recent.added == before
    held[0] = False
    until(lambda: follower.recent.added == before + 1)
    follower.close()


def follower_of(opened: OpenHouse, events_max: int = 20_000) -> Follower:
    memory, store = opened.course.memory, opened.store
    return Follower(opened.schema, memory.spec, memory.seed, opened.archive, store.journal, lambda: NOW_US, events_max)


def decided_town(opened: OpenHouse, town_events: Path, count: int) -> HouseFront:
    """A town's newest events decided, among them such as are not plain, with a label for every tenth."""
    front = front_of(opened)
    for n, line in enumerate(town_events.read_bytes().splitlines()[-count:]):
        said = json.loads(line)
        event = {name: value for name, value in said.items() if name not in ("fraud", "known_at")}
        odd = {"note": "a\nb"} if n % 7 == 0 else {"birth_date": "2007-01-01"} if n % 11 == 0 else {}
        front._decide(json.dumps({**event, "id": f"n-{n}", **odd}, ensure_ascii=bool(n % 2)).encode())
        if n % 10 == 0:
            told = {"event_id": f"n-{n}", "fraud": n % 20 == 0, "known_at": "2025-01-01T00:00:00+09:00"}
            front._label(json.dumps(told).encode())
    front._learn(json.dumps(payment(1, kind="login", amount=None)).encode()).wait(60)
    return front


def shown(recent: Recent) -> list[object]:
    """All that the ring knows: every event by its customer, and who is connected with whom."""
    names = {one.links.get("customer", "") for one in happened(recent)}
    around = [recent.around("customer", name) for name in sorted(names)[:40]]
    return [happened(recent), [(sorted(a.nodes.items(), key=str), sorted(a.edges.items())) for a in around]]


def happened(recent: Recent) -> list[object]:
    with recent._lock:
        rows = range(recent._count())
        return sorted((recent._happened(row) for row in rows), key=lambda one: one.seq)


def test_by_block_is_shown_what_is_shown_event_by_event(opened: OpenHouse, town_events: Path) -> None:
    decided_town(opened, town_events, 600)
    entries = list(opened.store.journal.entries())
    events = [entry for entry in entries if entry.type != LABEL]
    plainly = Recent("customer", 10_000)
    decided = {entry.seq: decode(entry.decision) for entry in events if entry.type == DECIDED}
    read = {entry.seq: opened.schema.event(json.loads(entry.body)) for entry in events}
    plainly.add([Seen(n, event, decided[n].action if n in decided else "") for n, event in read.items()])
    for entry in entries:
        if entry.type == LABEL:
            said = json.loads(entry.body)
            plainly.mark(opened.store.journal.find(said["event_id"]).seq, said["fraud"])
    follower = follower_of(opened)
    follower._take(entries)
    assert shown(follower.recent) == shown(plainly)
    assert set(LINKS) - {"account"} <= {link for one in happened(plainly) for link in one.links}
    seen = follower._glance.glance([entry.body for entry in events])
    assert 0.5 < seen.plain.mean() < 0.9, "both ways were gone"
    rows = {row.seq: row for row in follower.pulse.rows(0, 1_000, stopped=False)}
    assert rows.keys() == decided.keys()
    for seq, row in rows.items():
        event, decision = read[seq], decided[seq]
        assert (row.event_id, row.time_us, row.amount, row.action) == (
            event.id, event.time_us, event.amount, decision.action
        )  # fmt: skip
        assert (row.sentence, row.took_us) == (decision.sentence, sum(decision.timings_us.values()))
    counts = {action: minutes[-1] for action, minutes in follower.pulse.by_minute(NOW_US).items()}
    assert counts == {a: sum(d.action == a for d in decided.values()) for a in counts}
    assert min(counts["allow"], counts["challenge"] + counts["hold"] + counts["block"]) > 0
    assert follower.pulse.per_second(NOW_US) == len(decided) / 10
    times = sorted(sum(d.timings_us.values()) for d in decided.values())
    assert follower.pulse.p99_us() == times[len(times) * 99 // 100]


def test_a_restart_shows_what_was_shown(opened: OpenHouse, town_events: Path) -> None:
    follower = follower_of(opened)
    follower.start()
    until(lambda: not follower.is_reading)
    decided_town(opened, town_events, 200)
    last = opened.store.journal.last_seq
    until(lambda: follower._through == last)
    follower.close()
    again = follower_of(opened)
    again.start()
    until(lambda: not again.is_reading)
    again.close()
    assert shown(again.recent) == shown(follower.recent)
    assert again.pulse.rows(0, 500, stopped=False) == follower.pulse.rows(0, 500, stopped=False)


def test_who_is_behind_reads_the_journal_in_parts(
    opened: OpenHouse, town_events: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "HEARD_MAX", 40)
    monkeypatch.setattr(following, "PART", 50)
    follower = follower_of(opened)
    follower._through = follower._live_from = opened.archive.last_seq
    opened.store.journal.follow(follower._hear)
    decided_town(opened, town_events, 300)
    heard = follower._put
    assert follower._put - follower._got < 40 + 2_048, "what waits has an end"
    steps = 0
    while follower._step():
        steps += 1
    journal = opened.store.journal
    behind = journal.durable_seq - opened.archive.last_seq - heard
    assert steps >= 1 + -(-behind // 50), "the commits that were heard at once, and the others in parts"
    assert follower._through == journal.durable_seq
    assert [one.seq for one in happened(follower.recent)] == [e.seq for e in journal.entries() if e.type != LABEL]
    assert follower._put == follower._got
