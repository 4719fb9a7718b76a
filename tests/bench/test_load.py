"""The load generator measures what it says, and only our own server on this machine."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from haechi import bench
from haechi.bench import (
    BadAnswer,
    BadPlan,
    BenchError,
    Figures,
    LoadFailed,
    NotHaechi,
    NotLoopback,
    Plan,
    Server,
    ServerFailed,
    cpu_s,
    floor_command,
    run,
    run_apart,
    server,
)
from haechi.bench.load import check_is_haechi, percentile_ms
from haechi.bench.process import rest

SHORT = {"seconds": 0.5, "warm_up_s": 0.1, "connections": 4, "drain_s": 5.0}


@pytest.fixture(scope="module")
def floor() -> Iterator[Server]:
    with server(floor_command()) as running:
        yield running


def plan(floor: Server, **more: object) -> Plan:
    return Plan(**{"port": floor.port, "key": floor.key, "instance": floor.instance, **SHORT, **more})


def test_the_door_lists_its_names_sorted() -> None:
    assert bench.__all__ == sorted(bench.__all__, key=lambda n: (not n[0].isupper(), n))


def test_a_closed_loop_is_measured(floor: Server) -> None:
    figures = run(plan(floor))
    assert figures.statuses == {"200": figures.requests}
    assert figures.errors == 0
    assert figures.requests == figures.events > 50
    assert figures.requests_per_s == pytest.approx(figures.requests / figures.seconds)
    told = figures.latency
    assert 0 < told.p50_ms <= told.p90_ms <= told.p99_ms <= told.p999_ms <= told.max_ms
    assert figures.generator_us_per_request > 0


def test_a_count_ends_a_run_before_its_time(floor: Server) -> None:
    assert run(plan(floor, requests_max=100, warm_up_s=0.0, seconds=30)).requests == 100


def test_batches_count_their_events(floor: Server) -> None:
    figures = run_apart(plan(floor, events_per_request=50))
    assert figures.events == 50 * figures.requests > 0
    assert figures.errors == 0


@pytest.mark.parametrize("arrivals", ["constant", "poisson"])
def test_an_open_loop_keeps_its_rate(floor: Server, arrivals: str) -> None:
    figures = run(plan(floor, rate_per_s=400.0, arrivals=arrivals, warm_up_s=0.0, connections=16))
    assert figures.errors == 0
    assert 120 <= figures.requests <= 290
    assert figures.lag_p99_ms >= 0


def test_events_of_a_file_are_sent_once_each(floor: Server, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text("\n".join(f'{{"id":"{n}"}}' for n in range(30)) + "\n\n")
    assert run(plan(floor, bodies_path=str(path), warm_up_s=0.0, seconds=20)).requests == 30


def test_other_statuses_are_errors(floor: Server) -> None:
    figures = run(plan(floor, key="hk_wrong", requests_max=20, warm_up_s=0.0))
    assert figures.statuses == {"401": 20}
    assert figures.errors == 20


def test_cpu_of_a_process_is_read(floor: Server) -> None:
    assert cpu_s(floor.pid) > 0


def test_a_server_rests_once_it_hardly_does_anything_by_itself() -> None:
    used, waited = iter([10.0, 10.9, 11.1, 11.12, 12.0]), list[float]()
    assert rest(1, lambda pid: next(used), waited.append)
    assert next(used) == 12.0, "three seconds: the third one used a fiftieth of a core"
    assert sum(waited) == 3.0


def test_a_server_that_never_rests_is_waited_for_only_so_long() -> None:
    used, waited = iter(range(1_000)), list[float]()
    assert not rest(1, lambda pid: float(next(used)), waited.append, most_s=30.0)
    assert sum(waited) == 30.0


def test_a_leftover_server_must_not_answer_in_place_of_ours(floor: Server) -> None:
    assert check_is_haechi(plan(floor))["instance"] == floor.instance
    with pytest.raises(NotHaechi, match="another Haechi answers"):
        run(plan(floor, instance="ours"))
    with pytest.raises(BenchError, match="another Haechi answers"):
        run_apart(plan(floor, instance="ours"))


@contextmanager
def stranger(*answers: bytes) -> Iterator[int]:
    """A server that says one thing per connection, then hangs up; the last one for ever."""
    listener = socket.create_server(("127.0.0.1", 0))
    left = list(answers)

    def talk() -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            with line:
                line.recv(65_536)
                line.sendall(left.pop(0) if len(left) > 1 else left[0])

    thread = threading.Thread(target=talk)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


def http(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


OURS = http(b'{"service":"haechi"}')


@pytest.mark.parametrize(
    "answer", [b"hello", http(b"hello"), http(b'{"service":"other"}'), http(b"[]"), http(b'"\xff"')]
)
def test_a_stranger_at_the_port_is_refused(answer: bytes) -> None:
    with stranger(answer) as port, pytest.raises(NotHaechi, match=str(port)):
        run(Plan(port=port, key="k"))


def test_nobody_at_the_port_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NotHaechi, match="start the server first"):
        run(Plan(port=port, key="k"))


def test_lines_that_break_all_the_time_end_the_run() -> None:
    with stranger(OURS, b"") as port, pytest.raises(LoadFailed, match="connections broke"):
        run(Plan(port=port, key="k", connections=2))


@pytest.mark.parametrize(
    "answer",
    [b"SMTP ready\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n", OURS + b"more", b"HTTP/1.1 200 OK\r\n" + b"x" * 20_000],
)
def test_an_answer_that_is_not_http_ends_the_run(answer: bytes) -> None:
    with stranger(OURS, answer) as port, pytest.raises(BadAnswer):
        run(Plan(port=port, key="k", connections=1))


def test_waiting_counts_from_when_a_request_was_due() -> None:
    """One connection, a server that takes 0.1 s each, 50 requests a second: the queue's delay must show."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        line, _ = listener.accept()
        with line:
            line.recv(65_536)
            line.sendall(OURS)
        line, _ = listener.accept()
        with line:
            while line.recv(65_536):
                threading.Event().wait(0.1)
                line.sendall(OURS)

    thread = threading.Thread(target=serve)
    thread.start()
    made = Plan(
        port=listener.getsockname()[1],
        key="k",
        connections=1,
        seconds=0.4,
        warm_up_s=0.0,
        rate_per_s=50.0,
        drain_s=20.0,
    )
    try:
        figures = run(made)
    finally:
        listener.close()
        thread.join(10)
    assert figures.requests == 20
    assert figures.latency.max_ms > 1_000


