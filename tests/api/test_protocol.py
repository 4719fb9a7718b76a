"""Callers that are slow, rude, too many or not speaking HTTP at all: each meets its limit and hears one sentence."""

from __future__ import annotations

import asyncio
import json

import pytest

from api.live import Live, live, read_all, request, until


def problem(answer: bytes) -> tuple[int, str]:
    """Status and sentence of an answer that must be a problem document, followed by the end of the line."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head
    assert b"connection: close" in head
    assert int(head.split()[1]) == json.loads(body)["status"]
    return json.loads(body)["status"], json.loads(body)["detail"]


@pytest.fixture(scope="module")
def server():
    with live() as running:
        yield running


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nX: " + b"a" * 17_000,
        b"GET /" + b"a" * 17_000,
        b"GET / HTTP/1.1\r\nX: " + b"a" * 17_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(3_000)) + b"\r\n",
    ],
)
def test_a_huge_head_is_refused_whole_or_not(server: Live, head: bytes) -> None:
    status, sentence = problem(server.talk(head))
    assert status == 431
    assert sentence == "address and headers exceed 16,384 bytes: send fewer or shorter ones"


def test_a_large_body_behind_a_small_head_is_no_large_head(server: Live) -> None:
    body = b'{"id":"large","x":"' + b"a" * 40_000 + b'"}'
    answer = server.talk(request(body, more="Connection: close\r\n"))
    assert answer.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "rubbish",
    [
        b"hello\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01",
        b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: 1\r\n folded\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: a\x00b\r\n\r\n",
        b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
def test_what_is_not_http_is_refused(server: Live, rubbish: bytes) -> None:
    status, sentence = problem(server.talk(rubbish))
    assert (status, sentence) == (400, "this is not HTTP/1.1: use an HTTP client")


@pytest.mark.parametrize(
    "framing",
    [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: -5\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: 5, 5\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: 99999999999999999999999\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
    ],
)
def test_a_body_with_two_readings_is_refused(server: Live, framing: str) -> None:
    smuggled = b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = server.talk(request(smuggled, more=framing, length=False))
    assert problem(answer)[0] == 400
    assert b'"service":"haechi"' not in answer


def test_a_chunk_with_a_wrong_size_is_refused(server: Live) -> None:
    body = b"zz\r\n{}\r\n0\r\n\r\n"
    assert problem(server.talk(request(body, more="Transfer-Encoding: chunked\r\n", length=False)))[0] == 400


def test_a_body_in_chunks_is_put_together(server: Live) -> None:
    body = b'6\r\n{"id":\r\n9\r\n"chunks"}\r\n0\r\n\r\n'
    answer = server.talk(request(body, more="Transfer-Encoding: chunked\r\nConnection: close\r\n", length=False))
    assert answer.endswith(b'{"event_id":"chunks","action":"allow"}')


def test_pipelined_requests_are_answered_in_their_order(server: Live) -> None:
    many = b"".join(request(b'{"id":"pipe-%d"}' % n) for n in range(20))
    answer = server.talk(many + request(b'{"id":"pipe-20"}', more="Connection: close\r\n"))
    assert [part.split(b'"')[0] for part in answer.split(b'"event_id":"pipe-')[1:]] == [b"%d" % n for n in range(21)]


def test_a_caller_who_asks_first_is_told_to_go_on_or_not(server: Live) -> None:
    with server.connect() as line:
        line.sendall(request(more="Expect: 100-continue\r\nConnection: close\r\nContent-Length: 15\r\n", length=False))
        assert line.recv(1_000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        line.sendall(b'{"id":"polite"')
        line.sendall(b"}")
        assert b"200 OK" in line.recv(1_000)
    with server.connect() as line:
        line.sendall(request(more="Expect: 100-continue\r\nContent-Length: 99999999\r\n", length=False))
        assert line.recv(1_000).startswith(b"HTTP/1.1 413 ")


def test_a_body_over_its_limit_is_refused_and_the_line_stays_usable(server: Live) -> None:
    with server.connect() as line:
        line.sendall(request(b"x" * (3 << 20)) + request(method="GET", path="/healthz", more="Connection: close\r\n"))
        answer = read_all(line)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"service":"haechi"' in answer


def test_a_wish_to_upgrade_is_not_granted(server: Live) -> None:
    answer = server.talk(request(method="GET", path="/healthz", more="Connection: Upgrade\r\nUpgrade: websocket\r\n"))
    assert b'"service":"haechi"' in answer
    assert b"connection: close" in answer


def test_the_whole_address_and_old_http_are_understood(server: Live) -> None:
    assert b'"service"' in server.talk(b"GET http://x/healthz?a=b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert b'"service"' in server.talk(b"GET /healthz HTTP/1.0\r\n\r\n")


def test_a_slow_head_is_cut_off() -> None:
    with live(head_s_max=0.2) as server:
        status, sentence = problem(server.talk(b"GET /healthz HT"))
        assert (status, sentence) == (408, "the request did not arrive within 0.2 s: send it at once, then try again")
        assert server.api.figures.requests["unknown", 408] == 1
        assert server.talk() == b""


def test_a_slow_body_is_cut_off_however_steadily_it_drips() -> None:
    with live(receive_s_max=0.2) as server:
        assert problem(server.talk(request(more="Content-Length: 100\r\n", length=False), b"{"))[0] == 408
        assert (
            problem(server.talk(request(more="Transfer-Encoding: chunked\r\n", length=False), b"1\r\n{\r\n"))[0] == 408
        )
        until(lambda: server.api.figures.gone == 2)
        assert server.api.figures.held_bytes == 0


def test_the_rest_of_a_refused_body_is_not_awaited_for_ever() -> None:
    with live(receive_s_max=0.2) as server:
        answer = server.talk(request(more="Content-Length: 99999999\r\n", length=False))
        assert answer.startswith(b"HTTP/1.1 413 ")


def test_an_idle_line_is_closed() -> None:
    with live(idle_s_max=0.2) as server:
        assert b'"service"' in server.talk(request(method="GET", path="/healthz", length=False))


def test_a_house_that_thinks_long_is_not_cut_off() -> None:
    with live(idle_s_max=0.1, receive_s_max=0.1, head_s_max=0.1) as server:
        gate = server.front.gate = asyncio.Event()
        with server.connect() as line:
            line.sendall(request(b'{"id":"long"}'))
            until(lambda: server.front.order == ["long"])
            ticks = server.server.server_state.total_requests
            with server.connect() as other:
                assert read_all(other) == b""
            assert server.server.server_state.total_requests == ticks
            server.loop.call_soon_threadsafe(gate.set)
            assert b"200 OK" in line.recv(1_000)


def test_one_connection_too_many_is_turned_away() -> None:
    with live(connections_max=1) as server, server.connect() as first:
        first.sendall(request(b'{"id":"first"}'))
        assert b"200 OK" in first.recv(1_000)
        with server.connect() as second:
            status, sentence = problem(read_all(second))
        assert status == 503
        assert "1 connections are open" in sentence
        first.sendall(request(b'{"id":"first"}'))
        assert b"200 OK" in first.recv(1_000)


def test_a_caller_who_hangs_up_in_the_middle_is_forgotten() -> None:
    with live() as server:
        with server.connect() as line:
            line.sendall(request(more="Content-Length: 100\r\n", length=False) + b"{")
            until(lambda: server.api.figures.in_flight == 1)
        until(lambda: server.api.figures.gone == 1)
        assert server.api.figures.in_flight == 0


def test_a_caller_who_never_reads_is_dropped_with_his_answer() -> None:
    with live(idle_s_max=0.3) as server:
        batch = b"\n".join(b'{"id":"%d"}' % n for n in range(9_000))
        head = request(batch, path="/v1/decide/batch").replace(b"application/json", b"application/x-ndjson")
        with server.connect() as line:
            line.sendall(head * 30)
            until(lambda: not server.server.server_state.connections)
