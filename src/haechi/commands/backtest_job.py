"""A backtest as a child of a server: reads what is asked, replays the past, writes the report."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from haechi.commands.history import Cut, copy_beside
from haechi.rulebook.backtesting import Span, backtest
from haechi.rulebook.jobs import Job
from haechi.rules import read_pack
from haechi.rules.lists import Entry, Lists
from haechi.stores import KeptJournal, write_durably

NICE = 10  # decisions come first


def run_job(folder: Path) -> None:
    """Do one job."""
    job = msgspec.json.decode((folder / "job.json").read_bytes(), type=Job)
    read = [rule for text in job.texts for rule in read_pack(text).rules]
    rules = [msgspec.structs.replace(r, version=v) for r, v in zip(read, job.versions, strict=True)]
    lists = Lists.of({name: [Entry(e, until_us=until) for e, until in rows] for name, rows in job.lists.items()})
    with TemporaryDirectory(prefix="haechi-backtest-") as place:
        history = copy_beside(Path(job.home), Path(place), KeptJournal(folder), cut=Cut(said=True))
        report = backtest(
            history, history.schema, history.spec, rules, last_us=history.last_us, lists=lists,
            span=Span(job.since_us, job.until_us), refunded=job.refunded,
        )  # fmt: skip
    write_durably(folder / "report.json", msgspec.json.encode({**report, "whole": history.whole}))


if __name__ == "__main__":
    os.nice(NICE)
    run_job(Path(sys.argv[1]))
