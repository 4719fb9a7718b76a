"""haechi import-afd: an Amazon Fraud Detector project becomes ours."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Annotated

import typer


def command(
    export: Annotated[
        Path, typer.Argument(help="A folder of JSON answers of the service, or one such file.", exists=True)
    ],
    to: Annotated[Path, typer.Option(help="The folder to write: schema.toml, rules.toml, lists/, report.txt.")],
    outcome: Annotated[list[str] | None, typer.Option(help="NAME=ACTION: what an outcome stands for here.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as one JSON object.")] = False,
) -> None:
    """Turn the saved answers of GetEventTypes, GetVariables, GetRules ... into a schema, rules and lists of ours.

    Nothing is put into a home: read report.txt for what did not map, then use `haechi rules import` and
    `haechi lists import`.

    Example: haechi import-afd afd-export/ --to from-afd --outcome manual_check=hold
    """
    from haechi.commands.afd import convert_project, pack_text, read_project
    from haechi.rules import ACTIONS

    given = dict(pair.partition("=")[::2] for pair in outcome or [])
    for name, action in given.items():
        if action not in ACTIONS:
            raise typer.BadParameter(f"{name}={action}: an action is {', '.join(ACTIONS)}")
    made = convert_project(read_project(export), given)
    (to / "lists").mkdir(parents=True, exist_ok=True)
    (to / "schema.toml").write_text(made.schema, "utf-8")
    (to / "rules.toml").write_text(pack_text(made), "utf-8")
    for name, entities in made.lists.items():
        with (to / "lists" / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["entity", "reason"], *([entity, "imported"] for entity in entities)])
    report = [*(f"mapped:     {line}" for line in made.mapped), *(f"NOT MAPPED: {line}" for line in made.unmapped)]
    (to / "report.txt").write_text("\n".join(report) + "\n", "utf-8")
    if as_json:
        told = {
            "rules": len(made.pack.rules),
            "lists": len(made.lists),
            "mapped": made.mapped,
            "unmapped": made.unmapped,
        }
        print(json.dumps(told, ensure_ascii=False))
        return
    print("\n".join(report))
    print(f"{len(made.pack.rules)} rules and {len(made.lists)} lists in {to}; {len(made.unmapped)} things did not map")
