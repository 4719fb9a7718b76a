"""haechi backtest: what a rule would have done."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any
from urllib.parse import quote

import typer

from haechi.commands.asking import Key, address_of, asking, pages
from haechi.commands.screen import bars, console, note, say, say_json

POLL_S = 0.3
EXAMPLES = 3
epilog = "Example: haechi backtest --home home school.toml school-hours@1 --since 2024-08-01"


def command(
    rule: Annotated[list[str], typer.Argument(help="Files of rules, or ids of rules of the home: ID or ID@VERSION.")],
    home: Annotated[Path, typer.Option(help="The home whose history is asked.", exists=True, file_okay=False)],
    since: Annotated[str | None, typer.Option(help="Judge events from here on (ISO 8601).")] = None,
    until: Annotated[str | None, typer.Option(help="Judge events before this (ISO 8601).")] = None,
    live: Annotated[bool, typer.Option(help="Hold them against the rules that act now, too.")] = False,
    key: Key = "",
    json: Annotated[bool, typer.Option("--json", help="The report as JSON")] = False,
) -> None:
    """Replay a home's history and say what rules would have done: hits, frauds caught, customers bothered, per day.

    Ids of rules, --live and lists need an API key; files do not. Two versions of a rule are compared event by event.
    While a server works on the home it does the work, with all that it knows; without a key only the archive is read.
    """
    with bars("events") as shown, TemporaryDirectory(prefix="haechi-backtest-") as folder:
        report = backtest_home(home, Path(folder), rule, since, until, live, key, shown)
    if json:
        say_json(report)
        return
    show(report)


def backtest_home(
    home: Path, folder: Path, asked: list[str], since: str | None, until: str | None, live: bool, key: str, shown: Any
) -> dict[str, Any]:
    """Copy the history, gather the rules, replay, report; or let the server that holds the home do it."""
    from haechi.commands.history import copy_history
    from haechi.commands.moments import moment_us
    from haechi.events import Schema
    from haechi.rulebook.backtesting import Span, backtest, check_span

    address = address_of(home)
    if key and address is not None:
        shown.advance("the server judges", 0)
        return _ask_server(home, address, key, asked, since, until, live)
    zone = Schema.read(home / "schema.toml").timezone
    span = Span(*(None if text is None else moment_us(text, zone) for text in (since, until)))
    check_span(span.since_us, span.until_us)
    rules, lists = _gather(home, asked, live, key)
    history = copy_history(home, folder, lambda rows: shown.advance("copying the history", rows), whole=True)
    if not history.whole:
        note("note: a server works on this home; asking its archive, without the journal: --key hk_... knows all of it")
    report = backtest(
        history, history.schema, history.spec, rules, last_us=history.last_us, lists=lists, span=span,
        on_rows=lambda rows: shown.advance("replaying", rows, total=history.events),
    )  # fmt: skip
    return {**report, "whole": history.whole}


def _ask_server(
    home: Path, address: str, key: str, asked: list[str], since: str | None, until: str | None, live: bool
) -> dict[str, Any]:
    """The same backtest by the API of a running server."""
    import time

    from haechi.commands.asking import AskFailed
    from haechi.commands.moments import moment_us
    from haechi.events import Schema
    from haechi.events.times import moment
    from haechi.rules import Pack, write_pack

    files = [word for word in asked if word.endswith(".toml")]
    rules = [rule for word in files for rule in _rules_in(word)]
    zone = Schema.read(home / "schema.toml").timezone
    wish = {
        "rules": [word for word in asked if word not in files], "live": live,
        "toml": write_pack(Pack(rules=tuple(rules))) if rules else "",
        **{name: moment(moment_us(text, zone)) for name, text in (("since", since), ("until", until)) if text},
    }  # fmt: skip
    with asking(None, address, key) as ask:
        job = ask("POST", "/v1/backtests", wish)
        while job["state"] == "running":
            time.sleep(POLL_S)
            job = ask("GET", f"/v1/backtests/{job['id']}")
    if job["state"] == "failed":
        raise AskFailed(f"the server could not do it: {job['why']}")
    return dict(job["report"])


def show(report: dict[str, Any]) -> None:
    """A row for each rule, its days and examples, what all would have asked for, then what overlaps."""
    from rich.table import Table

    frauds = f"{report['frauds']:,} fraud{'s' * (report['frauds'] != 1)}"
    counted = f"{report['mature_labels']:,} with a mature label, {frauds}"
    say(f"{report['events']:,} events judged, {counted}")
    table = Table()
    for name in ("rule", "hits", "undecided", "caught", "false alarms", "precision", "recall", "money caught",
                 "customers bothered"):  # fmt: skip
        table.add_column(name, justify="left" if name == "rule" else "right", no_wrap=name == "rule")
    for one in report["rules"]:
        told = one["confusion"] or {}
        money = ", ".join(f"{amount:,} {currency}" for currency, amount in one["money_caught"].items())
        table.add_row(
            one["rule"], f"{one['hits']:,}", f"{one['undecided']:,}", _number(told.get("caught")),
            _number(told.get("false_alarms")), _share(one["precision"]), _share(one["recall"]), money,
            f"{one['customers_bothered']:,}",
        )  # fmt: skip
    console().print(table)
    for one in filter(lambda one: one["hits"], report["rules"]):
        say(_days(one))
    asked = ", ".join(f"{action} {count:,}" for action, count in report["actions"].items() if count)
    say(f"nothing else asked, the decisions would be: {asked or 'none'}")
    say(_changed(report["decided"]))
    for one in report["overlap"]:
        first, second = one["rules"]
        say(f"{first} and {second}: both {one['both']:,}, only the first {one['only_first']:,}, "
            f"only the second {one['only_second']:,}")  # fmt: skip
    for warning in report["warnings"]:
        note(f"warning: {warning}")


def _changed(decided: dict[str, Any]) -> str:
    """What these rules would have changed of what was decided here."""
    if not decided["events"]:
        return "nothing of this was decided here: what the rules would have changed cannot be told"
    told = "; ".join(
        f"{one['events']:,} from {one['from']} to {one['to']} ({one['frauds']:,} frauds, {one['honest']:,} honest)"
        for one in decided["changed"]
    )
    return f"of {decided['events']:,} decisions taken here they would have changed: {told or 'none'}"


def _days(one: dict[str, Any]) -> str:
    """When a rule hit, and whom to look at."""
    days = one["by_day"]
    most = max(days, key=lambda day: day["hits"])
    examples = [f"{name} {', '.join(one['examples'][kind][:EXAMPLES])}" for kind, name in
                (("frauds", "caught"), ("others", "not known as fraud")) if one["examples"][kind]]  # fmt: skip
    span = f"{len(days)} day{'s' * (len(days) != 1)} from {days[0]['day']} to {days[-1]['day']}"
    return f"{one['rule']}: hits on {span}, at most {most['hits']} ({most['day']}); for example {'; '.join(examples)}"


def _gather(home: Path, asked: list[str], live: bool, key: str) -> tuple[list[Any], Any]:
    """The rules of files and of the home, and the home's lists when there is a key to read them."""
    from haechi.rules.lists import Entry, Lists

    found: list[Any] = []
    wanted = []
    for word in asked:
        if word.endswith(".toml"):
            found += _rules_in(word)
        else:
            wanted.append(word)
    if not key and (wanted or live):
        raise typer.BadParameter("rules of the home are read with an API key: --key hk_... or HAECHI_KEY")
    lists: dict[str, list[Any]] = {}
    if key:
        with asking(home, None, key) as ask:
            found += [_kept(ask, word) for word in wanted]
            acting = {f"{v['id']}@{v['version']}" for v in ask("GET", "/v1/rules")["versions"] if v["lane"] == "live"}
            found += [_kept(ask, ref) for ref in sorted(acting - {r.ref for r in found}) if live]
            for one in ask("GET", "/v1/lists")["lists"]:
                rows = pages(ask, f"/v1/lists/{quote(one['name'], safe='')}", "entries")
                lists[one["name"]] = [Entry(row["entity"], until_us=_until(row["expires"])) for row in rows]
    return found, Lists.of(lists)


def _rules_in(file: str) -> Sequence[Any]:
    from haechi.rules import read_pack

    try:
        return read_pack(Path(file).read_text("utf-8"), file).rules
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{file} cannot be read: {error}") from error


def _kept(ask: Any, word: str) -> Any:
    import msgspec

    from haechi.rules import read_pack

    name, _, number = word.partition("@")
    versions = ask("GET", f"/v1/rules/{quote(name, safe='')}")["versions"]
    chosen = [v for v in versions if not number or str(v["version"]) == number][-1:]
    if not chosen:
        raise typer.BadParameter(f"rule {name!r} has versions 1 to {versions[-1]['version']}, not {number}")
    (rule,) = read_pack(chosen[0]["toml"]).rules
    return msgspec.structs.replace(rule, version=chosen[0]["version"])


def _until(text: str | None) -> int | None:
    from haechi.commands.moments import moment_us

    return None if text is None else moment_us(text, "UTC")


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"
