"""haechi bench: how fast this machine decides."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

SECTIONS = ("kernel", "behaviour", "online", "rules", "durability", "http", "population")
epilog = "Example: haechi bench --only kernel --only online --json"


def command(
    only: Annotated[
        list[str] | None, typer.Option(help=f"A section: {', '.join(SECTIONS)}  [default: all but population]")
    ] = None,
    customers: Annotated[int, typer.Option(min=10_000, help="Customers of the section population")] = 10_000_000,
    seconds: Annotated[float, typer.Option(min=1, help="How long a load test lasts")] = 10.0,
    open_seconds: Annotated[float, typer.Option(min=1, help="How long the open-loop load test lasts")] = 60.0,
    people: Annotated[int, typer.Option(min=100, help="Customers of the town of section http")] = 2_000,
    days: Annotated[int, typer.Option(min=15, help="Days of its history; the last two weeks are played on")] = 30,
    folder: Annotated[
        Path | None, typer.Option(help="Where temporary files go; population needs 4 KB a customer")
    ] = None,
    labels: Annotated[bool, typer.Option(help="Section kernel: with the features fed by confirmed frauds")] = False,
    json: Annotated[bool, typer.Option("--json", help="All figures as JSON")] = False,
) -> None:
    """Measure kernel, single decisions, durability, HTTP and, when asked for, the memory of many customers.

    Run it on a quiet machine. Each figure stands beside its floor: what the machine itself allows.
    """
    from haechi.commands.screen import note, say, say_json

    chosen = only or [s for s in SECTIONS if s != "population"]
    unknown = [s for s in chosen if s not in SECTIONS]
    if unknown:
        raise typer.BadParameter(f"no section is called {unknown[0]!r}; there are {', '.join(SECTIONS)}")
    found: dict[str, Any] = {"machine": machine()}
    with TemporaryDirectory(prefix="haechi-bench-", dir=folder) as place:
        for section in SECTIONS:
            if section in chosen:
                note(f"measuring {section} ...")
                found[section] = asdict(
                    _measure(section, Path(place), customers, seconds, open_seconds, (people, days), labels, note)
                )
                if not json:
                    for line in lines(section, found[section]):
                        say(line)
    if json:
        say_json(found)


def machine() -> dict[str, Any]:
    """What the figures were taken on."""
    import os

    import numba
    import numpy

    info = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    name = next((line.split(":", 1)[1].strip() for line in info if line.startswith("model name")), platform.processor())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": name,
        "cores": os.cpu_count(),
        "memory_gib": round(memory, 1),
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "numba": numba.__version__,
        "load_average": os.getloadavg()[0],
    }


def _measure(
    section: str,
    place: Path,
    customers: int,
    seconds: float,
    open_seconds: float,
    town: tuple[int, int],
    labels: bool,
    note: Callable[[str], None],
) -> Any:
    if section == "kernel":
        from haechi.bench.kernel import measure_kernel

        return measure_kernel(labels=labels)
    if section == "behaviour":
        from haechi.bench.behaviour import measure_behaviour

        return measure_behaviour()
    if section == "online":
        from haechi.bench.online import measure_online

        return measure_online()
    if section == "rules":
        from haechi.bench.rules import measure_rules

        return measure_rules()
    if section == "durability":
        from haechi.bench.durability import measure_durability

        return measure_durability(place)
    if section == "http":
        from haechi.bench.http import measure_http

        people, days = town
        return measure_http(
            place, seconds=seconds, open_seconds=open_seconds, say=note, people=people, days=days
        )  # fmt: skip
    from haechi.bench.population import measure_population

    return measure_population(place, customers)


def lines(section: str, f: dict[str, Any]) -> list[str]:
    """A section's figures as a person reads them."""
    return _LINES[section](f)


def _kernel(f: dict[str, Any]) -> list[str]:
    return [
        f"replay: {f['events_per_s']:,.0f} events/s a core, {f['events_per_s_warm']:,.0f} once warm, "
        f"{f['events_per_s_quiet']:,.0f} in the quietest tenth "
        f"({f['features']} features, {f['entities_known']:,} entities, {f['arena_mib']:,.0f} MiB)",
        f"  {f['us_per_event_warm']:.2f} us an event; floors: fetching {f['floor_touch_us']:.2f} us, "
        f"computing {f['floor_cached_us']:.2f} us",
        "  bytes a record: " + ", ".join(f"{n} {b:,}" for n, b in f["record_bytes"].items()),
    ]


def _behaviour(f: dict[str, Any]) -> list[str]:
    return [
        f"behaviour: {f['us_on_top']:.2f} us an event on top of the features ({f['us_per_event']:.2f} against "
        f"{f['us_per_event_without']:.2f}), {f['bytes_per_customer']:,} bytes a customer",
        f"  judging by every view {f['judge_us']:.1f} us, reasons p50 {f['reasons_us_p50']:.0f} us, "
        f"p99 {f['reasons_us_p99']:.0f} us",
    ]


