"""`haechi schema`: draft a schema from a file, hold files against one."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from haechi.commands.screen import bars, check_writable, note, read_schema, say, say_json

if TYPE_CHECKING:
    from haechi.events import Check

app = typer.Typer(no_args_is_help=True, help="Draft a schema from a file, or hold files against one.")

File = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="CSV, TSV, JSON Lines (each also .gz), Parquet")
]
Files = Annotated[
    list[Path], typer.Argument(exists=True, dir_okay=False, help="CSV, TSV, JSON Lines (each also .gz), Parquet")
]


@app.command(epilog="Example: haechi schema guess payments.csv --out payments.toml")
def guess(
    file: File,
    out: Annotated[Path | None, typer.Option(help="Write the draft here instead of to standard output")] = None,
    force: Annotated[bool, typer.Option(help="Write over a file that is already there")] = False,
    json: Annotated[bool, typer.Option("--json", help="The draft and what was assumed, as JSON")] = False,
) -> None:
    """Draft a schema from the first 200,000 rows of a file and say what was assumed: a person must read it."""
    from haechi.events import guess_schema
    from haechi.stores import write_durably

    if out is not None:
        check_writable(out, force=force)
    draft = guess_schema(file)
    if out is not None:
        write_durably(out, draft.toml.encode())
    if json:
        say_json({"document": draft.document, "because": draft.because, "left_out": draft.left_out, "toml": draft.toml})
    elif out is None:
        say(draft.toml.rstrip())
    else:
        for part, why in draft.because.items():
            say(f"{part}: {why}")
        for column, why in draft.left_out.items():
            say(f"left out {column}: {why}")
        note(f"written to {out}; read every line of it, then: haechi schema check {out} {file}")


@app.command(epilog="Example: haechi schema check payments.toml 2024-*.csv")
def check(
    schema: Annotated[str, typer.Argument(help="A schema file, or the built-in `bank`")],
    files: Files,
    max_bad: Annotated[float, typer.Option(min=0.0, max=1.0, help="Share of rejected rows that is bearable")] = 0.01,
    json: Annotated[bool, typer.Option("--json", help="The whole report as JSON")] = False,
) -> None:
    """Read whole files through a schema and say how well they fit; status 1 when too many rows would be rejected."""
    from haechi.events import check_files

    wanted = read_schema(schema)
    with bars("rows") as shown:
        found = check_files(wanted, files, advance=lambda rows: shown.advance("reading", rows))
    if json:
        say_json(asdict(found))
    else:
        say("\n".join(found.lines()))
    if not _bearable(found, max_bad):
        raise typer.Exit(1)


def _bearable(found: Check, max_bad: float) -> bool:
    return bool(found.accepted) and found.rows - found.accepted <= max_bad * found.rows
