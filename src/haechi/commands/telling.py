"""How the demonstration tells on screen what was decided, and why."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

COLOURS = {"allow": "green", "challenge": "yellow", "hold": "dark_orange", "block": "red"}
BASELINES = {"logistic": "logistic regression", "surprise": "surprise alone", "chance": "chance"}
WORDS = {"allow": "ALLOWED", "challenge": "ASKED FOR ANOTHER CHECK", "hold": "HELD", "block": "BLOCKED"}


def learned(report: dict[str, Any]) -> str:
    """One line about the model: what it learned from and how it did, its baseline and what else competed beside it."""
    from haechi.learning.figures import over_baseline

    more, error = over_baseline(report)
    apart = "" if more > error else ": worse, so it does not decide, and behaviour alone does" if more < -error else (
        f": with so few frauds it and its baseline cannot be told apart ({more:+.2f}, give or take {error:.2f})"
    )  # fmt: skip
    chosen, baseline = report["chosen"]["model"], report["baseline"]
    others = {name: one["ap"] for name, one in report["evidence"]["finalists"].items() if name != chosen}
    beside = {BASELINES[baseline["name"]]: baseline["ap"], **others}
    told = ", ".join(f"{name} {ap:.3f}" for name, ap in beside.items())
    return (
        f"{report['labelled']:,} labels, {report['frauds']:,} frauds: model {chosen}, average precision "
        f"{report['ap']:.3f} ({told}) on {report['protocol']['rehearsals']} rehearsals{apart}"
    )


def traffic(tally: Counter[str], caught: Counter[str]) -> Table:
    """What was done about the payments of the last days, and how many of each were really fraud."""
    table = Table(title="live payments before the story", title_justify="left")
    for name in ("action", "payments", "of them fraud"):
        table.add_column(name, justify="left" if name == "action" else "right")
    for action, colour in COLOURS.items():
        table.add_row(Text(action, colour), f"{tally[action]:,}", f"{caught[action]:,}")
    return table


def decided(event: dict[str, Any], decision: dict[str, Any], took_ms: float) -> Panel:
    """A decision with its reasons, in both languages."""
    action, colour = decision["action"], COLOURS[decision["action"]]
    sentence = decision["sentence"]
    parts: list[Any] = [
        Text(f"{event['time']}   {event['customer']} pays {event['amount']:,} {event['currency']} at "
             f"{event['merchant']}", "bold"),
        Text(""),
        Text(WORDS[action], f"bold {colour}") + Text(
            f"   risk {decision['score']:.1%}   expected loss {decision['expected_loss']:,} {event['currency']}"),
        Text(sentence["en"]),
        Text(sentence["ko"]),
    ]  # fmt: skip
    if decision["reasons"]:
        parts += [Text(""), _reasons(decision["reasons"])]
    inside_us = sum(decision["timings_us"].values())
    parts += [Text(""), Text(f"{inside_us:,} us inside, {took_ms:.1f} ms over HTTP, on disk before the answer", "dim")]
    return Panel(Group(*parts), title="17 years old, Friday, two minutes past seven", border_style=colour)


def _reasons(reasons: list[dict[str, Any]]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("weight", "why", "이유"):
        table.add_column(name, justify="right" if name == "weight" else "left")
    for reason in reasons:
        table.add_row(f"{reason['weight']:.2f}", reason["text"]["en"], reason["text"]["ko"])
    return table


def where_to_look(out: Console, port: int, key: str, home: str, event_id: str, password: str) -> None:
    """Lines to copy, never wrapped, so that they stay whole; without a password the server ends with the story."""
    address = f"http://127.0.0.1:{port}"
    out.print("\nlook for yourself:", style="bold")
    console = f"{address}/watch     the console; one-time password {password}"
    again = f"haechi serve --home {home} --port {port}     the server stops now; this starts it again, console included"
    for line in (
        console if password else again,
        f"curl -s {address}/v1/decisions/{event_id} -H 'Authorization: Bearer {key}'",
        f"curl -s '{address}/v1/alerts?limit=5' -H 'Authorization: Bearer {key}'",
        f"curl -s {address}/openapi.json",
        f"haechi explain --home {home} {event_id}",
    ):
        out.print(f"  {line}", soft_wrap=True, highlight=False)
