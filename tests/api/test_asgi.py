"""What the door checks before it hands anything to the house."""

from __future__ import annotations

import asyncio
import logging

import pytest

from api.fake import KEY, Door, key_for
from haechi.api import Limits


def test_nothing_is_decided_without_a_key() -> None:
    door = Door()
    answer = door("POST", "/v1/decide", b'{"id":"a"}', key=None)
    assert answer.status == 401
    assert "Authorization: Bearer hk_..." in answer.detail
    assert answer.headers["www-authenticate"] == 'Bearer realm="haechi"'
    assert door.front.order == []


@pytest.mark.parametrize(
    "header",
    ["hk_", "Basic abc", "Bearer", "Bearer hk_1_2", f"Bearer {'x' * 84}", f"Bearer {KEY.token[:-1]}", "bearer x"],
)
def test_what_is_no_key_opens_nothing(header: str) -> None:
    answer = Door()("POST", "/v1/decide", b'{"id":"a"}', key=None, headers={"authorization": header})
    assert answer.status == 401
    assert header.removeprefix("Bearer ") not in answer.detail or len(header) < 10


def test_a_key_works_only_for_its_scope() -> None:
    door = Door()
    reader = key_for("read")
    door.front.keys[reader.stored.digest] = reader.stored
    assert door("GET", "/v1/alerts", key=reader.token).status == 200
    answer = door("POST", "/v1/decide", b'{"id":"a"}', key=reader.token)
    assert answer.status == 403
    assert "lacks the scope 'decide'" in answer.detail


def test_a_checked_key_is_remembered_for_a_moment_and_a_revoked_one_is_not() -> None:
    now = [0.0]
    door = Door(clock=lambda: now[0])
    for _ in range(5):
        assert door("GET", "/v1/alerts").status == 200
    assert door.front.asked_for_keys == 1
    door.front.keys.clear()
    now[0] = 2.5
    assert door("GET", "/v1/alerts").status == 401
    assert door.front.asked_for_keys == 2


def test_a_key_revoked_here_is_refused_at_once() -> None:
    door = Door()
    assert door("GET", "/v1/alerts").status == 200
    door.front.keys.clear()
    door.api.keyring.forget()
    assert door("GET", "/v1/alerts").status == 401


def test_unknown_keys_are_never_remembered() -> None:
    door = Door()
    for _ in range(3):
        assert door("GET", "/v1/alerts", key=key_for("read").token).status == 401
    assert door.front.asked_for_keys == 3


@pytest.mark.parametrize(
    ("method", "path", "status", "sentence", "allow"),
    [
        ("GET", "/", 404, "/openapi.json lists every call", None),
        ("GET", "/v1/decisions/", 404, "nothing at this address", None),
        ("GET", "/v1/decide/", 404, "nothing at this address", None),
        ("GET", "/v1/decide", 405, "/v1/decide takes POST, not GET", "POST"),
        ("DELETE", "/healthz", 405, "/healthz takes GET or HEAD, not DELETE", "GET, HEAD"),
        ("PUT", "/v1/decisions/a", 405, "/v1/decisions/{event_id} takes GET, not PUT", "GET"),
    ],
)
def test_strange_addresses_and_methods_are_told(method, path, status, sentence, allow) -> None:
    answer = Door()(method, path)
    assert answer.status == status
    assert sentence in answer.detail
    assert answer.headers.get("allow") == allow


def test_head_is_answered_like_get() -> None:
    assert Door()("HEAD", "/healthz", key=None).status == 200


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded", "application/x-ndjson"])
def test_a_body_of_another_kind_is_refused(kind: str | None) -> None:
    answer = Door()("POST", "/v1/decide", b"{}", kind=kind)
    assert answer.status == 415
    assert "send `Content-Type: application/json`" in answer.detail


def test_a_compressed_body_is_refused() -> None:
    answer = Door()("POST", "/v1/decide", b"{}", headers={"content-encoding": "gzip"})
    assert (answer.status, answer.detail) == (415, "send the body uncompressed, without Content-Encoding")


def test_the_media_type_is_read_without_its_parameters() -> None:
    assert Door()("POST", "/v1/decide", b'{"id":"a"}', kind="Application/JSON; charset=utf-8").status == 200


@pytest.mark.parametrize("body", [b"x" * 101, [b"x" * 60, b"x" * 60], [b"x" * 101]])
def test_a_body_over_its_limit_is_refused_announced_or_not(body) -> None:
    answer = Door(Limits(body_bytes_max=100))("POST", "/v1/decide", body)
    assert answer.status == 413
    assert answer.detail == "the body is larger than 100 bytes: send less at once, or use /v1/decide/batch"