def test_missing_answers_are_counted() -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        line, _ = listener.accept()
        with line:
            line.recv(65_536)
            line.sendall(OURS)
        line, _ = listener.accept()
        with line:
            while line.recv(65_536):
                pass

    thread = threading.Thread(target=serve)
    thread.start()
    made = {"port": listener.getsockname()[1], "key": "k", "connections": 1, "seconds": 0.2, "warm_up_s": 0.0}
    try:
        figures = run(Plan(**made, drain_s=0.2, rate_per_s=50.0))
    finally:
        listener.close()
        thread.join(10)
    assert (figures.requests, figures.unanswered, figures.errors) == (0, 10, 10)


@pytest.mark.parametrize("host", ["192.0.2.1", "0.0.0.0", "example.org"])
def test_other_machines_are_never_loaded(host: str) -> None:
    with pytest.raises(NotLoopback, match="is not this machine"):
        Plan(port=1, key="k", host=host).check()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"connections": 0}, "connections must be above 0 and at most 1,024, got 0"),
        ({"seconds": 1e9}, "seconds must be above 0"),
        ({"requests_max": 10**12}, "requests_max"),
        ({"events_per_request": 10_001}, "events_per_request"),
        ({"rate_per_s": -1.0}, "rate_per_s must be above 0"),
        ({"arrivals": "sometimes"}, "arrivals must be constant or poisson, got sometimes"),
        ({"drain_s": 0.0}, "warm_up_s and drain_s"),
    ],
)
def test_a_plan_without_bounds_is_refused(wrong: dict, sentence: str) -> None:
    with pytest.raises(BadPlan, match=sentence):
        Plan(port=1, key="k", **wrong).check()


def test_percentiles_were_really_observed() -> None:
    values = array("q", [n * 1_000_000 for n in range(1, 1_001)])
    assert [percentile_ms(values, p) for p in (50, 90, 99, 99.9, 100)] == [500, 900, 990, 999, 1000]
    assert percentile_ms(array("q"), 99) == 0.0


def test_a_server_that_does_not_start_is_told() -> None:
    with pytest.raises(ServerFailed, match="did not start"), server([sys.executable, "-c", "print('hello')"]):
        pass


def test_a_server_that_ends_badly_is_told() -> None:
    code = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    code += 'print(\'{"port":1,"key":"","instance":"","pid":1}\', flush=True); raise SystemExit(3)'
    with pytest.raises(ServerFailed, match="ended with status 3"), server([sys.executable, "-c", code]) as running:
        assert running.port == 1


@pytest.mark.parametrize(("words", "told"), [(["fly"], b"usage:"), (["load"], b"malformed")])
def test_a_child_that_is_called_wrongly_says_so(words: list[str], told: bytes) -> None:
    done = subprocess.run([sys.executable, "-m", "haechi.bench", *words], input=b"?", capture_output=True)
    assert done.returncode == (2 if words == ["fly"] else 1)
    assert told in done.stderr
    assert done.stderr.count(b"\n") == 1


def test_figures_travel_as_json() -> None:
    latency = {"p50_ms": 1.0, "p90_ms": 2.0, "p99_ms": 3.0, "p999_ms": 4.0, "max_ms": 5.0}
    told = {"requests": 1, "events": 1, "seconds": 1.0, "requests_per_s": 1.0, "events_per_s": 1.0, "latency": latency}
    figures = msgspec.convert(told, Figures)
    assert msgspec.json.decode(msgspec.json.encode(figures), type=Figures) == figures
