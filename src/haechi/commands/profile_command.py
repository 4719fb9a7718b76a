"""haechi profile: what is usual for a customer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

epilog = "Example: haechi profile --home ./home c-17 --picture c-17.svg"


def command(
    customer: Annotated[str, typer.Argument(help="The customer's id.")],
    home: Annotated[Path, typer.Option(help="The home; its server may run.")],
    picture: Annotated[Path | None, typer.Option(help="Also draw the hours as SVG into this file.")] = None,
    language: Annotated[Literal["en", "ko"], typer.Option(help="Of the picture.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show hours, amounts, shops, devices, payees, regular payments and changes of one customer."""
    from haechi.app import BadHome, open_shut
    from haechi.commands.portrait import portrait
    from haechi.commands.profiling import picture as draw
    from haechi.commands.profiling import profile_of_home

    with open_shut(home, beside=True) as shut:
        found = profile_of_home(shut, customer)
    if found is None:
        raise BadHome(f"no event of {customer!r} is in {home}: check the id")
    if picture is not None:
        picture.write_text(draw(found, language), encoding="utf-8")
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    for line in portrait(found):
        print(line)
