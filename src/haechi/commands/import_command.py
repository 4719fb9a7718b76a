"""haechi import: history into a home."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer


def command(
    files: Annotated[list[Path], typer.Argument(help="CSV, Parquet or JSON Lines, .gz too.")],
    home: Annotated[Path, typer.Option(help="The home that takes them.")],
    schema: Annotated[str | None, typer.Option(help="How to read them; left out: the home's own schema.")] = None,
    max_bad: Annotated[float, typer.Option(min=0, max=1, help="The share of rows that may be rejected.")] = 0.01,
    until: Annotated[
        str | None, typer.Option(help="Leave out what happened from this moment on: 2024-10-25, or ISO 8601.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as one JSON object.")] = False,
) -> None:
    """Read history into a home's archive and memory. Rejected rows are written to rejected.jsonl in the home.

    Example: haechi import --home ./home events.jsonl
    """
    import logging

    from haechi.commands.importing import bring_in
    from haechi.commands.terminal import progress, rows_in

    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    with progress("importing", rows_in(files)) as on_rows:
        brought = bring_in(home, files, schema, max_bad=max_bad, until=until, on_rows=on_rows)
    if as_json:
        print(json.dumps(asdict(brought)))
        return
    print(f"{brought.rows:,} rows: {brought.accepted:,} taken, {brought.rejected:,} rejected,", end=" ")
    print(f"{brought.known_before:,} known before; {brought.labels_waiting:,} labels wait for their time")
    for line in brought.first_rejected + brought.notes:
        print(f"  {line}")
