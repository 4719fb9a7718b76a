"""haechi rules: write them, try them, agree on them, take them back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

import typer

from haechi.commands.asking import Ask, Home, Key, Server, asking, pages
from haechi.commands.screen import note, say, say_json
from haechi.commands.signing import described, say_answers

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Write rules, try them, agree on them, take them back."
)
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
Rule = Annotated[str, typer.Argument(help="The rule's id.")]
File = Annotated[Path, typer.Argument(help="A file of rules (TOML); docs/rules.md shows one.", exists=True)]
Files = Annotated[list[Path], typer.Argument(help="Files of rules (TOML), or folders of them.", exists=True)]
Version = Annotated[int | None, typer.Option(help="The version, or write ID@VERSION; left out: the newest.")]
Why = Annotated[str, typer.Option("--comment", "-m", help="Why, for whoever must agree.")]
Number = Annotated[str, typer.Argument(help="The change's number, as `haechi rules approvals` shows it.")]
Typology = Annotated[bool, typer.Option("--typology", help="The id is a typology's.")]
TOML = "application/toml"
TEST = """
[[tests]]
rule = "ID"
expect = "hit"  # hit, miss or undecided: of the last event
events = [{ kind = "payment", time = "2026-03-02T07:00:00+09:00", customer = "c", amount = 7000 }]
"""
Lane = Literal["draft", "shadow", "canary", "live", "retired"]
State = Literal["waiting", "done", "rejected", "withdrawn", "all"]


@app.command("list")
def list_rules(home: Home = None, server: Server = None, key: Key = "", as_json: Json = False) -> None:
    """Every rule and typology with its versions and their lanes.

    Example: haechi rules list --home home
    """
    with asking(home, server, key) as ask:
        told = ask("GET", "/v1/rules")
        told["typologies"] = ask("GET", "/v1/typologies")["versions"]
    if as_json:
        say_json(told)
        return
    for one in told["versions"] + told["typologies"]:
        say(_line(one))
    if told["in_force"] or told["preparing"]:
        waiting = f", {told['preparing']} is being made ready" if told["preparing"] else ""
        say(f"in force: {told['in_force'] or 'no rules'}{waiting}")


@app.command()
def show(rule: Rule, home: Home = None, server: Server = None, key: Key = "", typology: Typology = False,
         as_json: Json = False) -> None:  # fmt: skip
    """One rule in full: its versions, what happened to them, and its snoozes.

    Example: haechi rules show school-hours --home home
    """
    with asking(home, server, key) as ask:
        told = ask("GET", f"{_path(rule, typology)}")
    if as_json:
        say_json(told)
        return
    for one in told["versions"]:
        say(f"{_line(one)}\n{one['toml']}")
    for one in told["history"]:
        by = f", change {one['change']}" if one["change"] else ""
        why = f": {one['comment']}" if one["comment"] else ""
        say(f"{one['at']}  {_did(one)} by {one['person']}{by}{why}")
        say_answers(one["answers"])
    for one in told["snoozes"]:
        say(f"snooze for {one['entity']} {one['id']} until {one['until']}{', which is over' * one['ended']}")


@app.command()
def check(files: Files, home: Home = None, server: Server = None, key: Key = "", as_json: Json = False) -> None:
    """Hold files of rules against a home, with a pointer at whatever is wrong; nothing is kept.

    Example: haechi rules check school.toml --home home
    """
    with asking(home, server, key) as ask:
        told = _checked(ask, _files(files))
    sound = _tell(told, as_json)
    raise typer.Exit(0 if sound else 1)


@app.command()
def add(file: File, home: Home = None, server: Server = None, key: Key = "", comment: Why = "",
        as_json: Json = False) -> None:  # fmt: skip
    """Keep new versions of the rules in a file, as drafts; what did not change stays the version it is.

    Example: haechi rules add school.toml --home home -m "minors during school hours"
    """
    _add([file], home, server, key, comment, as_json)


@app.command("import")
def import_(files: Files, home: Home = None, server: Server = None, key: Key = "", comment: Why = "",
            as_json: Json = False) -> None:  # fmt: skip
    """Keep new versions of all rules in files or folders: how rules come out of git.

    Example: haechi rules import rules/ --home home
    """
    _add(_files(files), home, server, key, comment, as_json)


@app.command()
def export(
    to: Annotated[Path, typer.Argument(help="The folder to write: a file for each rule.")],
    home: Home = None, server: Server = None, key: Key = "",
) -> None:  # fmt: skip
    """Write each rule and typology into a file of a folder, in the version that acts: how rules get into git.

    That is the live version, else the one in canary, else the newest; a file's tests stay in it.

    Example: haechi rules export rules/ --home home
    """
    from haechi.commands.exporting import acting, write_rule

    with asking(home, server, key) as ask:
        named = [(one["id"], kind) for kind in ("rules", "typologies")
                 for one in ask("GET", f"/v1/{kind}")["versions"] if one["version"] == 1]  # fmt: skip
        texts = {(name, kind): acting(ask("GET", f"/v1/{kind}/{name}")["versions"])["toml"] for name, kind in named}
    to.mkdir(parents=True, exist_ok=True)
    written = 0
    for (name, kind), text in texts.items():
        suffix = "" if kind == "rules" else ".typology"
        written += write_rule(to / f"{name}{suffix}.toml", text)
    say(f"{len(texts)} files in {to}, {written} of them written, the others said the same")


@app.command()
def shadow(rule: Rule, home: Home = None, server: Server = None, key: Key = "", version: Version = None,
           comment: Why = "", typology: Typology = False, as_json: Json = False) -> None:  # fmt: skip
    """Let a version be asked and recorded without any effect; a draft needs nobody's approval for that.

    Example: haechi rules shadow school-hours --home home
    """
    _move(rule, "shadow", home, server, key, version, comment, typology, as_json)


@app.command()
def canary(
    rule: Rule, home: Home = None, server: Server = None, key: Key = "",
    share: Annotated[float, typer.Option(min=0.0, max=1.0, help="Of subjects, always the same ones.")] = 0.05,
    version: Version = None, comment: Why = "", typology: Typology = False, as_json: Json = False,
) -> None:  # fmt: skip
    """Ask for a version to act for a share of subjects; others must agree.

    Example: haechi rules canary school-hours --share 0.1 --home home
    """
    _move(rule, "canary", home, server, key, version, comment, typology, as_json, share=share)


@app.command()
def publish(rule: Rule, home: Home = None, server: Server = None, key: Key = "", version: Version = None,
            comment: Why = "", typology: Typology = False, as_json: Json = False) -> None:  # fmt: skip
    """Ask for a version to go live; others must agree.

    Example: haechi rules publish school-hours --home home -m "three weeks in shadow, no complaint"
    """
    _move(rule, "live", home, server, key, version, comment, typology, as_json)


@app.command()
def submit(
    rule: Rule,
    lane: Annotated[Lane, typer.Option(help="Where it shall be.")],
    home: Home = None, server: Server = None, key: Key = "", version: Version = None, comment: Why = "",
    typology: Typology = False, as_json: Json = False,
) -> None:  # fmt: skip
    """Ask for a version to be put into any lane; what changes decisions waits until others agree.

    Example: haechi rules submit school-hours --lane shadow --home home
    """
    _move(rule, lane, home, server, key, version, comment, typology, as_json)


@app.command()
def retire(rule: Rule, home: Home = None, server: Server = None, key: Key = "", version: Version = None,
           comment: Why = "", typology: Typology = False, as_json: Json = False) -> None:  # fmt: skip
    """Ask for a version to be asked no more; others must agree, for that changes decisions too.

    Example: haechi rules retire school-hours --home home -m "the school calendar changed"
    """
    _move(rule, "retired", home, server, key, version, comment, typology, as_json)


@app.command()
def rollback(rule: Rule, home: Home = None, server: Server = None, key: Key = "", comment: Why = "",
             as_json: Json = False) -> None:  # fmt: skip
    """Ask for what acted before the version that acts now came: another version, or none; a canary retires.

    Example: haechi rules rollback school-hours --home home
    """
    with asking(home, server, key) as ask:
        _moved(ask("POST", f"{_path(rule)}/rollback", {"comment": comment}), as_json)


@app.command()
def approvals(
    home: Home = None, server: Server = None, key: Key = "",
    state: Annotated[State, typer.Option(help="Of the changes.")] = "waiting",
    as_json: Json = False,
) -> None:  # fmt: skip
    """The changes that wait for somebody, or those that did: what each would do, and why; the newest first.

    Example: haechi rules approvals --home home --state all
    """
    with asking(home, server, key) as ask:
        found = list(pages(ask, "/v1/approvals" + f"?state={state}" * (state != "all"), "changes"))
    if as_json:
        say_json(found)
        return
    for one in found:
        say(_change(one))
        for line in described(one):
            say(f"    {line}")
        say_answers(one["answers"])
    if not found:
        say("none" if state == "all" else f"none is {state}")


@app.command()
def approve(change: Number, home: Home = None, server: Server = None, key: Key = "", comment: Why = "",
            as_json: Json = False) -> None:  # fmt: skip
    """Agree to what somebody else asked for; the last approval that it needs brings it into force.

    Example: haechi rules approve 3 --home home
    """
    _answer(change, {"answer": "approve", "comment": comment}, "", home, server, key, as_json)


@app.command()
def reject(change: Number, home: Home = None, server: Server = None, key: Key = "", comment: Why = "",
           as_json: Json = False) -> None:  # fmt: skip
    """Say no to what somebody else asked for.

    Example: haechi rules reject 3 --home home -m "catches half the canteen"
    """
    _answer(change, {"answer": "reject", "comment": comment}, "", home, server, key, as_json)


@app.command()
def withdraw(change: Number, home: Home = None, server: Server = None, key: Key = "", comment: Why = "",
             as_json: Json = False) -> None:  # fmt: skip
    """Take back what you asked for.

    Example: haechi rules withdraw 3 --home home
    """
    _answer(change, {"comment": comment}, "/withdraw", home, server, key, as_json)


@app.command()
def snooze(
    rule: Rule,
    entity: Annotated[str, typer.Argument(help="The kind of entity: customer, card, ...")],
    id_: Annotated[str, typer.Argument(metavar="ID", help="Its id.")],
    until: Annotated[str, typer.Option(help="ISO 8601 with a zone; a time that is over ends the snooze.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    home: Home = None, server: Server = None, key: Key = "", as_json: Json = False,
) -> None:  # fmt: skip
    """Let one rule not act for one entity, until then.

    Example: haechi rules snooze school-hours customer c-17 --until 2026-03-01T00:00:00+09:00 --reason "exam trip"
    """
    body = {"rule": rule, "entity": entity, "id": id_, "until": until, "reason": reason}
    with asking(home, server, key) as ask:
        told = ask("POST", "/v1/snoozes", body)
    if as_json:
        say_json(told)
        return
    who = f"{told['entity']} {told['id']}"
    if told["ended"]:
        say(f"{told['rule']} acts for {who} again: the snooze ended at {told['until']}")
    else:
        say(f"{told['rule']} does not act for {who} until {told['until']}")
    if told["warning"]:
        note(f"warning: {told['warning']}")


@app.command("test")
def try_tests(files: Files, home: Home = None, as_json: Json = False) -> None:
    """Run the tests that stand beside rules in their files; exit status 1 when one does not hold.

    Example: haechi rules test rules/ --home home
    """
    from haechi.commands.proposing import tried

    results, bare = tried(_files(files), home)
    if as_json:
        say_json({"tests": results, "untested": bare})
    else:
        for one in results:
            said = f"expected {one['expected']}, it says {one['said']}"
            if not one["holds"]:
                say(f"WRONG: {one['rule']}, {one['test'] or 'a test'}: {said}")
        say(f"{sum(one['holds'] for one in results)} of {len(results)} tests hold")
        if not results:
            note(f"no test stands in these files; write one below the rules:\n{TEST}")
        if bare:
            note(f"not shown both to hit and to miss: {', '.join(bare)}")
    raise typer.Exit(0 if all(one["holds"] for one in results) else 1)


@app.command()
def pack(name: Annotated[str, typer.Argument(help="korea, card-testing, account-takeover or mule.")]) -> None:
    """Write a pack of rules that comes with Haechi to standard output; all are drafts until somebody publishes them.

    Example: haechi rules pack korea > korea.toml
    """
    from haechi.rules.packs import pack_text

    say(pack_text(name).rstrip())


@app.command()
def suggest(
    home: Annotated[Path, typer.Option(help="The home whose history is searched.", exists=True, file_okay=False)],
    count: Annotated[int, typer.Option(min=1, max=50, help="How many at most.")] = 10,
    to: Annotated[Path | None, typer.Option(help="A file to write the drafts to.")] = None,
    as_json: Json = False,
) -> None:
    """Search the labelled history for readable rules, found on its earlier and judged on its later part: drafts only.

    Example: haechi rules suggest --home home --to drafts.toml
    """
    from haechi.commands.proposing import suggested
    from haechi.rules import Pack, write_pack

    found = suggested(home, count, "suggest")
    if to is not None and found:
        to.write_text(write_pack(Pack(rules=tuple(one.rule for one in found))), "utf-8")
    told = [
        {"rule": one.rule.id, "condition": one.rule.condition, "precision": one.precision, "recall": one.recall,
         "support": one.support, "frauds": one.frauds, "lift": one.lift}
        for one in found
    ]  # fmt: skip
    if as_json:
        say_json(told)
        return
    for one in told:
        say(f"{one['rule']}: {one['condition']}")
        say(f"    {one['precision']:.1%} of {one['support']:,} hits were fraud, {one['recall']:.1%} of all frauds")
    if not told:
        say("nothing: there are too few confirmed frauds, or no short rule holds up on the later part")


def _add(files: list[Path], home: Path | None, server: str | None, key: str, comment: str, as_json: bool) -> None:
    with asking(home, server, key) as ask:
        checked = _checked(ask, files)
        if not all(one["sound"] for one in checked):
            _tell(checked, as_json)
            raise typer.Exit(1)
        path = "/v1/rules?" + urlencode({"comment": comment})
        kept = [one for file in files for one in ask("POST", path, file.read_bytes(), TOML)["versions"]]
    if as_json:
        say_json({"versions": kept, "findings": [f for one in checked for f in one["findings"]]})
        return
    _tell(checked, as_json)
    for one in kept:
        say(_line(one))


def _checked(ask: Ask, files: list[Path]) -> list[dict[str, Any]]:
    """What is found in each file, under its name."""
    told = [ask("POST", "/v1/rules/check", path.read_bytes(), TOML) for path in files]
    for path, one in zip(files, told, strict=True):
        one["findings"] = [{"file": str(path), **found} for found in one["findings"]]
    return told


def _tell(checked: list[dict[str, Any]], as_json: bool) -> bool:
    sound = all(one["sound"] for one in checked)
    if as_json:
        say_json({"sound": sound, "findings": [f for one in checked for f in one["findings"]]})
        return sound
    for one in checked:
        for found in one["findings"]:
            place = f":{found['file_line']}:{found['file_column']}" if found["file_line"] else ""
            rule = f"{found['rule']}: " if found["rule"] else ""
            advice = f"; {found['suggestion']}" if found["suggestion"] else ""
            note(f"{found['file']}{place}: {found['level']}: {rule}{found['message']}{advice}")
            if found["pointer"]:
                note("\n".join("    " + line for line in found["pointer"].splitlines()))
    if sound:
        note("sound")
    return sound


def _move(
    rule: str, lane: str, home: Path | None, server: str | None, key: str, version: int | None, comment: str,
    typology: bool, as_json: bool, **more: Any,
) -> None:  # fmt: skip
    name, _, number = rule.partition("@")  # as backtests name versions, too
    if version is None and number.isascii() and number.isdigit():
        rule, version = name, int(number)
    body = {"lane": lane, "comment": comment, **more} | ({} if version is None else {"version": version})
    with asking(home, server, key) as ask:
        _moved(ask("POST", f"{_path(rule, typology)}/lane", body), as_json)


def _moved(told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        say_json(told)
    elif told["state"] == "done":
        one = told["happened"]
        say(f"{one['id']} version {one['version']} is in lane {one['content']['lane']} now")
    else:
        say(_change(told["change"]))


def _answer(
    change: str, body: dict[str, Any], tail: str, home: Path | None, server: str | None, key: str, as_json: bool
) -> None:
    if not (change.isascii() and change.isdigit()):
        raise typer.BadParameter(f"a change has a number, not {change[:40]!r}: `haechi rules approvals` shows it")
    with asking(home, server, key) as ask:
        told = ask("POST", f"/v1/approvals/{change}{tail}", body)
    say_json(told) if as_json else say(_change(told))


def _change(one: dict[str, Any]) -> str:
    what = f"{one['rows']} rows of list {one['name']}" if one["kind"] == "list" else (
        f"{one['kind']} {one['name']} version {one['version']} to {one['content']['lane']}")  # fmt: skip
    agreed = [said["person"] for said in one["answers"] if said["answer"] == "approve"]
    by = f", approved by {', '.join(agreed)}" if agreed else ""
    waits = f" ({len(agreed)} of {one['needs']} approvals)" if one["state"] == "waiting" else ""
    return f"change {one['id']}: {what}, asked by {one['author']}{by}: {one['state']}{waits}"


def _line(one: dict[str, Any]) -> str:
    share = f" {one['share']:.0%}" if one["lane"] == "canary" else ""
    kind = "" if one["kind"] == "rule" else " (typology)"
    return f"{one['id']}{kind} version {one['version']}: {one['lane']}{share}, by {one['author']} at {one['created']}"


def _did(one: dict[str, Any]) -> str:
    told = one["content"]
    if one["what"] == "snooze":
        over = ", which is over" * told["ended"]
        return f"snoozed for {told['entity']} {told['id']} until {told['until']}{over} ({told['reason']})"
    share = f" {told['share']:.0%}" if told["lane"] == "canary" else ""
    return f"version {one['version']} to {told['lane']}{share}"


def _path(rule: str, typology: bool = False) -> str:
    return f"/v1/{'typologies' if typology else 'rules'}/{quote(rule, safe='')}"


def _files(given: list[Path]) -> list[Path]:
    found = [file for path in given for file in (sorted(path.rglob("*.toml")) if path.is_dir() else [path])]
    if not found:
        raise typer.BadParameter("there is no .toml file in it")
    return found
