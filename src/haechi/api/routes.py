"""The table of routes: the router and the OpenAPI document both come from it, so they cannot disagree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from haechi.api import shapes
from haechi.api.errors import (
    BadEvent,
    BadJson,
    BadQuery,
    Busy,
    Conflict,
    Forbidden,
    NotFound,
    NotReady,
    Refusal,
    TooLarge,
    TooSlow,
    Unauthorised,
    WrongMethod,
    WrongType,
)

JSON = "application/json"
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


_GUARDED = (Unauthorised, Forbidden)
_SENT = (*_GUARDED, BadJson, BadEvent, TooSlow, TooLarge, WrongType, Busy, NotReady)

ROUTES: tuple[Route, ...] = (
    Route(
        "POST", "/v1/decide", "decide", "Decide one event; it is learned and journaled before the answer",
        "decide", shapes.Decision, body=shapes.Event, body_types=(JSON,), refusals=(*_SENT, Conflict),
    ),
    Route(
        "POST", "/v1/decide/batch", "decide_batch", "A decision per line, in order; a bad line gets a problem document",
        "decide", shapes.Decision, JSON_LINES[0], shapes.Event, JSON_LINES, True, refusals=_SENT,
    ),
    Route(
        "POST", "/v1/events", "learn", "Learn from events without deciding",
        "events", shapes.Taken, body=shapes.Event, body_types=JSON_LINES, is_batch=True, refusals=_SENT,
    ),
    Route(
        "POST", "/v1/labels", "label", "Tell which events were fraud, and since when that is known",
        "labels", shapes.Taken, body=shapes.Label, body_types=(JSON, *JSON_LINES), is_batch=True, refusals=_SENT,
    ),
    Route(
        "GET", "/v1/decisions/{event_id}", "decision", "The stored decision with all its evidence",
        "read", shapes.Decision,
        parameters=(Parameter("event_id", "path", "The event's id, percent-encoded.", {"type": "string"}),),
        refusals=(*_GUARDED, BadQuery, NotFound, Busy, NotReady),
    ),
    Route(
        "GET", "/v1/alerts", "alerts", "Alerts, oldest first",
        "read", shapes.AlertPage,
        parameters=(
            Parameter("limit", "query", "How many at most.", {"type": "integer", "minimum": 1, "default": 100}),
            Parameter("cursor", "query", "`next` of the page before.", {"type": "string", "pattern": "^[0-9]{1,18}$"}),
        ),
        refusals=(*_GUARDED, BadQuery, Busy, NotReady),
    ),
    Route(
        "GET", "/v1/customers/{id}/profile", "profile",
        "What is usual for a customer: hours, amounts, parties, regular payments, changes",
        "read", dict[str, Any],
        parameters=(Parameter("id", "path", "The customer's id, percent-encoded.", {"type": "string"}),),
        refusals=(*_GUARDED, BadQuery, NotFound, Busy, NotReady),
    ),
    Route("GET", "/healthz", "healthz", "Is a server alive, and which", None, shapes.Health, is_counted=False),
    Route("GET", "/readyz", "readyz", "Can it decide", None, shapes.Ready, is_counted=False, refusals=(NotReady,)),
    Route(
        "GET", "/metrics", "metrics", "Figures for Prometheus",
        "read", str, METRICS_TYPE, is_counted=False, refusals=_GUARDED,
    ),
    Route("GET", "/openapi.json", "openapi", "This document", None, dict[str, Any], is_counted=False),
)  # fmt: skip


class Router:
    """Finds the route of a request: one dictionary look-up for fixed paths, a short walk for the others."""

    def __init__(self, routes: Iterable[Route] = ROUTES) -> None:
        self.routes = tuple(routes)
        self._fixed: dict[tuple[str, str], Route] = {}
        self._open: list[tuple[str, str, Route]] = []
        for route in self.routes:
            stem, brace, rest = route.path.partition("{")
            if brace:
                self._open.append((stem, rest.partition("}")[2], route))
            else:
                self._fixed[route.method, route.path] = route
                if route.method == "GET":
                    self._fixed["HEAD", route.path] = route

    def find(self, method: str, path: str, raw_path: bytes) -> tuple[Route, str]:
        """The route and the value in its path; raises NotFound or WrongMethod."""
        route = self._fixed.get((method, path))
        if route is not None:
            return route, ""
        return self._find_open(method, path, raw_path)

    def _find_open(self, method: str, path: str, raw_path: bytes) -> tuple[Route, str]:
        raw = raw_path.decode("ascii", "replace")
        for stem, tail, route in self._open:
            value = raw[len(stem) : len(raw) - len(tail)]
            # The raw path is cut, not the decoded one: an id may hold a slash when it is percent-encoded.
            if raw.startswith(stem) and raw.endswith(tail) and value and "/" not in value:
                if method not in (route.method, "HEAD"):
                    raise WrongMethod(f"{route.path} takes {route.method}, not {method}", route.method)
                return route, unquote(value, errors="replace")
        allowed = sorted(m for m, p in self._fixed if p == path)
        if allowed:
            raise WrongMethod(f"{path} takes {' or '.join(allowed)}, not {method}", ", ".join(allowed))
        raise NotFound("there is nothing at this address: /openapi.json lists every call")
