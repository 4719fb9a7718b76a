"""A server's backtests: one at a time, in a child that reads the archive only, found again under the same wish."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from haechi.app import open_shut
from haechi.rulebook.jobs import Backtests, Busy, Job
from homes import new_home, town_files

from .making import pack

WAIT_S = 240.0


def test_a_backtest_runs_beside_the_server_that_holds_the_home(tmp_path: Path) -> None:
    home = tmp_path / "home"
    new_home(home, town_files(tmp_path / "town"))
    from haechi.rules import write_pack

    texts = [write_pack(pack(condition=f"amount >= {least}_000 won")) for least in (5, 50)]
    job = Job(str(home), texts, [1, 2], {"bad": [("c-1", None)]})
    jobs = Backtests(home)
    assert jobs.state("one") == "unknown"
    with open_shut(home):
        jobs.start("one", job)
        with pytest.raises(Busy):
            jobs.start("two", job)
        end = time.monotonic() + WAIT_S
        while jobs.state("one") == "running":
            assert time.monotonic() < end
            time.sleep(0.1)
    assert jobs.state("one") == "done", jobs.why("one")
    report = jobs.report("one")
    assert report["whole"] is False
    first, second = report["rules"]
    assert (first["rule"], second["rule"]) == ("large@1", "large@2")
    assert first["hits"] > second["hits"] > 0
    assert report["overlap"][0]["only_second"] == 0
    jobs.start("one", job)
    assert jobs.state("one") == "done", "what is done is not done again"
    jobs.start("lost", Job(str(tmp_path / "nowhere"), texts, [1, 2]))
    while jobs.state("lost") == "running":
        time.sleep(0.1)
    assert jobs.state("lost") == "failed"
    assert "nowhere" in jobs.why("lost")
    jobs.start("late", job)
    jobs.close()
    assert jobs.state("late") == "failed"
