"""haechi refunds: victims made whole, for those who live in a terminal."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import typer

from haechi.commands.asking import Ask, AskFailed, Home, Key, Server, asking
from haechi.commands.screen import say, say_json

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Victims made whole: report, freeze, decide, pay.")
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
Refund = Annotated[int, typer.Argument(min=1, help="The refund's number.")]
Amount = Annotated[str, typer.Argument(help="In main units of its currency: 7000 (won), 12.50 (euro).")]
Comment = Annotated[str, typer.Option("--comment", "-m", help="Why.")]
Reference = Annotated[str, typer.Option(help="Of the booking: the same one counts once.")]


@app.command("list")
def list_refunds(
    home: Home = None, server: Server = None, key: Key = "",
    state: Annotated[str, typer.Option(help="open, reported, frozen, evidence, decided, paid or refused.")] = "open",
    limit: Annotated[int, typer.Option(help="How many at most.")] = 30, as_json: Json = False,
) -> None:  # fmt: skip
    """Refunds, oldest first.

    Example: haechi refunds list --home home
    """
    from urllib.parse import quote

    with asking(home, server, key) as ask:
        found = ask("GET", f"/v1/refunds?state={quote(state, safe='')}&limit={limit}")["refunds"]
    if as_json:
        say_json(found)
        return
    for one in found:
        _tell(one)


@app.command()
def show(refund: Refund, home: Home = None, server: Server = None, key: Key = "") -> None:
    """One refund in full with its book and history, as JSON.

    Example: haechi refunds show 1 --home home
    """
    with asking(home, server, key) as ask:
        say_json(ask("GET", f"/v1/refunds/{refund}"))


@app.command()
def report(
    event: Annotated[str, typer.Argument(help="The event that the victim reports.")],
    home: Home = None, server: Server = None, key: Key = "",
    claimed: Annotated[str, typer.Option(help="When it is not the whole amount, in main units.")] = "",
    currency: Annotated[str, typer.Option(help="Of the amount claimed.")] = "KRW",
    case: Annotated[int | None, typer.Option(help="The case it belongs to.")] = None,
    comment: Comment = "", as_json: Json = False,
) -> None:  # fmt: skip
    """A victim reports an event: the legal clocks start.

    Example: haechi refunds report p-1 --home home -m "her mother called"
    """
    told: dict[str, Any] = {"event_id": event, "comment": comment}
    if claimed:
        told["claimed"] = minor_units(claimed, currency)
    if case is not None:
        told["case_id"] = case
    with asking(home, server, key) as ask:
        _answer(ask("POST", "/v1/refunds", told), as_json=as_json)


@app.command()
def step(
    refund: Refund,
    done: Annotated[str, typer.Argument(help="frozen: the receiving account is; evidence: it is complete.")],
    home: Home = None, server: Server = None, key: Key = "", comment: Comment = "", as_json: Json = False,
) -> None:  # fmt: skip
    """One step on.

    Example: haechi refunds step 1 frozen --home home
    """
    with asking(home, server, key) as ask:
        _answer(ask("POST", f"/v1/refunds/{refund}/step", {"step": done, "comment": comment}), as_json=as_json)


@app.command()
def decide(
    refund: Refund, amount: Amount, home: Home = None, server: Server = None, key: Key = "", comment: Comment = "",
    as_json: Json = False,
) -> None:  # fmt: skip
    """Say how much is refunded, 0 for nothing; a large claim waits for somebody else.

    Example: haechi refunds decide 1 7000 --home home -m "she was at school"
    """
    with asking(home, server, key) as ask:
        told = {"amount": _units(ask, refund, amount), "comment": comment}
        _answer(ask("POST", f"/v1/refunds/{refund}/decide", told), as_json=as_json)


@app.command()
def answer(
    refund: Refund,
    said: Annotated[str, typer.Argument(help="approve or reject.")],
    home: Home = None, server: Server = None, key: Key = "", comment: Comment = "", as_json: Json = False,
) -> None:  # fmt: skip
    """Agree to what somebody else decided, or reject it.

    Example: haechi refunds answer 1 approve --home home --key $BO
    """
    with asking(home, server, key) as ask:
        _answer(ask("POST", f"/v1/refunds/{refund}/answer", {"answer": said, "comment": comment}), as_json=as_json)


@app.command()
def recovered(
    refund: Refund, amount: Amount, reference: Reference, home: Home = None, server: Server = None, key: Key = "",
    as_json: Json = False,
) -> None:  # fmt: skip
    """Book money that came back from the receiving account.

    Example: haechi refunds recovered 1 2000 --reference BANK-77 --home home
    """
    _book(refund, "recovered", amount, reference, home, server, key, as_json=as_json)


@app.command()
def paid(
    refund: Refund, amount: Amount, reference: Reference, home: Home = None, server: Server = None, key: Key = "",
    as_json: Json = False,
) -> None:  # fmt: skip
    """Book money that was paid to the victim.

    Example: haechi refunds paid 1 7000 --reference PAY-4711 --home home
    """
    _book(refund, "paid", amount, reference, home, server, key, as_json=as_json)


@app.command()
def measure(home: Home = None, server: Server = None, key: Key = "", as_json: Json = False) -> None:
    """How fast victims are made whole.

    Example: haechi refunds measure --home home
    """
    with asking(home, server, key) as ask:
        found = ask("GET", "/v1/refunds/measure")
    if as_json:
        say_json(found)
        return
    mean = f", {found['seconds'] / found['paid'] / 86_400:.1f} days from report to payment" if found["paid"] else ""
    say(f"{found['paid']:,} paid{mean}; {found['open']:,} open, {found['late']:,} of them late")


def minor_units(text: str, currency: str) -> int:
    """An amount in main units as whole minor units; AskFailed when it is none."""
    from haechi.events.money import EXPONENTS

    if currency not in EXPONENTS:
        raise AskFailed(f"{currency[:40]!r} is no currency: write KRW")
    try:
        units = Decimal(text.replace(",", "").replace("_", "")).scaleb(EXPONENTS[currency])
        whole = int(units)
    except (InvalidOperation, ValueError, OverflowError):
        raise AskFailed(f"{text[:40]!r} is no amount: write 7000 or 12.50") from None
    if whole != units:
        raise AskFailed(f"{currency} has {EXPONENTS[currency]} decimals: {text} has more")
    return whole


def _units(ask: Ask, refund: int, amount: str) -> int:
    return minor_units(amount, ask("GET", f"/v1/refunds/{refund}")["currency"])


def _book(
    refund: int, kind: str, amount: str, reference: str, home: Any, server: Any, key: str, *, as_json: bool
) -> None:  # fmt: skip
    with asking(home, server, key) as ask:
        told = {"kind": kind, "amount": _units(ask, refund, amount), "reference": reference}
        _answer(ask("POST", f"/v1/refunds/{refund}/money", told), as_json=as_json)


def _answer(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        say_json(found)
        return
    _tell(found)
    if found["waiting"] is not None:
        say(f"waits for {found['waiting']['needs']} other(s): haechi refunds answer {found['id']} approve")


def _tell(one: dict[str, Any]) -> None:
    from haechi.events.times import moment
    from haechi.events.wording import money

    def shown(amount: int) -> str:
        return money(amount, one["currency"])["en"]

    due = {"reported": "frozen", "frozen": "evidence", "evidence": "decided", "decided": "paid"}.get(one["state"])
    until = f", {due} due {moment(one[f'{due}_due_us'])}" if due else ""
    agreed = "" if one["agreed"] is None else f", {shown(one['agreed'])} agreed"
    money_moved = f", {shown(one['recovered'])} recovered, {shown(one['paid'])} paid"
    say(f"{one['id']}: {one['state']}, {one['subject']}, event {one['event_id']}, {shown(one['claimed'])} claimed"
        f"{agreed}{money_moved}{until}")  # fmt: skip
