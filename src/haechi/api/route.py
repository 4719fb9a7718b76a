"""One route: how a call is addressed, who may make it, what goes in and what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from haechi.api.errors import Refusal

JSON = "application/json"
TOML = "application/toml"
CSV = "text/csv"
JSON_LINES = ("application/x-ndjson", "application/jsonl")
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter in the address."""

    name: str
    place: str
    description: str
    schema: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Route:
    """One call: how it is addressed, who may make it, what goes in and what comes out."""

    method: str
    path: str
    name: str
    summary: str
    scope: str | None
    answer: Any
    answer_type: str = JSON
    body: Any = None
    body_types: tuple[str, ...] = ()
    is_batch: bool = False
    is_counted: bool = True  # takes one of the places for requests in flight; a look at health never waits for one
    parameters: tuple[Parameter, ...] = ()
    refusals: tuple[type[Refusal], ...] = ()
    headers: tuple[tuple[bytes, bytes], ...] = ()
    other_scope: str | None = None  # opens it as well
