"""The short way gives the answers of the long way, and takes nothing that the long way would not."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import cast

import pytest

from api.fake import KEY, FakeFront
from api.live import Live, live, read_all, request, until
from haechi.api import Api, Busy, Refusal
from haechi.api import shortcut as module
from haechi.api.shortcut import ENOUGH, HEADS_MAX, MANY, TURN_NS, Line


def exchange(line: socket.socket, *pieces: bytes) -> tuple[bytes, bytes]:
    """Send pieces on an open line and read one answer: head and body."""
    for piece in pieces:
        line.sendall(piece)
    data = b""
    while b"\r\n\r\n" not in data:
        data += line.recv(65_536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    while len(body) < length:
        body += line.recv(65_536)
    assert len(body) == length
    return head, body


def event(n: int) -> bytes:
    return b'{"id":"short-%04d"}' % n


@pytest.fixture
def server():
    with live() as running:
        yield running


def test_a_known_head_goes_the_short_way_with_the_same_answer(server: Live) -> None:
    with server.connect() as line:
        heads = [exchange(line, request(event(n))) for n in range(5)]
    assert server.front.short == 4
    assert {head for head, _ in heads} == {heads[0][0]}
    assert [json.loads(body)["event_id"] for _, body in heads] == [f"short-{n:04}" for n in range(5)]
    counted = server.api.figures.requests
    assert counted[("decide", 200)] == 5
    assert server.api.figures.in_flight == server.api.figures.held_bytes == 0


def test_another_length_is_another_head(server: Live) -> None:
    with server.connect() as line:
        for body in (b'{"id":"a"}', b'{"id":"ab"}', b'{"id":"b"}', b'{"id":"bc"}'):
            assert exchange(line, request(body))[0].startswith(b"HTTP/1.1 200 ")
    assert server.front.short == 2


def test_a_head_known_from_one_line_serves_all_lines(server: Live) -> None:
    for n in range(3):
        with server.connect() as line:
            exchange(line, request(event(n)))
    assert server.front.short == 2


@pytest.mark.parametrize(
    "unusual",
    [
        request(event(1), more="Expect: 100-continue\r\n"),
        request(event(1), more="Connection: keep-alive\r\n"),
        request(event(1), more="X-Long: " + "x" * 3_000 + "\r\n"),
        request(event(1), path="/v1/decide?x=1"),
        request(event(1), method="PUT"),
        request(event(1), path="/v1/labels"),
        request(event(1), more="Content-Type: application/json\r\n"),
        request(event(1)).replace(b"application/json", b"text/plain"),
    ],
)
def test_an_unusual_head_is_never_remembered(server: Live, unusual: bytes) -> None:
    with server.connect() as line:
        for _ in range(3):
            line.sendall(unusual)
            assert line.recv(65_536).startswith(b"HTTP/1.1 ")
    assert server.front.short == 0


def test_a_request_in_two_pieces_or_two_in_one_go_the_long_way(server: Live) -> None:
    with server.connect() as line:
        exchange(line, request(event(1)))
        whole = request(event(2))
        exchange(line, whole[:-5], whole[-5:])
        line.sendall(request(event(3)) + request(event(4)))
        answers = b""
        while answers.count(b"event_id") < 2:
            answers += line.recv(65_536)
    assert answers.index(b"short-0003") < answers.index(b"short-0004")
    assert server.front.short == 0


def test_what_follows_while_an_answer_is_awaited_waits_its_turn(server: Live) -> None:
    with server.connect() as line:
        exchange(line, request(event(1)))
        server.front.holds = True
        line.sendall(request(event(2)))
        until(lambda: len(server.front.short_waits) == 1)
        server.front.holds = False
        line.sendall(request(event(3)))
        until(lambda: server.front.order[-1] == "short-0002")
        server.loop.call_soon_threadsafe(server.front.short_waits.pop())
        answers = b""
        while answers.count(b"event_id") < 2:
            answers += line.recv(65_536)
    assert answers.index(b"short-0002") < answers.index(b"short-0003")


def test_a_key_is_checked_each_time(server: Live) -> None:
    with server.connect() as line:
        for n in range(2):
            exchange(line, request(event(n)))
        server.front.keys.clear()
        server.api.keyring.forget()
        head, body = exchange(line, request(event(3)))
    assert head.startswith(b"HTTP/1.1 401 ")
    assert json.loads(body)["status"] == 401
    assert server.front.order == ["short-0000", "short-0001"]


def test_a_refusal_is_a_problem_document_and_the_line_stays_open(server: Live) -> None:
    with server.connect() as line:
        exchange(line, request(event(1)))
        head, body = exchange(line, request(b'{"no":"short-1001"}'[: len(event(1))]))
        assert head.startswith(b"HTTP/1.1 400 ")
        assert b"content-type: application/problem+json" in head
        assert b"cache-control: no-store" in head
        assert json.loads(body)["title"]
        assert exchange(line, request(event(2)))[0].startswith(b"HTTP/1.1 200 ")
    assert server.api.figures.in_flight == 0


def test_a_mistake_of_ours_is_logged_and_told(server: Live, caplog: pytest.LogCaptureFixture) -> None:
    with server.connect() as line, caplog.at_level(logging.ERROR):
        exchange(line, request(event(1)))
        server.front.raises = RuntimeError("secret")
        head, body = exchange(line, request(event(2)))
    assert head.startswith(b"HTTP/1.1 500 ")
    assert b"secret" not in body
    assert "the call decide failed" in caplog.text


def test_a_late_refusal_reaches_the_caller(server: Live) -> None:
    with server.connect() as line:
        exchange(line, request(event(1)))
        server.front.holds = True
        line.sendall(request(event(2)))
        until(lambda: len(server.front.short_waits) == 1)
        server.loop.call_soon_threadsafe(server.front.short_waits.pop(), Busy("the disk is slow"))
        assert line.recv(65_536).startswith(b"HTTP/1.1 503 ")


def test_deep_json_and_a_full_house_take_the_long_way_to_their_sentence() -> None:
    with live(depth_max=3, in_flight_max=1) as server, server.connect() as line, server.connect() as other:
        exchange(line, request(event(1)))
        deep = b"[" * 10 + b"1" + b"]" * 10
        exchange(line, request(b'{"id":"%b"}' % (b"d" * (len(deep) - 9))))
        head, body = exchange(line, request(deep))
        assert head.startswith(b"HTTP/1.1 400 ")
        assert "nested deeper" in json.loads(body)["detail"]
        server.front.holds = True
        line.sendall(request(event(2)))
        until(lambda: len(server.front.short_waits) == 1)
        head, body = exchange(other, request(event(3)))
        assert head.startswith(b"HTTP/1.1 503 ")
        server.loop.call_soon_threadsafe(server.front.short_waits.pop())
        assert line.recv(65_536).startswith(b"HTTP/1.1 200 ")


def test_a_caller_who_hangs_up_is_forgotten(server: Live) -> None:
    with server.connect() as line:
        exchange(line, request(event(1)))
        server.front.holds = True
        line.sendall(request(event(2)))
        until(lambda: len(server.front.short_waits) == 1)
    until(lambda: not server.server.server_state.connections)
    server.loop.call_soon_threadsafe(server.front.short_waits.pop())
    until(lambda: server.api.figures.in_flight == 0)


def test_a_stopping_server_still_answers_and_then_closes_the_line() -> None:
    with live() as server, server.connect() as line:
        exchange(line, request(event(1)))
        server.front.holds = True
        line.sendall(request(event(2)))
        until(lambda: len(server.front.short_waits) == 1)
        server.stop()
        until(lambda: not all(c.cycle.keep_alive for c in server.server.server_state.connections))
        server.loop.call_soon_threadsafe(server.front.short_waits.pop())
        answer = read_all(line)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"connection: close" in answer


def test_heads_have_a_limit(server: Live) -> None:
    shortcut = server.api.shortcut
    with server.connect() as line:
        for n in range(HEADS_MAX + 2):
            exchange(line, request(b'{"id":"x"}', more=f"X-Trace: {n}\r\n"))
            assert len(shortcut._heads) <= HEADS_MAX
    assert len(shortcut._heads) == 2


def test_the_answer_names_the_key_holder_no_more_than_before(server: Live) -> None:
    with server.connect() as line:
        answers = [b"".join(exchange(line, request(event(n)))) for n in range(2)]
    assert all(KEY.token.encode() not in answer for answer in answers)


def test_what_comes_while_the_loop_looks_for_more_is_decided_together(monkeypatch: pytest.MonkeyPatch) -> None:
    shortcut, turns = Api(FakeFront()).shortcut, list[list[bytes]]()
    monkeypatch.setattr(shortcut._front, "decide_together", lambda bodies, then: turns.append(list(bodies)))

    async def scene() -> None:
        loop, line = asyncio.get_running_loop(), cast(Line, None)
        shortcut.decide(b"0", line)
        for n in range(1, 4):  # each comes while the loop looks again because of the one before
            loop.call_soon(shortcut.decide, b"%d" % n, line)
            await asyncio.sleep(0)
        while not turns:
            await asyncio.sleep(0)
        shortcut.decide(b"alone", line)
        while len(turns) < 2:
            await asyncio.sleep(0)
        assert turns == [[b"0", b"1", b"2", b"3"], [b"alone"]]
        for n in range(200):  # an end to the looking: a slice is full
            shortcut.decide(b"%d" % n, line)
        await asyncio.sleep(0)
        assert [len(turn) for turn in turns[2:]] == [128, 72]

    asyncio.run(scene())


class Turned:
    """A shortcut whose turns are noted, and answered when the test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shortcut, self.turns, self.clock_ns = Api(FakeFront()).shortcut, list[int](), TURN_NS
        self._waiting = list[tuple[int, Callable[[list[bytes | Refusal]], None]]]()
        monkeypatch.setattr(self.shortcut._front, "decide_together", self._turn)
        monkeypatch.setattr(module, "perf_counter_ns", lambda: self.clock_ns)

    def _turn(self, bodies: Sequence[bytes], then: Callable[[list[bytes | Refusal]], None]) -> None:
        self.turns.append(len(bodies))
        self._waiting.append((len(bodies), then))

    async def come(self, count: int) -> None:
        line = SimpleNamespace(keep_alive=True, reply=lambda answer: None)
        for n in range(count):
            self.shortcut.decide(b"%d" % n, cast(Line, line))
        for _ in range(5):
            await asyncio.sleep(0)

    def answer(self) -> None:
        for count, then in self._waiting:
            then([b"{}"] * count)
        self._waiting.clear()


