"""Entry points of child processes: `python -m haechi.bench load` (plan on standard input) and `... floor`."""

from __future__ import annotations

import sys

import msgspec

from haechi.bench.errors import BenchError
from haechi.bench.floor import floor_server
from haechi.bench.load import run
from haechi.bench.plan import Plan


def main(words: list[str]) -> int:
    """Do what the parent asked for; figures go to standard output, what went wrong to standard error."""
    if words == ["floor"]:
        floor_server()
        return 0
    if words != ["load"]:
        sys.stderr.write("usage: python -m haechi.bench load < plan.json, or: python -m haechi.bench floor\n")
        return 2
    try:
        plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
        figures = run(plan)
    except (BenchError, msgspec.DecodeError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(msgspec.json.encode(figures).decode() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
