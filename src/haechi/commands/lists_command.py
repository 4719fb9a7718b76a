"""haechi lists: who is to be let pass, stopped or watched, by agreement."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

import typer

from haechi.commands.asking import AskFailed, Home, Key, Server, asking, pages
from haechi.commands.screen import say, say_json

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Lists of entities: allow, block, watch. Every change needs others to agree.",
)
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
Name = Annotated[str, typer.Argument(help="The list's name.")]
Purpose = Annotated[Literal["", "allow", "block", "watch"], typer.Option(help="Of a new list; what it is for.")]
Why = Annotated[str, typer.Option("--comment", "-m", help="Why, for whoever must agree.")]
ROWS_AT_ONCE = 10_000


@app.command("list")
def list_lists(home: Home = None, server: Server = None, key: Key = "", as_json: Json = False) -> None:
    """Every list: what it is for, and how many changes made it.

    Example: haechi lists list --home home
    """
    with asking(home, server, key) as ask:
        found = ask("GET", "/v1/lists")["lists"]
    if as_json:
        say_json(found)
        return
    for one in found:
        say(f"{one['name']}: {one['purpose']}, made by {len(one['changes'])} changes")


@app.command()
def show(name: Name, home: Home = None, server: Server = None, key: Key = "", as_json: Json = False) -> None:
    """Who stands on a list, expired entries too.

    Example: haechi lists show blocked-payees --home home
    """
    with asking(home, server, key) as ask:
        for one in pages(ask, f"/v1/lists/{quote(name, safe='')}", "entries"):
            if as_json:
                say_json(one)
            else:
                until = f" until {one['expires']}" if one["expires"] else ""
                say(f"{one['entity']}{until}: {one['reason']} ({one['owner']})")


@app.command()
def add(
    name: Name,
    entity: Annotated[list[str], typer.Argument(help="The entities' ids.")],
    reason: Annotated[str, typer.Option(help="Why they are on it.")],
    home: Home = None, server: Server = None, key: Key = "",
    expires: Annotated[str | None, typer.Option(help="Until when, ISO 8601 with a zone.")] = None,
    purpose: Purpose = "", comment: Why = "", as_json: Json = False,
) -> None:  # fmt: skip
    """Ask for entities to be put on a list.

    Example: haechi lists add blocked-payees p-9 --purpose block --reason "mule account" --home home
    """
    rows = [{"entity": one, "reason": reason} | ({"expires": expires} if expires else {}) for one in entity]
    _ask(name, rows, purpose, comment, home, server, key, as_json)


@app.command()
def remove(
    name: Name,
    entity: Annotated[list[str], typer.Argument(help="The entities' ids.")],
    home: Home = None, server: Server = None, key: Key = "",
    reason: Annotated[str, typer.Option(help="Why they come off it.")] = "", comment: Why = "", as_json: Json = False,
) -> None:  # fmt: skip
    """Ask for entities to be taken off a list.

    Example: haechi lists remove blocked-payees p-9 --home home
    """
    rows = [{"entity": one, "action": "remove", "reason": reason} for one in entity]
    _ask(name, rows, "", comment, home, server, key, as_json)


@app.command("import")
def import_(
    name: Name,
    file: Annotated[Path, typer.Argument(help="A CSV: entity, action, reason, owner, expires.", exists=True)],
    home: Home = None, server: Server = None, key: Key = "", purpose: Purpose = "", comment: Why = "",
    as_json: Json = False,
) -> None:  # fmt: skip
    """Ask for all rows of a CSV; however many there are, they are one change.

    Example: haechi lists import blocked-payees payees.csv --purpose block --home home
    """
    into: dict[str, Any] = {}
    told: dict[str, Any] = {}
    checked(file)
    with asking(home, server, key) as ask, file.open(encoding="utf-8-sig", newline="") as lines:
        for part in _parts(lines):
            query = {"purpose": purpose, "comment": comment, **into}
            path = f"/v1/lists/{quote(name, safe='')}?{urlencode(query)}"
            told = ask("POST", path, part, "text/csv")
            into = {"into": told["id"]}
    if not told:
        raise typer.BadParameter(f"{file} has no rows")
    _say(told, as_json)


def checked(file: Path) -> None:
    """Look at the whole file first: what is sent in parts would be told with the lines of a part."""
    from haechi.api import Refusal
    from haechi.api.rule_calls import read_csv

    try:
        read_csv(file.read_bytes())
    except Refusal as error:
        raise AskFailed(f"{file}: {error}") from None


def _parts(lines: Any) -> Any:
    reader = csv.reader(lines)
    head = next(reader, [])
    part: list[list[str]] = []
    for row in reader:
        part.append(row)
        if len(part) == ROWS_AT_ONCE:
            yield _csv(head, part)
            part = []
    if part:
        yield _csv(head, part)


def _csv(head: list[str], rows: list[list[str]]) -> bytes:
    text = StringIO(newline="")
    csv.writer(text).writerows([head, *rows])
    return text.getvalue().encode()


def _ask(
    name: str, rows: list[dict[str, Any]], purpose: str, comment: str, home: Path | None, server: str | None, key: str,
    as_json: bool,
) -> None:  # fmt: skip
    with asking(home, server, key) as ask:
        body = {"rows": rows, "purpose": purpose, "comment": comment}
        _say(ask("POST", f"/v1/lists/{quote(name, safe='')}", body), as_json)


def _say(told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        say_json(told)
    else:
        waits = f"{told['needs']} must agree: haechi rules approve {told['id']}"
        say(f"change {told['id']}: {told['rows']:,} rows of list {told['name']}, {told['state']}; {waits}")
