"""haechi alerts: the queue, for those who live in a terminal."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

import typer

from haechi.commands.asking import Home, Key, Server, asking
from haechi.commands.screen import say, say_json

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The queue: look, take the next one, decide it.")
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
Alert = Annotated[str, typer.Argument(help="The alert's id, as in a-p-1.")]


@app.command("list")
def list_alerts(
    home: Home = None, server: Server = None, key: Key = "",
    state: Annotated[str, typer.Option(help="open, new, taken, snoozed, decided or closed.")] = "open",
    limit: Annotated[int, typer.Option(help="How many at most.")] = 30, as_json: Json = False,
) -> None:  # fmt: skip
    """Alerts, the most pressing first.

    Example: haechi alerts list --home home
    """
    with asking(home, server, key) as ask:
        found = ask("GET", f"/v1/queue?state={quote(state, safe='')}&limit={limit}")["alerts"]
    if as_json:
        say_json(found)
        return
    for one in found:
        _tell(one)


@app.command()
def show(alert: Alert, home: Home = None, server: Server = None, key: Key = "") -> None:
    """One alert in full, as JSON.

    Example: haechi alerts show a-p-1 --home home
    """
    with asking(home, server, key) as ask:
        say_json(ask("GET", f"/v1/alerts/{quote(alert, safe='')}"))


@app.command("next")
def take_next(
    home: Home = None, server: Server = None, key: Key = "",
    level: Annotated[int, typer.Option(help="Of the queue: 0, or one that alerts are escalated to.")] = 0,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Take the most pressing alert that nobody has.

    Example: haechi alerts next --home home
    """
    with asking(home, server, key) as ask:
        found = ask("POST", "/v1/alerts/next", {"level": level})["alert"]
    if as_json:
        say_json(found)
    elif found is None:
        say("nothing waits")
    else:
        _tell(found)


@app.command()
def verdict(
    alert: Alert,
    said: Annotated[str, typer.Argument(help="fraud, legitimate or unsure.")],
    home: Home = None, server: Server = None, key: Key = "",
    typology: Annotated[str, typer.Option(help="Of a fraud: voice_phishing, account_takeover, ...")] = "",
    comment: Annotated[str, typer.Option("--comment", "-m", help="Why.")] = "", as_json: Json = False,
) -> None:  # fmt: skip
    """Say what an alert was; it becomes a label once the time to undo it is over.

    Example: haechi alerts verdict a-p-1 fraud --typology voice_phishing --home home
    """
    told = {"verdict": said, "typology": typology, "comment": comment}
    with asking(home, server, key) as ask:
        found = ask("POST", f"/v1/alerts/{quote(alert, safe='')}/verdict", told)
    if as_json:
        say_json(found)
    else:
        from haechi.events.times import moment

        until = moment(found["final_us"])
        say(f"{alert}: {found['verdict']}, final at {until}; until then `haechi alerts undo {alert}`")


@app.command()
def undo(alert: Alert, home: Home = None, server: Server = None, key: Key = "", as_json: Json = False) -> None:
    """Take back what you just said.

    Example: haechi alerts undo a-p-1 --home home
    """
    with asking(home, server, key) as ask:
        found = ask("POST", f"/v1/alerts/{quote(alert, safe='')}/undo", {})
    if as_json:
        say_json(found)
    else:
        _tell(found)


def _tell(one: dict[str, Any]) -> None:
    from haechi.events.times import moment
    from haechi.events.wording import money

    amount = (
        money(one["amount"], one["currency"])["en"] if one["currency"] and one["amount"] is not None else "no amount"
    )
    holder = f", {one['holder']} has it" if one["holder"] else ""
    events = f"{one['events']} event{'s' * (one['events'] != 1)}"
    due = moment(one["due_us"])
    say(f"{one['id']}: {one['state']}, {one['action']}, {one['subject']}, {events}, {amount}, due {due}{holder}")
