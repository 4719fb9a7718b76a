"""A recorded town as live traffic: in order, without labels before their time, again and again without harm."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from haechi.app import create_home
from haechi.commands import caller as callers
from haechi.commands.caller import Caller, Unreachable
from haechi.commands.feeding import AMOUNT_FACTOR, FIELDS_LOST, Day, feed
from haechi.commands.recorded import Recorded
from haechi.town import TownError, parameters, write_town

FIRST = date(2024, 8, 26)
DAYS = 9
LIVE = FIRST + timedelta(days=3)


class Bank:
    """What a server keeps: bodies by id, labels, and the order of everything; it may be busy, cut a line, or refuse."""

    def __init__(self) -> None:
        self.events: dict[str, Any] = {}
        self.labels: list[dict[str, Any]] = []
        self.story: list[tuple[str, str]] = []
        self.moods: list[str] = []

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        if method == "GET":
            return (200, {}) if path.rpartition("/")[2] in self.events else (404, {"detail": "no"})
        rows = [json.loads(line) for line in body.splitlines()]
        mood = self.moods.pop(0) if self.moods and (self.moods[0] != "full" or "decide" in path) else ""
        if mood in ("busy", "bad"):
            return (503 if mood == "busy" else 401), {"detail": "not now"}
        if path == "/v1/labels":
            return 200, self._label(rows)
        return 200, [self._decide(row, mood if n == 0 else "") for n, row in enumerate(rows)]

    def _label(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        rejected = []
        for line, row in enumerate(rows, 1):
            if row["event_id"] not in self.events:
                rejected.append({"status": 404, "detail": "not in the journal", "line": line})
            elif row not in self.labels:
                self.labels.append(row)
                self.story.append((row["known_at"], "label"))
        return {"taken": len(rows) - len(rejected), "rejected": rejected}

    def _decide(self, row: dict[str, Any], mood: str) -> dict[str, Any]:
        if mood == "full":
            return {"status": 503, "detail": "the queue is full"}
        known = self.events.setdefault(row["id"], row)
        if known != row:
            return {"status": 409, "detail": f"event '{row['id']}' was decided with another body"}
        if known is row:
            self.story.append((row["time"], "event"))
        return {"action": "allow"}


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Bank, Caller, list[float]]]:
    found, waited = Bank(), list[float]()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            if found.moods and found.moods[0] == "cut":
                found.moods.pop(0)
                self.close_connection = True
                return
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, told = found.answer(self.command, self.path, sent)
            body = b"\n".join(json.dumps(one).encode() for one in (told if isinstance(told, list) else [told]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if status == 503:
                self.send_header("Retry-After", "3")
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    caller = Caller(f"http://127.0.0.1:{server.server_port}", "hk_key", waited.append)
    monkeypatch.delenv("HAECHI", raising=False)
    monkeypatch.delenv("HAECHI_KEY", raising=False)
    yield found, caller, waited
    caller.close()
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module", params=["parquet", "jsonl"])
def town(request, tmp_path_factory) -> Recorded:
    folder = tmp_path_factory.mktemp("recorded") / "town"
    plan = parameters("small", customers=60, days=DAYS, start=str(FIRST), fraud={"level": 60.0})
    write_town(folder, plan, 3, format=request.param, labelled=True)
    return Recorded(folder)


def sent(town: Recorded, caller: Caller, since: date, until: date, **more: Any) -> list[Day]:
    told: list[Day] = []
    feed(town, caller, since, until, tell=told.append, **more)
    return told


def test_everything_comes_in_order_and_no_label_before_its_time(town: Recorded, bank) -> None:
    found, caller, _ = bank
    told = sent(town, caller, LIVE, town.end)
    assert [one.day for one in told] == [LIVE + timedelta(days=n) for n in range(DAYS - 3)]
    assert sum(one.actions["allow"] for one in told) == len(found.events) > 300
    assert sum(one.labels_told for one in told) == len(found.labels) > 0
    assert sum(one.others for one in told) > 0, "what became known of earlier days came with them"
    assert not [row for row in found.events.values() if {"fraud", "known_at"} & row.keys() or None in row.values()]
    times = [time for time, what in found.story if what == "event"]
    assert times == sorted(times)
    following = ""
    for time, what in reversed(found.story):
        following = time if what == "event" else following
        assert what == "event" or not following or time <= following, "told before it was known"
    for label in found.labels:
        assert label["kind"] in ("report", "verdict", "mule", "other")


def test_it_goes_on_where_it_stopped_and_sends_nothing_twice(town: Recorded, bank) -> None:
    found, caller, _ = bank
    middle = LIVE + timedelta(days=2)
    sent(town, caller, LIVE, middle)
    events, labels = len(found.events), len(found.labels)
    told = sent(town, caller, LIVE, town.end)
    assert [one.there for one in told] == [True, True, False, False, False, False]
    assert len(found.story) == len(found.events) + len(found.labels)
    late = [row for row in found.labels if row["known_at"][:10] == str(middle - timedelta(days=1))]
    found.labels = [row for row in found.labels if row not in late]
    assert all(one.there for one in sent(town, caller, LIVE, middle))
    assert len(late) == sum(row in found.labels for row in late) > 0, "they may have been broken off"
    assert len(found.events) > events
    assert len(found.labels) >= labels
    assert {row["event_id"] for row in found.labels} == {
        row["event_id"] for row in town.labels(LIVE, town.end) if row["event_id"] in found.events
    }, "every label of what was decided, those of the days between too"


def test_a_busy_server_and_a_cut_line_are_asked_again(town: Recorded, bank) -> None:
    found, caller, waited = bank
    found.moods = ["busy", "cut", "full", "full"]
    told = sent(town, caller, LIVE, LIVE + timedelta(days=1))
    assert waited[0] == 3.0, "as long as Retry-After asks for"
    assert caller.retries == len(waited) == 4
    assert told[0].actions["allow"] == len(found.events)
    found.moods = ["bad"]
    with pytest.raises(Unreachable, match="answered 401: not now"):
        sent(town, caller, LIVE + timedelta(days=1), LIVE + timedelta(days=2))


def test_a_server_that_never_comes_back_ends_it(town: Recorded, bank, monkeypatch) -> None:
    monkeypatch.setattr(callers, "RETRIES_MAX", 3)
    found, caller, _ = bank
    found.moods = ["busy"] * 10
    with pytest.raises(Unreachable, match=r"took nothing in 3 tries .not now."):
        sent(town, caller, LIVE, LIVE + timedelta(days=1))
    found.moods = ["full"] * 100
    with pytest.raises(Unreachable, match="stays busy: the queue is full"):
        caller.decide([{"id": "a"}, {"id": "b"}])
    for address in ("here", "ftp://127.0.0.1"):
        with pytest.raises(Unreachable, match="is no address"):
            Caller(address, "hk_key", lambda seconds: None)


def test_a_spoiled_feed_is_as_wrong_as_it_says(town: Recorded, bank) -> None:
    found, caller, _ = bank
    day = LIVE + timedelta(days=1)
    right = {row["id"]: row for row in next(iter(town.days(LIVE, day)))[1]}
    sent(town, caller, LIVE, day, broken="amounts")
    assert {row.get("amount", 0) for row in found.events.values()} == {
        AMOUNT_FACTOR * row.get("amount", 0) for row in right.values()
    }
    poorer = sent(town, caller, day, day + timedelta(days=1), broken="fields")
    assert poorer[0].actions["allow"]
    assert not [row for row in list(found.events.values())[len(right) :] if set(FIELDS_LOST) & row.keys()]
    last = list(right)[-1]
    del found.events[last]
    again = sent(town, caller, LIVE, day)
    assert again[0].refused.total() == len([row for row in right.values() if row.get("amount")])
    assert "another body" in next(iter(again[0].refused)) or "event" in next(iter(again[0].refused))


def test_a_speed_waits_as_life_would(town: Recorded, bank) -> None:
    _, caller, waited = bank
    clock = iter(range(10**9))
    sent(town, caller, LIVE, LIVE + timedelta(days=1), speed=3_600.0, wait=waited.append, clock_s=lambda: next(clock))
    [(_, rows)] = town.days(LIVE, LIVE + timedelta(days=1))
    assert len(waited) == len({row["time"][:13] for row in rows}) > 12
    assert waited[0] == 0.0
    assert max(waited) <= 1.0


def test_the_command_tells_a_line_a_day_and_how_to_go_on(town: Recorded, bank, haechi, tmp_path: Path) -> None:
    found, caller, _ = bank
    words = ("feed", town._folder, "--server", caller._address, "--key", "hk_key", "--from", LIVE)
    said = haechi(*words, "--until", LIVE + timedelta(days=2))
    assert said.status == 0, said.err
    lines = said.out.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith(f"{LIVE}  ")
    assert "decided: " in lines[0]
    assert "about imported events" in lines[0]
    assert lines[2].startswith(f"go on with --from {LIVE + timedelta(days=2)}")
    del found.events[next(reversed(found.events))]
    said = haechi(*words, "--until", LIVE + timedelta(days=2), "--break", "amounts")
    assert "there already" in said.out
    assert " were refused: event" in said.out, "the same ids with other amounts"
    found.moods = ["cut"]
    assert haechi(*words[:-1], town.end - timedelta(days=1), "--speed", "100000x").status == 0
    create_home(tmp_path / "home")
    for wrong, says in (
        ((*words[:4], "--key", ""), "say who you are"), (("feed", town._folder, "--key", "k"), "say where"),
        (("feed", town._folder, "--key", "k", "--home", tmp_path / "home"), "no server runs on"),
        ((*words, "--speed", "fast"), "--speed must be like 60x"),
    ):  # fmt: skip
        told = haechi(*wrong)
        assert told.status != 0
        assert says in " ".join(told.err.replace("│", " ").split())


def test_what_is_no_town_is_said(town: Recorded, tmp_path: Path) -> None:
    with pytest.raises(TownError, match="holds no town"):
        Recorded(tmp_path)
    (tmp_path / "town.json").write_text('{"complete": false}')
    with pytest.raises(TownError, match="is not finished"):
        Recorded(tmp_path)
    with pytest.raises(TownError, match="this town has the days from 2024-08-26 to before 2024-09-04"):
        list(town.days(FIRST, town.end + timedelta(days=1)))
