"""haechi score: a decision for each event of a file, nothing written down."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def command(
    file: Annotated[Path, typer.Argument(help="The events to decide, in time order or not.")],
    schema: Annotated[str | None, typer.Option(help="How to read them; left out: the home's own schema.")] = None,
    home: Annotated[Path | None, typer.Option(help="Decide with this home's memory, model, rules and policy.")] = None,
    history: Annotated[list[Path] | None, typer.Option(help="What happened before; may be repeated.")] = None,
) -> None:
    """Write a decision per event as JSON Lines to standard output, in time order. The home stays as it is.

    Example: haechi score --schema bank --home ./home events.jsonl > decisions.jsonl
    """
    from haechi.commands.scoring import decisions
    from haechi.commands.terminal import progress, rows_in

    if schema is None and home is None:
        raise typer.BadParameter("name a --schema, or a --home that has one")
    with progress("deciding", rows_in([file])) as on_rows:
        for done, line in enumerate(decisions(file, schema, home, history or []), 1):
            sys.stdout.buffer.write(line + b"\n")
            if done % 1_000 == 0:
                on_rows(done)
    sys.stdout.buffer.flush()
