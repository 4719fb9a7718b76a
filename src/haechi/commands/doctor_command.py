"""haechi doctor: what is wrong with a home."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer


def command(
    home: Annotated[Path, typer.Option(help="The home to look at; its server should be stopped.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a finding.")] = False,
) -> None:
    """Look through an installation and say of each finding how to mend it; exit status 1 when something is wrong.

    Example: haechi doctor --home ./home
    """
    from haechi.commands.examining import examine

    wrong = False
    for finding in examine(home):
        wrong |= finding.level == "wrong"
        if as_json:
            print(json.dumps(asdict(finding)))
        else:
            print(f"{finding.level:5}  {finding.what}" + (f": {finding.mend}" if finding.mend else ""))
    raise typer.Exit(1 if wrong else 0)
