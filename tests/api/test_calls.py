"""Each call, as a program sees it that does everything right, and one that does not."""

from __future__ import annotations

import asyncio
import json

import pytest

from api.fake import Door
from haechi import __version__
from haechi.api import Busy, Limits, NotReady

LINES = "application/x-ndjson"


@pytest.fixture
def door() -> Door:
    return Door()


def test_an_event_gets_its_decision(door: Door) -> None:
    answer = door("POST", "/v1/decide", b'{"id":"p-1"}')
    assert (answer.status, answer.json) == (200, {"event_id": "p-1", "action": "allow"})
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"


def test_the_same_event_again_gets_the_stored_answer_and_another_body_gets_409(door: Door) -> None:
    first = door("POST", "/v1/decide", b'{"id":"p-1"}')
    assert door("POST", "/v1/decide", b'{"id":"p-1"}').body == first.body
    other = door("POST", "/v1/decide", b'{"id":"p-1","amount":2}')
    assert other.status == 409
    assert "send a new id" in other.detail
    assert door.front.order == ["p-1"]


def test_a_batch_gets_an_answer_per_line_and_one_bad_line_harms_no_other(door: Door) -> None:
    body = b'{"id":"a"}\n{"id":NaN}\n\n{"name":"x"}\n{"id":"b"}\n'
    answer = door("POST", "/v1/decide/batch", body, kind=LINES)
    assert answer.status == 200
    assert answer.headers["content-type"] == LINES
    lines = [json.loads(line) for line in answer.body.splitlines()]
    assert [line.get("event_id", line.get("line")) for line in lines] == ["a", 2, 3, 4, "b"]
    assert [line["detail"] for line in lines[1:4]] == [
        "JSON is malformed: invalid character (byte 6): send one JSON object (NaN and Infinity are not JSON)",
        "the line is empty: send one JSON object per line",
        "the event has no id: send one as text",
    ]


def test_a_long_batch_keeps_its_order_and_lets_others_in_between() -> None:
    door = Door(Limits(slice_lines=3, slices_ahead_max=2))

    async def both() -> list[str]:
        body = b"\n".join(b'{"id":"%d"}' % n for n in range(40))
        batch = asyncio.create_task(door.call("POST", "/v1/decide/batch", body, kind=LINES))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await door.call("POST", "/v1/decide", b'{"id":"single"}')
        answer = await batch
        return [line.split(b'"')[3].decode() for line in answer.body.splitlines()]

    assert asyncio.run(both()) == [str(n) for n in range(40)]
    assert [i for i in door.front.order if i != "single"] == [str(n) for n in range(40)]
    assert door.front.order.index("single") < 40


def test_a_line_that_is_too_large_or_too_deep_is_refused_alone() -> None:
    door = Door(Limits(body_bytes_max=100, depth_max=3))
    deep = b'{"id":"d","x":[[[1]]]}'
    body = b'{"id":"a"}\n{"id":"' + b"x" * 100 + b'"}\n' + deep + b'\n{"id":"b"}'
    answer = door("POST", "/v1/decide/batch", body, kind="application/jsonl; charset=utf-8")
    lines = [json.loads(line) for line in answer.body.splitlines()]
    assert [line.get("status", 200) for line in lines] == [200, 413, 400, 200]
    assert "larger than 100 bytes" in lines[1]["detail"]
    assert "deeper than 3 levels" in lines[2]["detail"]


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        (b"", 400, "the body is empty: send one JSON object per line"),
        (b"\n", 400, "the body is empty"),
        (b"{}\n{}\n{}\n", 413, "3 lines in one request, the limit is 2: split the batch"),
    ],
)
def test_a_batch_without_lines_or_with_too_many_is_refused(body: bytes, status: int, sentence: str) -> None:
    answer = Door(Limits(batch_lines_max=2))("POST", "/v1/decide/batch", body, kind=LINES)
    assert answer.status == status
    assert sentence in answer.detail


def test_a_batch_that_the_house_cannot_take_at_all_is_refused_as_a_whole(door: Door) -> None:
    door.front.raises = NotReady("the journal is broken: look into the log and restart")
    for path in ("/v1/decide/batch", "/v1/events"):
        answer = door("POST", path, b'{"id":"a"}\n{"id":"b"}', kind=LINES)
        assert answer.status == 503
        assert answer.headers["retry-after"] == "1"
        assert "journal is broken" in answer.detail


def test_events_are_learned_and_every_line_that_was_not_is_named(door: Door) -> None:
    answer = door("POST", "/v1/events", b'{"id":"a"}\n[1]\n{"id":"b"}', kind=LINES)
    assert answer.status == 200
    assert answer.json["taken"] == 2
    (rejected,) = answer.json["rejected"]
    assert (rejected["line"], rejected["status"]) == (2, 400)
    assert rejected["detail"] == "expected a JSON object, got list: send one event as an object"
    assert door.front.learned == [b'{"id":"a"}', b'{"id":"b"}']


