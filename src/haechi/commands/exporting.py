"""How rules get into git: for each the version that acts, with the tests that stand beside it in its file already."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import typer

from haechi.commands.screen import note
from haechi.rules import Pack, RulesError, read_pack, write_pack

__all__ = ["acting", "write_rule"]

FIRST = ("live", "canary")


def acting(versions: list[dict[str, Any]]) -> dict[str, Any]:
    """The version that decides, else the one in canary, else the newest; newer ones than that are told."""
    newest = versions[-1]
    chosen = next((one for lane in FIRST for one in versions if one["lane"] == lane), newest)
    if chosen is not newest:
        told = ", ".join(f"{one['version']} ({one['lane']})" for one in versions if one["version"] > chosen["version"])
        what = f"version {chosen['version']}, which is {chosen['lane']}, is written"
        note(f"{chosen['id']}: {what}; newer and not in force: {told}")
    elif chosen["lane"] != "live":
        note(f"{chosen['id']}: version {chosen['version']} is written, and no version of it is in force")
    return chosen


def write_rule(path: Path, text: str) -> bool:
    """Write one rule or typology, and say whether that changed the file; its tests stay, and so does the same rule."""
    fresh = read_pack(text)
    if not path.exists():
        path.write_text(text, "utf-8")
        return True
    try:
        there = read_pack(path.read_text("utf-8"), str(path))
    except (RulesError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{path} is there and cannot be read: {error}") from error
    if named(there) != named(fresh):
        raise typer.BadParameter(f"{path} holds {', '.join(named(there)) or 'no rule'}: move it, or export elsewhere")
    if plain(there) == plain(fresh):
        return False
    kept = msgspec.structs.replace(fresh, tests=there.tests, title=there.title, sources=there.sources)
    path.write_text(write_pack(kept), "utf-8")
    return True


def named(pack: Pack) -> list[str]:
    """Every rule and typology in a file."""
    return [*(rule.id for rule in pack.rules), *(typology.id for typology in pack.typologies)]


def plain(pack: Pack) -> list[Any]:
    """What a file says, without what the home knows better."""
    every = (*pack.rules, *pack.typologies)
    return [msgspec.structs.replace(one, version=1, lane="draft", author="") for one in every]
