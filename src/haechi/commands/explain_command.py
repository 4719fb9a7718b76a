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
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show everything stored about an event, what each feature contributed, and what its rules asked and saw.

    Example: haechi explain --home ./home p-1
    """
    from haechi.commands.explaining import explain_event
    from haechi.commands.terminal import progress

    with progress("going back to that moment", None) as on_rows:
        told = explain_event(home, event_id, features=features, on_rows=on_rows)
    if as_json:
        print(json.dumps(told, ensure_ascii=False))
        return
    for name, value in told.items():
        if isinstance(value, dict):
            print(f"{name}:")
            for key, one in value.items():
                print(f"  {key}: {one if isinstance(one, str) else json.dumps(one, ensure_ascii=False)}")
        elif isinstance(value, list):
            print(f"{name}:" + ("" if value else " none"))
            for one in value:
                print(f"  - {json.dumps(one, ensure_ascii=False)}")
        else:
            print(f"{name}: {value}")
