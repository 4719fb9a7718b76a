"""The server as the network sees it: starting, stopping, refusing to start."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from api.fake import KEY, FakeFront
from api.live import live, read_all, request, until
from haechi.api import Api, BadAddress, PortBusy, RemoteRefused, bind, run, serve

HEADERS = {"authorization": f"Bearer {KEY.token}"}


def test_a_decision_over_the_wire() -> None:
    with live() as server, httpx.Client(base_url=f"http://127.0.0.1:{server.port}", headers=HEADERS) as client:
        for n in range(3):
            answer = client.post("/v1/decide", json={"id": f"p-{n}"})
            assert (answer.status_code, answer.json()["action"]) == (200, "allow")
        batch = "".join(f'{{"id":"q-{n}"}}\n' for n in range(1_000))
        answer = client.post("/v1/decide/batch", content=batch, headers={"content-type": "application/x-ndjson"})
        assert len(answer.text.splitlines()) == 1_000
        head = client.head("/healthz")
        assert (head.status_code, head.content) == (200, b"")
        assert int(head.headers["content-length"]) > 0
        assert set(head.headers) == {"content-type", "cache-control", "content-length"}


def test_a_server_that_stops_finishes_what_is_in_flight() -> None:
    with live() as server:
        gate = server.front.gate = asyncio.Event()
        with server.connect() as line, server.connect() as idle:
            line.sendall(request(b'{"id":"late"}'))
            until(lambda: server.front.order == ["late"])
            server.stop()
            assert idle.recv(10) == b""
            with pytest.raises(OSError, match="refused"):
                server.connect()
            assert server.thread.is_alive()
            server.loop.call_soon_threadsafe(gate.set)
            answer = read_all(line)
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"connection: close" in answer


def test_a_request_that_never_ends_does_not_keep_the_server_from_stopping() -> None:
    with live(stop_s_max=1) as server:
        server.front.gate = asyncio.Event()
        with server.connect() as line:
            line.sendall(request(b'{"id":"stuck"}'))
            until(lambda: server.front.order == ["stuck"])
            server.stop()
            server.thread.join(10)
            assert not server.thread.is_alive()


def test_the_journal_is_closed_after_the_last_answer() -> None:
    told = []

    async def closed() -> None:
        told.append("closed")

    async def main() -> None:
        listener = bind("127.0.0.1", 0)
        before = signal.getsignal(signal.SIGTERM)
        await serve(
            Api(FakeFront(KEY)), listener, on_ready=lambda: os.kill(os.getpid(), signal.SIGTERM), on_stop=closed
        )
        assert signal.getsignal(signal.SIGTERM) is before
        told.append("returned")

    run(main())
    assert told == ["closed", "returned"]


def test_a_busy_port_is_told_in_one_line() -> None:
    with bind("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(PortBusy, match=f"port {port} on 127.0.0.1 is in use: stop the other program"):
            bind("127.0.0.1", port)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_addresses_that_others_can_reach_are_refused_unless_allowed(host: str) -> None:
    with pytest.raises(RemoteRefused, match="put TLS in front of it, then pass --allow-remote"):
        bind(host, 0)


def test_a_remote_address_works_once_it_is_allowed() -> None:
    with bind("0.0.0.0", 0, allow_remote=True) as listener:
        assert listener.getsockname()[1] > 0


@pytest.mark.parametrize(
    ("host", "port"), [("no.such.host.invalid", 1), ("127.0.0.1", 70_000), ("192.0.2.1", 0), ("x" * 300, 1)]
)
def test_an_address_that_is_not_ours_is_told_in_one_line(host: str, port: int) -> None:
    with pytest.raises(BadAddress, match="cannot listen on") as refusal:
        bind(host, port, allow_remote=True)
    assert "\n" not in str(refusal.value)


def test_a_port_that_needs_rights_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(self: socket.socket, address: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", denied)
    with pytest.raises(PortBusy, match="needs more rights: choose one above 1023"):
        bind("127.0.0.1", 80)


def test_localhost_is_this_machine() -> None:
    with bind("localhost", 0) as listener:
        assert listener.getsockname()[1] > 0


def test_stopping_by_signal_ends_with_status_zero() -> None:
    child = subprocess.Popen([sys.executable, "-m", "haechi.bench", "floor"], stdout=subprocess.PIPE)
    with child:
        assert child.stdout.readline().startswith(b'{"port":')
        child.send_signal(signal.SIGINT)
        assert child.wait(20) == 0
