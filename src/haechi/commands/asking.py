"""Commands about rules speak the API: to the server that runs on a home, or, when none does, to the home itself.

There is one way to change rules, and it asks for an API key: its name is the person who writes, asks and approves, and
it must have the scope for it. A home without a server is opened for the length of the command, and the same application
answers without a socket.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
import typer

__all__ = ["Ask", "AskFailed", "Home", "Key", "Server", "address_of", "asking", "forget_address", "tell_address"]

ADDRESS = "serving.json"
WAIT_S = 600.0
Home = Annotated[Path | None, typer.Option(help="The home; when a server runs on it, that server is asked.")]
Server = Annotated[str | None, typer.Option(envvar="HAECHI", help="The address of a server, instead of a home.")]
Key = Annotated[str, typer.Option(envvar="HAECHI_KEY", help="Your API key: it says who you are.")]
Ask = Callable[..., Any]


class AskFailed(Exception):
    """The home or its server refused; the message is its own."""


@contextmanager
def asking(home: Path | None, server: str | None, key: str) -> Iterator[Ask]:
    """A way to ask: `ask(method, path, body=None, kind="application/json")` gives the decoded answer."""
    if not key:
        raise AskFailed("say who you are: --key hk_... or HAECHI_KEY; `haechi key add NAME` makes one")
    if home is None:
        if not server:
            raise AskFailed("say where: --home DIR, or --server http://127.0.0.1:8080")
        with _over_http(server, key) as ask:
            yield ask
        return
    from haechi.app import open_shut
    from haechi.stores import AlreadyOpen

    try:
        shut = open_shut(home)
    except AlreadyOpen:
        address = address_of(home)
        if address is None:
            raise AskFailed(
                f"another process works on {home}, and no server answers for it yet: if one is starting, wait until it "
                "says `Haechi decides at`; if it imports or checks, wait for its end; or name a server with --server"
            ) from None
        with _over_http(address, key) as ask:
            yield ask
        return
    with shut:
        from haechi.rulebook.indoors import Indoors

        indoors = Indoors(shut)
        yield lambda *args, **more: asyncio.run(_indoors(indoors.api, key, *args, **more))


def tell_address(home: Path, host: str, port: int) -> None:
    """Write down where the server of this home listens, for commands that find it locked."""
    spoken = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104
    address = f"http://[{spoken}]:{port}" if ":" in spoken else f"http://{spoken}:{port}"
    from haechi.stores import write_durably

    write_durably(home / ADDRESS, json.dumps({"address": address, "pid": os.getpid()}).encode())


def forget_address(home: Path) -> None:
    """The server is gone."""
    (home / ADDRESS).unlink(missing_ok=True)


def address_of(home: Path) -> str | None:
    """Where the server of this home listens; None when none does, whatever one that died left behind."""
    from haechi.stores import AlreadyOpen
    from haechi.stores import Home as Folder

    try:
        Folder(home).lock().release()
    except AlreadyOpen:
        return _written_address(home / ADDRESS)
    return None


def _written_address(path: Path) -> str | None:
    try:
        return str(json.loads(path.read_text())["address"])
    except (OSError, ValueError, KeyError):
        return None


@contextmanager
def _over_http(address: str, key: str) -> Iterator[Ask]:
    place = urlsplit(address)
    if place.scheme not in ("http", "https") or not place.hostname:
        raise AskFailed(f"{address!r} is no address: write http://127.0.0.1:8080")
    kind = HTTPSConnection if place.scheme == "https" else HTTPConnection
    line = kind(place.hostname, place.port, timeout=WAIT_S)

    def ask(method: str, path: str, body: Any = None, media_type: str = "application/json") -> Any:
        raw = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
        try:
            line.request(method, path, raw, {"Authorization": f"Bearer {key}", "Content-Type": media_type})
            answer = line.getresponse()
            return _read(answer.status, answer.read())
        except (OSError, HTTPException) as error:
            raise AskFailed(f"the server at {address} does not answer ({error}): is it running?") from error

    try:
        yield ask
    finally:
        line.close()


async def _indoors(
    api: Any, key: str, method: str, path: str, body: Any = None, media_type: str = "application/json"
) -> Any:
    raw = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
    target, _, query = path.partition("?")
    head = _head({"authorization": f"Bearer {key}", "content-type": media_type, "content-length": str(len(raw))})
    scope = {
        "type": "http", "method": method, "path": target, "raw_path": target.encode(), "query_string": query.encode(),
        "headers": head,
    }  # fmt: skip
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": raw}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await api(scope, receive, send)
    return _read(sent[0]["status"], sent[1]["body"])


def _head(names: dict[str, str]) -> Sequence[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in names.items()]


def _read(status: int, body: bytes) -> Any:
    told = msgspec.json.decode(body)
    if status >= 400:
        from haechi.api.asking import SHOWN

        raise AskFailed(str(told.get("detail", told)).removesuffix(SHOWN).replace(" - at `$.", " for `"))
    return told


def pages(ask: Ask, path: str, name: str) -> Iterable[dict[str, Any]]:
    """Every row behind a cursor."""
    from urllib.parse import quote

    joint, cursor = "&" if "?" in path else "?", ""
    while True:
        page = ask("GET", f"{path}{joint}limit=1000{cursor}")
        yield from page[name]
        if page["next"] is None:
            return
        cursor = f"&cursor={quote(page['next'], safe='')}"
