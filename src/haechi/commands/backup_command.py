"""`haechi backup`: a copy of a home as it is now."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from haechi.commands.screen import say

epilog = "Example: haechi backup --home home --out backup-2024-12-01"


def command(
    home: Annotated[Path, typer.Option(help="The home to copy; its server may run", exists=True, file_okay=False)],
    out: Annotated[Path, typer.Option(help="Where to; nothing may be there yet")],
) -> None:
    """Copy a home as it is at this moment: all but its memory, which the start of a restored home makes anew.

    The copy holds the keys' hashes and secrets of the home, and is for the same eyes.
    """
    from haechi.commands.copying import back_up

    back_up(home, out)
    say(f"{out} is a copy of {home}: `haechi restore {out} --home {home}` puts it in its place")