def _online(f: dict[str, Any]) -> list[str]:
    named = {
        "look and learn": "look", "judge": "judge", "reasons": "explain", "all": "whole",
        "judge and reasons, best of three": "calm", "all, in processor time of its own": "own",
        "floor, counting to 5,000 between decisions": "counting",
    }  # fmt: skip
    return [f"one decision in process, {f['features']} features, {f['trees']} trees (us):"] + [
        f"  {name}: " + ", ".join(f"{q} {v:,.1f}" for q, v in f[f"{key}_us"].items()) for name, key in named.items()
    ]


def _rules(f: dict[str, Any]) -> list[str]:
    few, many, publish = f["few_us"], f["many_us"], f["publish"]
    beside, quiet = publish["while_publishing"], publish["without"]
    return [
        f"rules: {f['few']} add {few['p50']:,.1f} us (p99 {few['p99']:,.1f}) to a decision, their "
        f"{f['few_windows']} windows {f['few_windows_us']:,.1f} us; {f['many']:,} add {many['p50']:,.1f} us "
        f"(p99 {many['p99']:,.1f}); floor, one rule: {f['floor_us']:,.1f} us",
        f"  publishing one more: {publish['publish_s']:.2f} s; the longest of {beside['decisions']:,} decisions "
        f"meanwhile {beside['wall_ms']:.1f} ms (without: {quiet['wall_ms']:.1f} ms), publishing held one up for "
        f"{beside['held_ms']:.1f} ms",
        f"  a new window reads {f['fill_events']:,} past events in {f['fill_s']:.1f} s, beside the decisions",
        f"  one of {f['listed']:,} entries: {f['list_ns']:,.0f} ns (floor, one random read: "
        f"{f['list_floor_ns']:,.0f} ns)",
        f"  backtest of {f['backtest_rules']} rules over {f['backtest_events']:,} events: {f['backtest_s']:,.1f} s "
        f"(floor, reading the inputs once: {f['backtest_floor_s']:,.1f} s)",
    ]


def _durability(f: dict[str, Any]) -> list[str]:
    return [
        f"journal: {f['entries_per_s']:,.0f} entries/s, {f['entries_per_commit']:.0f} a commit; floor "
        f"{f['floor_entries_per_s']:,.0f}/s (plain file, same syncs of {f['sync_us']:,.0f} us)"
    ]


def _http(f: dict[str, Any]) -> list[str]:
    told = []
    for name, key in _LOADS.items():
        if key in f["missing"]:
            told.append(f"http, {name}: not taken, {f['missing'][key]}")
        elif key in f["parts"]:
            told += _load(name, **f["parts"][key])
    taken = sum(f["actions"].values())
    passed = f["actions"].get("allow", 0)
    if taken:
        told.append(f"  of {taken:,} decisions {passed / taken:.2%} were to allow")
    return [*told, f"  floor, one sync of this disk: {f['sync_us']:,.0f} us"]


def _load(name: str, figures: dict[str, Any], server_us: float) -> list[str]:
    told = [
        f"http, {name}: {figures['events_per_s']:,.0f} events/s, p50 {figures['latency']['p50_ms']:.2f} ms, "
        f"p99 {figures['latency']['p99_ms']:.2f} ms, server {server_us:.0f} us an event, "
        f"generator {figures['generator_us_per_request']:.0f} us a request"
    ]
    wrong = {status: count for status, count in figures["statuses"].items() if status != "200"}
    wrong |= {what: figures[what] for what in ("refused_events", "unanswered", "broken") if figures[what]}
    return told + [f"  WRONG: {', '.join(f'{what} {count:,}' for what, count in wrong.items())}"] * bool(wrong)


def _population(f: dict[str, Any]) -> list[str]:
    return [
        f"population: {f['customers']:,} customers and cards, {f['hot_share']:.0%} hot, "
        f"resident {f['resident_gib']:.1f} GiB "
        f"(peak {f['resident_peak_gib']:.1f}), cold file {f['cold_file_gib']:.1f} GiB, filled in {f['fill_s']:,.0f} s",
        f"  a decision: p50 {f['decision_us_p50']:,.0f} us, p99 {f['decision_us_p99']:,.0f} us; "
        f"one that touches a cold customer: p50 {f['cold_us_p50']:,.0f} us, p99 {f['cold_us_p99']:,.0f} us "
        f"({f['cold_touches']:,} of them)",
        "  bytes an entity: " + ", ".join(f"{n} {b:,}" for n, b in f["bytes_per_entity"].items()),
    ]


_LOADS = {"closed loop": "closed", "batches": "batch", "open loop": "open", "floor, nothing behind the door": "floor"}
_LINES = {
    "kernel": _kernel,
    "behaviour": _behaviour,
    "online": _online,
    "rules": _rules,
    "durability": _durability,
    "http": _http,
    "population": _population,
}
