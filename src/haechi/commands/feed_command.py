"""`haechi feed`: the days of a town as live traffic for a server."""

from __future__ import annotations

import time
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from haechi.commands.asking import Home, Key, Server
from haechi.commands.screen import note, say

if TYPE_CHECKING:
    from haechi.commands.feeding import Day

epilog = "Example: haechi feed town --home home --from 2024-10-25 --until 2024-11-15"
ACTIONS = ("allow", "challenge", "hold", "block")


class Break(StrEnum):
    """What is wrong with the data."""

    amounts = "amounts"
    fields = "fields"


def command(
    town: Annotated[Path, typer.Argument(help="The folder of `haechi simulate`.", exists=True, file_okay=False)],
    home: Home = None,
    server: Server = None,
    key: Key = "",
    since: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day  [default: the town's first]")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day before which it ends  [default: the town's]")
    ] = None,
    speed: Annotated[str, typer.Option(help="Like 60x: so many times faster than life  [default: as it goes]")] = "",
    broken: Annotated[
        Break | None, typer.Option("--break", help="Spoil it: amounts a hundredfold, or fields that are missing")
    ] = None,
) -> None:
    """Send a town's days to a running server: events without labels, and each label when it becomes known.

    Days that the server has are passed over, so the same words go on where an earlier call was broken off. The key
    needs the scopes decide, labels and read.
    """
    from haechi.commands.caller import Caller
    from haechi.commands.demo_command import speed_of
    from haechi.commands.feeding import feed
    from haechi.commands.recorded import Recorded

    recorded = Recorded(town)
    caller = Caller(_address(home, server), _key(key), time.sleep)
    first, end = (since.date() if since else recorded.first), (until.date() if until else recorded.end)
    try:
        feed(
            recorded, caller, first, end, tell=_tell, broken=broken.value if broken else "",
            speed=speed_of(speed) if speed else 0.0, wait=time.sleep, clock_s=time.monotonic,
        )  # fmt: skip
    finally:
        caller.close()
    if caller.retries:
        note(f"the server was asked again {caller.retries:,} times")
    if end < recorded.end:
        say(f"go on with --from {end}; a day is judged by `haechi watch` when events of the next one have come")


def _key(key: str) -> str:
    if not key:
        raise typer.BadParameter("say who you are: --key hk_... or HAECHI_KEY; `haechi key add NAME` makes one")
    return key


def _address(home: Path | None, server: str | None) -> str:
    from haechi.commands.asking import address_of

    if home is None and not server:
        raise typer.BadParameter("say where: --home DIR, or --server http://127.0.0.1:8080")
    found = address_of(home) if home is not None else server
    if found is None:
        raise typer.BadParameter(f"no server runs on {home}: start one with `haechi serve --home {home}`")
    return found


def _tell(day: Day) -> None:
    """A line a day."""
    if day.there:
        say(f"{day.day}  there already")
        return
    done = ", ".join(f"{day.actions[name]:,} {name}" for name in ACTIONS if day.actions[name])
    labels = f"{day.labels_told:,} labels told, {day.frauds_told} of them fraud"
    others = f", {day.others:,} about imported events" if day.others else ""
    say(f"{day.day}  {sum(day.actions.values()):,} decided: {done or 'nothing'}; {labels}{others}")
    for why, count in day.refused.most_common():
        say(f"  {count:,} were refused: {why}")