def test_labels_come_one_as_json_or_many_as_lines(door: Door) -> None:
    one = b'{\n "event_id": "a",\n "fraud": true\n}'
    assert door("POST", "/v1/labels", one).json == {"taken": 1, "rejected": []}
    many = door("POST", "/v1/labels", b'{"event_id":"a"}\n{}', kind=LINES)
    assert many.json["taken"] == 1
    assert many.json["rejected"][0]["detail"] == "there is no event_id: send one"
    assert door.front.labels == [one, b'{"event_id":"a"}']


def test_a_stored_decision_is_found_by_its_id_even_with_a_slash(door: Door) -> None:
    door("POST", "/v1/decide", '{"id":"a/b 가"}'.encode())
    found = door("GET", "/v1/decisions/a%2Fb%20%EA%B0%80")
    assert (found.status, found.json["event_id"]) == (200, "a/b 가")
    missing = door("GET", "/v1/decisions/nobody")
    assert missing.status == 404
    assert "check the id" in missing.detail
    assert door("GET", "/v1/decisions/a/b").status == 404
    long = door("GET", "/v1/decisions/" + "x" * 513)
    assert (long.status, long.detail) == (400, "an event id has at most 512 characters")


def test_alerts_come_by_the_page(door: Door) -> None:
    first = door("GET", "/v1/alerts?limit=4").json
    assert ([a["seq"] for a in first["alerts"]], first["next"]) == ([1, 2, 3, 4], "4")
    rest = door("GET", "/v1/alerts?limit=4&cursor=4").json
    assert ([a["seq"] for a in rest["alerts"]], rest["next"]) == ([5, 6, 7], None)
    assert len(door("GET", "/v1/alerts").json["alerts"]) == 7


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("limit=0", "limit must be a whole number from 1 to 1000, got '0'"),
        ("limit=1001", "limit must be a whole number from 1 to 1000"),
        ("limit=", "limit must be a whole number"),
        ("limit=-1", "limit must be a whole number"),
        ("cursor=x", "cursor must be a whole number"),
        ("cursor=1111111111111111111", "cursor must be a whole number"),
        ("colour=red", "unknown parameter 'colour': this call takes limit and cursor"),
        ("limit=1&limit=2&limit=3", "the query is not readable: it takes limit and cursor, each once"),
    ],
)
def test_a_wrong_parameter_is_named_not_ignored(door: Door, query: str, sentence: str) -> None:
    answer = door("GET", f"/v1/alerts?{query}")
    assert answer.status == 400
    assert sentence in answer.detail


def test_health_says_who_answers_and_readiness_says_why_not(door: Door) -> None:
    health = door("GET", "/healthz", key=None).json
    assert health == {"status": "ok", "service": "haechi", "version": __version__, "instance": "test"}
    assert door("GET", "/readyz", key=None).json == {"status": "ready"}
    door.front.not_ready = "still reading the journal: try again in a moment"
    answer = door("GET", "/readyz", key=None)
    assert (answer.status, answer.detail) == (503, door.front.not_ready)
    assert answer.headers["retry-after"] == "1"


def test_a_house_that_is_busy_says_when_to_come_again(door: Door) -> None:
    door.front.raises = Busy("the journal's queue is full: send less at once", retry_after_s=3)
    answer = door("POST", "/v1/decide", b'{"id":"a"}')
    assert (answer.status, answer.headers["retry-after"]) == (503, "3")


def test_metrics_hold_the_figures_of_door_and_house(door: Door) -> None:
    for n in range(3):
        door("POST", "/v1/decide", b'{"id":"%d"}' % n)
    door("GET", "/nowhere")
    door("POST", "/v1/decide", None, headers={"content-length": "5"})
    answer = door("GET", "/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = answer.body.decode().splitlines()
    for line in (
        'haechi_http_requests_total{call="decide",status="200"} 3.0',
        'haechi_http_requests_total{call="unknown",status="404"} 1.0',
        'haechi_http_seconds_bucket{call="decide",le="+Inf"} 3.0',
        'haechi_http_seconds_count{call="decide"} 3.0',
        "haechi_http_gone_total 1.0",
        "haechi_http_in_flight 0.0",
        "haechi_http_held_bytes 0.0",
        'haechi_decisions_total{action="allow"} 3.0',
        'haechi_decisions_total{action="hold"} 0.0',
        "haechi_queue 3.0",
    ):
        assert line in lines, line
