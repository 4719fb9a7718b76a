"""A server that is sent events and labels, and asked again while it is busy or starts anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec

__all__ = ["Caller", "Unreachable"]

Wait = Callable[[float], None]
ANSWER_S_MAX = 60.0
RETRIES_MAX = 60  # of one request: with a second or more between them, a server has time to start again
_lines = msgspec.json.Encoder().encode_lines
_read_lines = msgspec.json.Decoder(dict[str, Any]).decode_lines


class Unreachable(Exception):
    """The server does not take what is sent; the message says what to do."""


class Caller:
    """One server with one key; what it has already it answers from its journal, so that asking again is safe."""

    def __init__(self, address: str, key: str, wait: Wait) -> None:
        place = urlsplit(address)
        if place.scheme not in ("http", "https") or not place.hostname:
            raise Unreachable(f"{address!r} is no address: write http://127.0.0.1:8080")
        kind = HTTPSConnection if place.scheme == "https" else HTTPConnection
        self._line = kind(place.hostname, place.port, timeout=ANSWER_S_MAX)
        self._head, self._address, self._wait = {"Authorization": f"Bearer {key}"}, address, wait
        self.retries = 0

    def knows(self, event_id: str) -> bool:
        """Whether this event was decided."""
        status, body = self._ask("GET", f"/v1/decisions/{quote(event_id, safe='')}", b"")
        return self._good(status, body, 404) != 404

    def decide(self, events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """The decision of each event, or the problem with it."""
        answers: dict[int, dict[str, Any]] = {}
        left = list(range(len(events)))
        for _ in range(RETRIES_MAX):
            status, body = self._ask("POST", "/v1/decide/batch", _lines([events[n] for n in left]))
            self._good(status, body)
            answers |= dict(zip(left, _read_lines(body), strict=True))
            left = [n for n in left if answers[n].get("status") == 503]
            if not left:
                return [answers[n] for n in range(len(events))]
            self._again(1.0)
        raise Unreachable(f"the server at {self._address} stays busy: {answers[left[0]].get('detail', '')}")

    def label(self, labels: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Tell labels; gives the problems of those that were not taken."""
        status, body = self._ask("POST", "/v1/labels", _lines(labels))
        self._good(status, body)
        found: list[dict[str, Any]] = msgspec.json.decode(body)["rejected"]
        return found

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def _ask(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        why = ""
        for _ in range(RETRIES_MAX):
            try:
                self._line.request(method, path, body, self._head | {"Content-Type": "application/x-ndjson"})
                answer = self._line.getresponse()
                told = answer.read()
            except (OSError, HTTPException) as error:
                why = str(error) or type(error).__name__
                self._line.close()
                self._again(1.0)
                continue
            if answer.status != 503:
                return answer.status, told
            why = _detail(told)
            self._again(float(answer.headers.get("Retry-After") or 1))
        raise Unreachable(
            f"the server at {self._address} took nothing in {RETRIES_MAX} tries ({why}); once it does, the same "
            "command goes on where it stopped"
        )

    def _again(self, seconds: float) -> None:
        self.retries += 1
        self._wait(seconds)

    def _good(self, status: int, body: bytes, *others: int) -> int:
        if status != 200 and status not in others:
            raise Unreachable(f"the server at {self._address} answered {status}: {_detail(body)}")
        return status


def _detail(body: bytes) -> str:
    try:
        return str(msgspec.json.decode(body).get("detail", ""))
    except (msgspec.DecodeError, AttributeError):
        return body.decode(errors="replace")[:200]
