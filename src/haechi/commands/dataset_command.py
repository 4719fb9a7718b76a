"""`haechi dataset`: history frozen for learning, with a card that says what is in it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from haechi.commands.screen import bars, console, note, say, say_json

app = typer.Typer(no_args_is_help=True, help="Data sets: history frozen up to a moment, with a card and a screening.")
Home = Annotated[Path, typer.Option(help="The home whose history it is", exists=True, file_okay=False)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON")]


@app.command()
def make(
    home: Home,
    until: Annotated[
        str | None, typer.Option(help="Events before this, labels known by it (ISO 8601)  [default: the newest event]")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="Only labels that the house had been told by this  [default: all]")
    ] = None,
    json: Json = False,
) -> None:
    """Freeze a home's history and screen it; nothing is trained.

    Example: haechi dataset make --home home --until 2024-10-01
    """
    from haechi.commands.datasets import make_data_set

    with bars("events") as shown:
        made = make_data_set(home, until=until, as_of=as_of, progress=shown.advance)
    if not made.whole:
        note("note: a server works on this home; the data set is of its archive, without the journal")
    _tell(made.data.card, json=json)


@app.command("list")
def list_sets(home: Home, json: Json = False) -> None:
    """List a home's data sets.

    Example: haechi dataset list --home home
    """
    from haechi.learning.frozen import DataSets
    from haechi.stores import Home as Place

    cards = [one.card for one in DataSets(Place(home).datasets).all()]
    if json:
        say_json([{k: v for k, v in card.items() if k != "columns"} for card in cards])
        return
    for card in cards:
        taught = card["taught"]
        say(f"{card['hash']}  {card['until']}  {card['events']:,} events, {taught['fraud']:,} frauds and "
            f"{taught['legitimate']:,} legitimate teach")  # fmt: skip
    if not cards:
        say("no data set yet; make one with `haechi dataset make`")


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="The start of its hash")], home: Home, json: Json = False
) -> None:  # fmt: skip
    """Show a data set's card, once its files are checked.

    Example: haechi dataset show 4be1 --home home
    """
    from haechi.learning.frozen import DataSets
    from haechi.stores import Home as Place

    data = DataSets(Place(home).datasets).find(name)
    data.check()
    _tell(data.card, json=json)


def _tell(card: dict[str, Any], *, json: bool) -> None:
    if json:
        say_json(card)
        return
    from rich.table import Table

    taught, spans, mature, rate = card["taught"], card["spans"], card["maturity"], card["base_rate"]
    say(f"data set {card['hash']}: {card['events']:,} events from {spans['first']} to {spans['last']}")
    say(f"cut at {card['until']}; events until {spans['taught_until']} teach, for {mature['gap_days']:.1f} days later "
        "nearly all frauds are known")  # fmt: skip
    say(f"{taught['fraud']:,} frauds, {taught['legitimate']:,} legitimate, {taught['unknown']:,} of which nobody knows")
    if rate["corrected"] is not None:
        say(f"fraud rate {rate['known']:.4%} known, {rate['corrected']:.4%} with what is not reported yet")
    chosen = card["selection"]
    if chosen["stopped"]:
        say(f"{chosen['stopped']:,.0f} events were stopped, of {chosen['stopped_without_outcome']:,.0f} nobody knows "
            f"the outcome; {chosen['released']:,.0f} were let through by chance, each weighs "
            f"{chosen['weight_of_a_release']:g}")  # fmt: skip
    table = Table(title="labels by source", title_justify="left")
    for column in ("source", "fraud", "legitimate"):
        table.add_column(column, justify="left" if column == "source" else "right")
    for kind, counts in sorted(card["label_sources"].items()):
        table.add_row(kind, f"{counts['fraud']:,}", f"{counts['legitimate']:,}")
    console().print(table)
    moved = [(name, psi) for name, psi in card["shifts"].get("psi", {}).items() if psi >= 0.1]
    if moved:
        say("moved since the data set before (PSI): " + ", ".join(f"{name} {psi:.2f}" for name, psi in moved[:10]))
    for one in card.get("screening", []):
        say(f"{one['answer']}: {one['told']}")
