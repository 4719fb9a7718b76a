"""`haechi models`: what models a home has, what each is made of, and how two of them differ."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from haechi.commands.leading import app as leading
from haechi.commands.screen import check_writable, console, say, say_json

app = typer.Typer(no_args_is_help=True, help="Models: list, show, compare; gates, shadow, canary, promotion, rollback.")
app.registered_commands += leading.registered_commands
Home = Annotated[Path, typer.Option(help="The home whose models they are", exists=True, file_okay=False)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON")]


@app.command("list")
def list_models(home: Home, json: Json = False) -> None:
    """List a home's models, the oldest first.

    Example: haechi models list --home home
    """
    import msgspec

    from haechi.events.times import moment
    from haechi.learning.registry import Registry
    from haechi.stores import Home as Place

    registry = Registry(Place(home).models)
    entries = registry.entries()
    if json:
        say_json([msgspec.to_builtins(entry) for entry in entries])
        return
    for one in entries:
        ap = registry.report(one.version).get("ap")
        told = "" if ap is None else f"  AP {ap:.3f}"
        say(f"{one.version}  {one.status:10}  {moment(one.registered_us)[:16]}  data set {one.dataset or '-'}{told}")
    if not entries:
        say("no model yet; train one with `haechi train`")


@app.command()
def show(
    model: Annotated[str, typer.Argument(help="Its version")],
    home: Home,
    page: Annotated[Path | None, typer.Option(help="Write its report for people here (HTML)")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there")] = False,
    json: Json = False,
) -> None:
    """Show a model's figures, checked, and what it is made of; its report for people opens without a network.

    Example: haechi models show 9c1f0a2b3c4d --home home --page report.html
    """
    import msgspec

    from haechi.commands.judgement import candidates, figures
    from haechi.learning.registry import Registry
    from haechi.stores import Home as Place

    registry = Registry(Place(home).models)
    report, manifest, drawn = registry.report(model), registry.manifest(model), registry.page(model)
    if page is not None:
        check_writable(page, force=force)
        if drawn is None:
            raise typer.BadParameter(f"model {model} was trained before there were reports for people: train it again")
        page.write_bytes(drawn)
    if json:
        say_json({"report": report, "manifest": None if manifest is None else msgspec.to_builtins(manifest)})
        return
    console().print(figures(report))
    if report.get("evidence", {}).get("finalists"):
        console().print(candidates(report))
    if manifest is not None:
        say(f"data set {manifest.dataset or '-'}, seed {manifest.seed}, as known at {manifest.until or '-'}; made by "
            + ", ".join(f"{name} {value}" for name, value in manifest.libraries.items()))  # fmt: skip
        say(f"manifest {manifest.hash}, {len(manifest.signatures)} signatures")


@app.command()
def diff(
    first: Annotated[str, typer.Argument(help="One version")],
    second: Annotated[str, typer.Argument(help="Another")],
    home: Home,
    json: Json = False,
) -> None:
    """Show how two models differ: figures on their own rehearsals, data, settings, and what carries their scores.

    Example: haechi models diff 9c1f0a2b3c4d 55d0a1b2c3d4 --home home
    """
    from haechi.learning.registry import Registry
    from haechi.stores import Home as Place

    told = differences(Registry(Place(home).models), first, second)
    if json:
        say_json(told)
        return
    from rich.table import Table

    table = Table(title=f"{first} and {second}", title_justify="left")
    for name in ("", first, second):
        table.add_column(name, justify="left" if not name else "right")
    for part in ("figures", "made_of", "features"):
        for name, (one, other) in told[part].items():
            table.add_row(name, _told(one), _told(other))
    console().print(table)
    if not told["same_days"]:
        say("they were judged on other days: hold both to one data set before you choose (haechi train)")


def differences(registry: Any, first: str, second: str) -> dict[str, Any]:
    """What is not the same in two models, part by part, as pairs."""
    import msgspec

    reports = [registry.report(v) for v in (first, second)]
    made = [registry.manifest(v) for v in (first, second)]
    flat = [{} if m is None else _flat(msgspec.to_builtins(m)) for m in made]
    names = sorted(set(flat[0]) | set(flat[1]))
    left_out = ("files", "version", "made_us", "parent")
    figures = {name: [_pick(r, name) for r in reports] for name in ("ap", "auc", "labelled", "frauds")}
    figures["model"] = [r.get("chosen", {}).get("model") for r in reports]
    figures["calibration error"] = [r.get("calibration", {}).get("ece") for r in reports]
    features = [r.get("explanation", {}).get("features", {}) for r in reports]
    judged = [r.get("slices", {}).get("months", []) for r in reports]
    return {
        "figures": figures,
        "made_of": {
            n: [flat[0].get(n), flat[1].get(n)]
            for n in names
            if not n.startswith(left_out) and flat[0].get(n) != flat[1].get(n)
        },
        "features": {n: [f.get(n) for f in features] for n in list(dict.fromkeys([*features[0], *features[1]]))[:15]},
        "same_days": [m["month"] for m in judged[0]] == [m["month"] for m in judged[1]],
    }


def _flat(values: dict[str, Any], before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        found |= _flat(value, f"{before}{name}.") if isinstance(value, dict) else {f"{before}{name}": value}
    return found


def _pick(report: dict[str, Any], name: str) -> Any:
    return report.get(name)


def _told(value: Any) -> str:
    return "-" if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)
