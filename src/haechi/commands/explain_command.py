"""haechi explain: why an event was decided as it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def command(
    event_id: Annotated[str, typer.Argument(help="The event's id.")],
    home: Annotated[Path, typer.Option(help="The home that decided it; its server may run.")],
    features: Annotated[bool, typer.Option("--features", help="Show every feature the event was judged by.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as one JSON object.")] = False,
) -> None:
    """Say what was decided about an event and why, what weighed how much, and what its rules asked and saw.

    Example: haechi explain --home ./home p-1
    """
    from haechi.commands.explaining import explain_event
    from haechi.commands.saying import readable
    from haechi.commands.terminal import progress

    with progress("going back to that moment", None) as on_rows:
        told = explain_event(home, event_id, features=features, on_rows=on_rows)
    if as_json:
        print(json.dumps(told, ensure_ascii=False))
        return
    for line in readable(told):
        print(line)
