"""haechi init: an empty home and its first key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def command(
    folder: Annotated[Path, typer.Argument(help="The folder to make; it must be empty or not exist.")],
    schema: Annotated[str, typer.Option(help="How events are read: a TOML file, or the built-in `bank`.")] = "bank",
    behaviour: Annotated[bool, typer.Option(help="Judge what is unusual for each customer, without labels.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Make an empty home and its first API key, which is shown only this once.

    Example: haechi init ./home
    """
    from haechi.app import create_home

    home, key = create_home(folder, schema, behaviour=behaviour)
    if as_json:
        print(json.dumps({"home": str(home.path), "key": key.token}))
        return
    print(f"{home.path} is a home now. Its first API key may do everything and is shown only this once:\n")
    print(f"  {key.token}\n")
    print(f"Read history into it: haechi import --home {home.path} FILE")
    print(f"Start it:             haechi serve --home {home.path}")
