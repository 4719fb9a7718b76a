"""Somebody who asks a running server: one connection, JSON in, JSON out."""

from __future__ import annotations

from collections.abc import Sequence
from http.client import HTTPConnection
from types import TracebackType
from typing import Any, Self

import msgspec

ANSWER_S_MAX = 30.0
LINES_MAX = 200
_json = msgspec.json.Encoder()
_read_lines = msgspec.json.Decoder(dict[str, Any]).decode_lines


class Refused(Exception):
    """The server did not do what was asked; the message is its own."""


class Visitor:
    """One caller with one key."""

    def __init__(self, port: int, key: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=ANSWER_S_MAX)
        self._headers = {"Authorization": f"Bearer {key}"}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def decide(self, event: dict[str, Any]) -> dict[str, Any]:
        """The decision about one event."""
        decision: dict[str, Any] = msgspec.json.decode(self._post("/v1/decide", _json.encode(event), "json"))
        return decision

    def decide_batch(self, events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """A decision for each event, in order."""
        told = self._post("/v1/decide/batch", _json.encode_lines(events), "x-ndjson")
        return _read_lines(told)

    def _post(self, path: str, body: bytes, kind: str) -> bytes:
        self._connection.request("POST", path, body, self._headers | {"Content-Type": f"application/{kind}"})
        answer = self._connection.getresponse()
        told = answer.read()
        if answer.status != 200:
            raise Refused(f"{path} answered {answer.status}: {told.decode(errors='replace')[:300]}")
        return told
