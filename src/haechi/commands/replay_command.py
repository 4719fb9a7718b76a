"""haechi replay: the past once more."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer


def command(
    home: Annotated[Path, typer.Option(help="The home to go through; its server may run.")],
    check: Annotated[bool, typer.Option("--check", help="Compare with what was written down, bit by bit.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as one JSON object.")] = False,
) -> None:
    """Compute all features and decisions of a home again and compare them; exit status 1 names the first difference.

    Example: haechi replay --home ./home --check
    """
    from haechi.app import open_shut
    from haechi.commands.checking import check_home
    from haechi.commands.terminal import progress

    if not check:
        raise typer.BadParameter("a replay that compares nothing would be in vain: add --check")
    with open_shut(home, beside=True) as shut:
        total = shut.last_seq
    with progress("computing again", total) as on_rows:
        found = check_home(home, on_rows=on_rows)
    if as_json:
        print(json.dumps(asdict(found)))
    else:
        print(f"{found.imported:,} imported, {found.decided:,} decided,", end=" ")
        print(f"{found.learned:,} learned, {found.labels:,} labels")
        if found.other_features:
            print(f"{found.other_features:,} came with other features than today's: learned again, not compared")
        if found.other_versions:
            print(
                f"{found.other_versions:,} were decided with another model or policy: only their features were compared"
            )
        if found.late:
            print(f"{found.late:,} came more than a day late: what rules counted for them is not known any more")
        if found.reworded:
            print(f"{found.reworded:,} are told in other words by this version: what was decided is compared, not how")
        print(f"DIFFERENT: {found.difference}" if found.difference else "the same, bit for bit")
    raise typer.Exit(1 if found.difference else 0)
