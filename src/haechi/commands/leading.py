"""haechi models, the part that leads a model through its life: each step is agreed on by two people, or by policy."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from haechi.commands.asking import Home, Key, Server, asking, pages
from haechi.commands.screen import note, say, say_json

app = typer.Typer(no_args_is_help=True, add_completion=False)
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
Model = Annotated[str, typer.Argument(help="The model's version, as `haechi models list` shows it.")]
Why = Annotated[str, typer.Option("--comment", "-m", help="Why, for whoever must agree.")]
Number = Annotated[int, typer.Argument(help="The change's number, as `haechi models changes` shows it.")]


@app.command()
def standing(home: Home = None, server: Server = None, key: Key = "", as_json: Json = False) -> None:
    """Every model and where it stands.

    Example: haechi models standing --home home
    """
    with asking(home, server, key) as ask:
        told = ask("GET", "/v1/models")
    if as_json:
        say_json(told)
        return
    for one in told["models"]:
        passed = {True: "passed its gates", False: "failed a gate", None: "not held to the gates"}[one["passed"]]
        share = f" {one['share']:.0%}" if one["place"] == "canary" else ""
        say(f"{one['version']}  {one['place']}{share}  {passed}  by {one['author']} at {one['at']}")
    if told["before"]:
        say(f"a rollback goes to {told['before']}")


@app.command()
def gates(model: Model, home: Home = None, server: Server = None, key: Key = "", as_json: Json = False) -> None:
    """What the gates said of a model: value, threshold, verdict.

    Example: haechi models gates 9c1f03ab22de --home home
    """
    with asking(home, server, key) as ask:
        told = ask("GET", f"/v1/models/{model}")["gates"]
    if as_json:
        say_json(told)
        return
    _tell_gates(told["gates"])


@app.command()
def gate(
    model: Model, home: Home = None, server: Server = None, key: Key = "",
    wait: Annotated[bool, typer.Option(help="Wait until the gates have spoken.")] = True, as_json: Json = False,
) -> None:  # fmt: skip
    """Hold a model against its gates on the home's history, in a process of its own; status 1 when one fails.

    Example: haechi models gate 9c1f03ab22de --home home
    """
    with asking(home, server, key) as ask:
        started = ask("POST", f"/v1/models/{model}/gate", {})
        if not wait:
            say(f"training {started['number']} holds {model} to its gates")
            return
        done = _wait(ask, started["number"])
        if done["state"] == "failed":
            note(f"the gates did not speak: {done['told'].get('why', '')}")
            raise typer.Exit(1)
        told = ask("GET", f"/v1/models/{model}")["gates"]
    if as_json:
        say_json(told)
    else:
        _tell_gates(told["gates"])
    raise typer.Exit(0 if told["passed"] else 1)


@app.command()
def train(
    home: Home = None, server: Server = None, key: Key = "",
    quick: Annotated[bool, typer.Option("--quick", help="Only the smallest plan.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="The same history and seed give the same model.")] = 0,
    until: Annotated[str | None, typer.Option(help="Use nothing that was known later  [default: the newest]")] = None,
    wait: Annotated[bool, typer.Option(help="Wait until it is done.")] = True, as_json: Json = False,
) -> None:  # fmt: skip
    """Have the running server train a challenger, in a process of its own, and hold it to its gates.

    Example: haechi models train --home home
    """
    with asking(home, server, key) as ask:
        told = ask("POST", "/v1/models/train", {"quick": quick, "seed": seed, "until": until})
        told = _wait(ask, told["number"]) if wait else told
    if as_json:
        say_json(told)
    else:
        outcome = told["told"].get("outcome") or told["told"].get("why") or told["told"].get("stage", "")
        say(f"training {told['number']} is {told['state']}: {', '.join(filter(None, (told['model'], outcome)))}")
    raise typer.Exit(1 if told["state"] == "failed" else 0)


@app.command()
def shadow(model: Model, home: Home = None, server: Server = None, key: Key = "", comment: Why = "",
           as_json: Json = False) -> None:  # fmt: skip
    """Let a model score every decision without acting.

    Example: haechi models shadow 9c1f03ab22de --home home
    """
    _step(model, {"step": "shadow", "comment": comment}, home, server, key, as_json)


@app.command()
def canary(
    model: Model, home: Home = None, server: Server = None, key: Key = "",
    share: Annotated[float, typer.Option(min=0.0, max=1.0, help="Of subjects, always the same ones.")] = 0.05,
    comment: Why = "", as_json: Json = False,
) -> None:  # fmt: skip
    """Ask for a model to decide for a share of subjects; others must agree.

    Example: haechi models canary 9c1f03ab22de --share 0.1 --home home
    """
    _step(model, {"step": "canary", "share": share, "comment": comment}, home, server, key, as_json)


@app.command()
def promote(model: Model, home: Home = None, server: Server = None, key: Key = "", comment: Why = "",
            as_json: Json = False) -> None:  # fmt: skip
    """Ask for a model to become the champion; others must agree.

    Example: haechi models promote 9c1f03ab22de -m "two weeks as canary" --home home
    """
    _step(model, {"step": "champion", "comment": comment}, home, server, key, as_json)


@app.command()
def rollback(home: Home = None, server: Server = None, key: Key = "", comment: Why = "", as_json: Json = False) -> None:
    """Let the champion before decide again, at once.

    Example: haechi models rollback -m "alerts tripled" --home home
    """
    with asking(home, server, key) as ask:
        told = ask("POST", "/v1/models/rollback", {"comment": comment})
    _say(told, as_json, f"{told['model']} is the champion again")


@app.command()
def end(model: Model, home: Home = None, server: Server = None, key: Key = "", comment: Why = "",
        as_json: Json = False) -> None:  # fmt: skip
    """Take a challenger, a shadow or a canary out.

    Example: haechi models end 9c1f03ab22de --home home
    """
    with asking(home, server, key) as ask:
        told = ask("POST", f"/v1/models/{model}/end", {"comment": comment})
    _say(told, as_json, f"{model} is retired")


@app.command()
def approve(number: Number, home: Home = None, server: Server = None, key: Key = "", comment: Why = "",
            as_json: Json = False) -> None:  # fmt: skip
    """Agree to a step that somebody else asked for.

    Example: haechi models approve 3 --home home
    """
    _answer(number, "approve", home, server, key, comment, as_json)


@app.command()
def reject(number: Number, home: Home = None, server: Server = None, key: Key = "", comment: Why = "",
           as_json: Json = False) -> None:  # fmt: skip
    """Refuse a step that somebody else asked for.

    Example: haechi models reject 3 -m "one more week in shadow" --home home
    """
    _answer(number, "reject", home, server, key, comment, as_json)


@app.command()
def changes(
    home: Home = None, server: Server = None, key: Key = "",
    state: Annotated[str | None, typer.Option(help="waiting, done, rejected or withdrawn.")] = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Steps that were asked for, the newest first.

    Example: haechi models changes --state waiting --home home
    """
    with asking(home, server, key) as ask:
        asked = f"?{urlencode({'state': state})}" if state else ""
        told = list(pages(ask, f"/v1/models/changes{asked}", "changes"))
    if as_json:
        say_json({"changes": told})
        return
    if not told:
        say("no step was asked for")
    for one in told:
        share = f" for {one['share']:.0%}" if one["step"] == "canary" else ""
        people = "".join(f", {a['person']}: {a['answer']}" for a in one["answers"])
        why = f" ({one['comment']})" if one["comment"] else ""
        say(f"{one['id']}  {one['state']}  {one['model']} as {one['step']}{share}, by {one['author']}{why}{people}")


