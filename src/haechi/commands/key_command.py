"""haechi key: who may call."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from haechi.security import SCOPES

app = typer.Typer(no_args_is_help=True, help="Make, list and revoke API keys.")
Home = Annotated[Path, typer.Option(help="The home whose keys they are; its server may run.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="What the key is called in lists and logs.")],
    home: Home,
    scope: Annotated[list[str], typer.Option(help=f"What it may do, may be repeated: {', '.join(SCOPES)}.")],
    as_json: Json = False,
) -> None:
    """Make a key; it is shown only this once.

    Example: haechi key add shop-gateway --home ./home --scope decide --scope read
    """
    from haechi.app import add_key, open_shut
    from haechi.security import parse_scopes

    scopes = sorted(parse_scopes(scope))
    with open_shut(home, beside=True) as shut:
        key = add_key(shut.store, name, scopes)
    print(json.dumps({"name": name, "key": key.token, "scopes": scopes}) if as_json else key.token)


@app.command("list")
def list_keys(home: Home, as_json: Json = False) -> None:
    """List the keys by name; the keys themselves are nowhere kept.

    Example: haechi key list --home ./home
    """
    from haechi.app import open_shut
    from haechi.events.times import moment

    with open_shut(home, beside=True) as shut:
        keys = shut.store.keys.all()
    for key in keys:
        if as_json:
            about = {"name": key.name, "scopes": key.scopes, "created_us": key.created_us, "revoked_us": key.revoked_us}
            print(json.dumps(about))
        else:
            end = f", revoked {moment(key.revoked_us)}" if key.revoked_us is not None else ""
            print(f"{key.name}: {', '.join(key.scopes)}; made {moment(key.created_us)}{end}")


@app.command()
def revoke(name: Annotated[str, typer.Argument(help="The key's name.")], home: Home) -> None:
    """End a key.

    Example: haechi key revoke shop-gateway --home ./home
    """
    from haechi.app import BadHome, now_us, open_shut

    with open_shut(home, beside=True) as shut:
        if not shut.store.keys.revoke(name, now_us()):
            raise BadHome(f"no living key is called {name!r}: `haechi key list --home {home}` names them")
    print(f"{name} opens nothing any more")
