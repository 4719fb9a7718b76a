"""A server's backtests: one at a time, in a child beside it, with all that was durable, found again under a wish."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from haechi.app import open_shut
from haechi.cli import app
from haechi.rulebook.jobs import Backtests, Busy, Job
from haechi.rules import write_pack
from haechi.stores import LEARNED, Entry, kept
from homes import new_home, payment, serving

from .making import pack

WAIT_S = 240.0
TEXTS = [write_pack(pack(condition=f"amount >= {least}_000 won")) for least in (5, 9)]


def imported(folder: Path) -> tuple[Path, str]:
    """A home with three hundred imported payments, and its key."""
    file, home = folder / "past.jsonl", folder / "home"
    file.write_text("".join(json.dumps(payment(n)) + "\n" for n in range(300)))
    return home, new_home(home, file)


SAID = b'{"action":"allow","score":0.01,"reasons":["long ones"]}'


def entries(count: int) -> Iterator[Entry]:
    """What a journal holds behind the import: each of them would be caught."""
    for n in range(count):
        body = json.dumps(payment(400 + n, amount=9_500)).encode()
        yield Entry(type=LEARNED, event_id=f"q-{400 + n}", time_us=1, body=body, decision=SAID, seq=1_000 + n)


def ended(jobs: Backtests, id_: str) -> str:
    end = time.monotonic() + WAIT_S
    while jobs.state(id_) == "running":
        assert time.monotonic() < end
        time.sleep(0.05)
    return jobs.state(id_)


def test_a_backtest_runs_beside_the_server_that_holds_the_home(tmp_path: Path) -> None:
    home, _ = imported(tmp_path)
    job = Job(str(home), TEXTS, [1, 2], {"bad": [("c-1", None)]}, through=1_004)
    jobs = Backtests(home, lambda: entries(5))
    assert jobs.state("one") == "unknown"
    with open_shut(home):
        id_ = jobs.start(job)
        assert jobs.start(Job(str(home), TEXTS, [1, 2], {"bad": [("c-1", None)]}, through=2_000)) == id_
        with pytest.raises(Busy):
            jobs.start(Job(str(home), TEXTS[:1], [1]))
        assert ended(jobs, id_) == "done", jobs.why(id_)
    report = jobs.report(id_)
    assert report["whole"] is True
    assert report["events"] == 305, "the journal counts"
    first, second = report["rules"]
    assert (first["rule"], second["rule"]) == ("large@1", "large@2")
    assert first["hits"] > second["hits"] > 5
    assert report["overlap"][0]["only_second"] == 0
    assert report["decided"] == {
        "events": 5, "changed": [{"from": "allow", "to": "hold", "events": 5, "frauds": 0, "honest": 0}],
    }, "five were decided here, and the rules would have held them"  # fmt: skip
    assert jobs.start(job) == id_
    assert jobs.state(id_) == "done", "what is done is not done again"
    assert not list(home.glob("backtests/*/journal.entries")), "the copy of the journal is gone"


def test_a_backtest_that_cannot_be_run_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = Backtests(tmp_path)
    lost = jobs.start(Job(str(tmp_path / "nowhere"), TEXTS, [1, 2]))
    assert ended(jobs, lost) == "failed"
    assert "nowhere" in jobs.why(lost)
    monkeypatch.setattr(kept, "BYTES_MAX", 100)
    large = Backtests(tmp_path, lambda: entries(9))
    id_ = large.start(Job("home", TEXTS[:1], [1]))
    assert ended(large, id_) == "failed"
    assert "use the command line" in large.why(id_)
    late = jobs.start(Job(str(tmp_path), TEXTS[:1], [7]))
    jobs.close()
    assert jobs.state(late) == "failed"


def test_the_command_lets_a_running_server_judge_what_it_decided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, key = imported(tmp_path)
    (tmp_path / "large.toml").write_text(TEXTS[1])
    words = ["backtest", "--home", str(home), str(tmp_path / "large.toml"), "--json", "--since", "2024-08-01"]
    monkeypatch.delenv("HAECHI_KEY", raising=False)
    with serving(home, key, tmp_path / "log") as asker:
        asker.decide(payment(500, amount=9_999))
        blind = CliRunner().invoke(app, words)
        told = CliRunner().invoke(app, [*words, "--key", key])
    assert blind.exit_code == told.exit_code == 0, told.output
    assert "--key" in blind.stderr
    without, whole = json.loads(blind.stdout), json.loads(told.stdout)
    assert (without["whole"], whole["whole"]) == (False, True)
    assert whole["events"] == without["events"] + 1 == 301
    assert whole["rules"][0]["hits"] == without["rules"][0]["hits"] + 1