def test_a_body_in_pieces_is_put_together() -> None:
    assert Door()("POST", "/v1/decide", [b'{"id"', b":", b'"a"}']).status == 200


def test_a_billion_characters_are_refused_before_one_is_read() -> None:
    answer = Door()("POST", "/v1/decide", b"", headers={"content-length": "1000000000"})
    assert answer.status == 413


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "Input data was truncated"),
        (b"{", "Input data was truncated"),
        (b'{"id":NaN}', "NaN and Infinity are not JSON"),
        (b'{"id":-Infinity}', "NaN and Infinity are not JSON"),
        (b'{"a":1e999}', "Number out of range"),
        (b'{"id":"a"} x', "trailing characters"),
        (b'\xef\xbb\xbf{"id":"a"}', "malformed"),
        (b'{"id":"\xff"}', "the body is not UTF-8"),
        (b'["a"]', "expected a JSON object, got list"),
        (b"[" * 33 + b"]" * 33, "deeper than 32 levels"),
        (b'{"a":' * 20_000 + b"1" + b"}" * 20_000, "deeper than 32 levels"),
    ],
)
def test_what_is_not_json_is_told_with_the_reason(body: bytes, sentence: str) -> None:
    answer = Door()("POST", "/v1/decide", body)
    assert answer.status == 400
    assert sentence in answer.detail


def test_no_more_requests_at_once_than_there_is_room_for() -> None:
    door = Door(Limits(in_flight_max=2))

    async def crowd() -> list[int]:
        door.front.gate = asyncio.Event()
        waiting = [asyncio.create_task(door.call("POST", "/v1/decide", b'{"id":"%d"}' % n)) for n in range(2)]
        await asyncio.sleep(0)
        refused = await door.call("POST", "/v1/decide", b'{"id":"x"}')
        assert refused.detail == "2 requests are in flight: try again in a moment, or send batches"
        assert refused.headers["retry-after"] == "1"
        assert (await door.call("GET", "/healthz")).status == 200
        assert b"haechi_http_in_flight 2.0" in (await door.call("GET", "/metrics")).body
        door.front.gate.set()
        done = [(await task).status for task in waiting]
        return [refused.status, *done, (await door.call("POST", "/v1/decide", b'{"id":"x"}')).status]

    assert asyncio.run(crowd()) == [503, 200, 200, 200]


def test_bodies_together_never_take_more_memory_than_they_may() -> None:
    door = Door(Limits(held_bytes_max=20))

    async def crowd() -> None:
        door.front.gate = asyncio.Event()
        first = asyncio.create_task(door.call("POST", "/v1/decide", b'{"id":"aaaa"}'))
        await asyncio.sleep(0)
        refused = await door.call("POST", "/v1/decide", b'{"id":"bbbb"}')
        assert (refused.status, refused.detail) == (503, "requests hold 20 bytes already: try again in a moment")
        unknown_length = await door.call("POST", "/v1/decide", [b"{}"])
        assert unknown_length.status == 503
        door.front.gate.set()
        assert (await first).status == 200

    asyncio.run(crowd())
    assert door.api.figures.held_bytes == 0


def test_a_caller_who_hangs_up_gets_no_answer_and_leaves_no_trace() -> None:
    door = Door()
    assert door("POST", "/v1/decide", None, headers={"content-length": "5"}).status == 0
    assert (door.api.figures.gone, door.api.figures.in_flight, door.api.figures.held_bytes) == (1, 0, 0)


def test_our_own_mistake_is_logged_and_not_told(caplog: pytest.LogCaptureFixture) -> None:
    door = Door()
    door.front.raises = ZeroDivisionError("secret detail")
    with caplog.at_level(logging.ERROR, "haechi.api"):
        answer = door("POST", "/v1/decide", b'{"id":"a"}')
        batch = door("POST", "/v1/decide/batch", b'{"id":"a"}', kind="application/x-ndjson")
    assert (answer.status, batch.status) == (500, 500)
    assert "secret detail" not in answer.body.decode()
    assert "secret detail" in caplog.text
    assert "the server's log has it" in answer.detail


def test_anything_but_http_is_refused() -> None:
    with pytest.raises(RuntimeError, match="speaks HTTP only, not websocket"):
        asyncio.run(Door().api({"type": "websocket"}, None, None))
