"""`haechi restore`: a copy of a home takes its place."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from haechi.commands.screen import say

epilog = "Example: haechi restore backup-2024-12-01 --home home"


def command(
    copy: Annotated[Path, typer.Argument(help="What `haechi backup` made", exists=True, file_okay=False)],
    home: Annotated[Path, typer.Option(help="The home to replace; its server must be stopped")],
) -> None:
    """Put a copy in a home's place, to un-learn what came since; the home that was there is kept beside it.

    Send what came since again, mended: events have ids, so what the copy knows already changes nothing.
    """
    from haechi.commands.copying import put_back

    kept = put_back(copy, home)
    say(f"{home} is as {copy} was; what it was until now is in {kept}")