@app.command()
def history(home: Home = None, server: Server = None, key: Key = "", as_json: Json = False) -> None:
    """What took effect, rollbacks by alarm included, the newest first.

    Example: haechi models history --home home
    """
    with asking(home, server, key) as ask:
        told = list(pages(ask, "/v1/models/history", "events"))
    if as_json:
        say_json({"events": told})
        return
    if not told:
        say("no model has taken a step")
    for one in told:
        agreed = "".join(f", {said['person']} agreed" for said in one["agreed"])
        say(f"{one['at']}  {_deed(one)} by {one['person']}{agreed}{': ' + one['why'] if one['why'] else ''}")


def _deed(one: dict[str, Any]) -> str:
    if one["what"] == "rollback":
        return f"ROLLED BACK from {one['undone']} to {one['model']}"
    share = f" for {one['share']:.0%}" if one["step"] == "canary" else ""
    return f"{one['model']} became {one['step']}{share}"


@app.command()
def compare(
    home: Home = None, server: Server = None, key: Key = "",
    since: Annotated[str | None, typer.Option(help="From this moment on  [default: a day before --until]")] = None,
    until: Annotated[str | None, typer.Option(help="Up to this moment  [default: the newest decision]")] = None,
    budget: Annotated[int | None, typer.Option(min=1, help="Alerts a day that each model may raise.")] = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Champion, challengers and rules side by side, on the same decisions.

    Example: haechi models compare --since 2024-10-24T00:00:00+09:00 --home home
    """
    asked = {k: v for k, v in {"since": since, "until": until, "budget": budget}.items() if v is not None}
    with asking(home, server, key) as ask:
        told = ask("GET", "/v1/models/compare" + (f"?{urlencode(asked)}" if asked else ""))
    if as_json:
        say_json(told)
        return
    say(f"{told['events']} decisions from {told['since']} to {told['until']}, {told['frauds']} known frauds")
    for one in told["sides"]:
        if not one["events"]:
            say(f"{one['role']:>14}  {one['name']}: has scored none of them")
            continue
        recall = "-" if one["recall"] is None else f"{one['recall']:.1%}"
        say(
            f"{one['role']:>14}  {one['name']}: {one['alerts']} alerts, found {one['frauds_found']} of "
            f"{one['frauds_known']} ({recall}), money {one['money_found']:,}"
        )


def _step(model: str, wish: dict[str, Any], home: Any, server: Any, key: str, as_json: bool) -> None:
    with asking(home, server, key) as ask:
        told = ask("POST", f"/v1/models/{model}/step", wish)
    waits = f"change {told['id']} waits for {told['needs']} to agree: haechi models approve {told['id']}"
    _say(told, as_json, f"{model} is {told['step']}" if told["state"] == "done" else waits)


def _answer(number: int, answer: str, home: Any, server: Any, key: str, comment: str, as_json: bool) -> None:
    with asking(home, server, key) as ask:
        told = ask("POST", f"/v1/models/changes/{number}", {"answer": answer, "comment": comment})
    _say(told, as_json, f"change {number} is {told['state']}: {told['model']} as {told['step']}")


def _say(told: Any, as_json: bool, sentence: str) -> None:
    say_json(told) if as_json else say(sentence)


def _tell_gates(gates: list[dict[str, Any]]) -> None:
    if not gates:
        say("never held against the gates: haechi models gate VERSION")
    for one in gates:
        value = "-" if one["value"] is None else f"{one['value']:.4g}"
        verdict = "pass" if one["passed"] else "FAIL"
        say(f"{verdict}  {one['name']} = {value} (threshold {one['threshold']:.4g}): {one['told'].get('means', '')}")


def _wait(ask: Any, number: int) -> dict[str, Any]:
    """Until a training is over, telling each stage once; between two looks another command may work."""
    import time

    stage = ""
    while True:
        found: dict[str, Any] = next(
            t for t in ask("GET", "/v1/models/trainings")["trainings"] if t["number"] == number
        )
        if found["state"] != "running":
            return found
        if (now := found["told"].get("stage", "")) != stage:
            stage = now
            note(f"training {number}: {stage}")
        time.sleep(0.5)