def test_while_many_come_turns_begin_apart_unless_enough_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Turned(monkeypatch)

    async def play() -> None:
        await scene.come(ENOUGH + 2)
        scene.answer()
        assert scene.turns == [ENOUGH + 2], "the first turn waits for nothing"
        await scene.come(1)
        assert len(scene.turns) == 1
        await scene.come(ENOUGH - 1)
        assert scene.turns[1:] == [ENOUGH], "enough wait"
        scene.answer()
        await scene.come(2)
        assert len(scene.turns) == 2
        scene.clock_ns += TURN_NS
        while len(scene.turns) < 3:  # a timer, and nobody else who comes
            await asyncio.sleep(0.001)
        await scene.come(1)
        await scene.come(1)
        assert scene.turns[2:] == [2, 1, 1], "few do not wait"

    asyncio.run(play())


def test_nobody_waits_for_callers_who_are_all_here(monkeypatch: pytest.MonkeyPatch) -> None:
    scene, callers = Turned(monkeypatch), ENOUGH - 4

    async def play() -> None:
        for _ in range(3):
            await scene.come(callers)
            scene.answer()
        assert scene.turns == [callers] * 3, "in no time: each waits for an answer before it asks again"
        await scene.come(callers - MANY)
        assert len(scene.turns) == 3, "some are missing"
        await scene.come(MANY)
        assert scene.turns[3:] == [callers], "the last one is here"
        scene.answer()
        for _ in range(400):  # some have gone for good: after a while nobody waits for them
            scene.clock_ns += TURN_NS
            await scene.come(MANY)
            scene.answer()
        turns = len(scene.turns)
        await scene.come(MANY)
        assert len(scene.turns) == turns + 1

    asyncio.run(play())
