"""The table of routes: the router and the OpenAPI document both come from it, so they cannot disagree."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

from haechi.api import case_routes, learning_routes, model_routes, rule_shapes, shapes
from haechi.api.errors import (
    BadAsk,
    BadEvent,
    BadJson,
    BadQuery,
    BadRule,
    Busy,
    Conflict,
    Forbidden,
    NotFound,
    NotReady,
    TooLarge,
    TooSlow,
    Unauthorised,
    WrongMethod,
    WrongType,
)
from haechi.api.route import CSV, JSON, JSON_LINES, METRICS_TYPE, TOML, Parameter, Route

_GUARDED = (Unauthorised, Forbidden)
_TAKEN = (*_GUARDED, BadJson, TooSlow, TooLarge, WrongType, Busy, NotReady)
_SENT = (*_TAKEN, BadEvent)
_WISHED = (*_TAKEN, BadAsk)

_ASKED = (*_GUARDED, Busy, NotReady)
_RULE = Parameter("rule", "path", "The rule's id.", {"type": "string"})
_TYPOLOGY = Parameter("typology", "path", "The typology's id.", {"type": "string"})
_LIST = Parameter("list", "path", "The list's name.", {"type": "string"})
_CHANGE = Parameter("change", "path", "The change's number.", {"type": "string", "pattern": "^[0-9]{1,18}$"})
_BACKTEST = Parameter("backtest", "path", "Its id.", {"type": "string"})
_COMMENT = Parameter("comment", "query", "Why, for whoever must agree.", {"type": "string"})
_PURPOSE = Parameter("purpose", "query", "Of a new list sent as CSV: allow, block or watch.", {"type": "string"})
_INTO = Parameter("into", "query", "Add CSV rows to this change instead of a new one.", {"type": "string"})
_STATE = Parameter("state", "query", "waiting, done, rejected or withdrawn.", {"type": "string"})
_LIMIT = Parameter("limit", "query", "How many at most.", {"type": "integer", "minimum": 1, "default": 100})
_CURSOR = Parameter("cursor", "query", "`next` of the page before.", {"type": "string", "pattern": "^[0-9]{1,18}$"})
_AFTER = Parameter("cursor", "query", "`next` of the page before.", {"type": "string"})

__all__ = ["CSV", "JSON", "JSON_LINES", "METRICS_TYPE", "ROUTES", "TOML", "Parameter", "Route", "Router"]

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
        "GET", "/v1/rules", "rules", "Every rule with its versions and their lanes, and the set in force",
        "read", rule_shapes.RuleList, refusals=_ASKED,
    ),
    Route(
        "POST", "/v1/rules", "add_rules", "Keep new versions of rules and typologies, as drafts",
        "rules:write", rule_shapes.Added, body=rule_shapes.RuleFile, body_types=(JSON, TOML),
        parameters=(_COMMENT,), refusals=(*_WISHED, BadQuery, BadRule),
    ),
    Route(
        "POST", "/v1/rules/check", "check_rules", "What is wrong with rules, with a pointer at the place",
        "rules:write", rule_shapes.Checked, body=rule_shapes.RuleFile, body_types=(JSON, TOML),
        refusals=(*_WISHED, BadRule),
    ),
    Route(
        "GET", "/v1/rules/{rule}", "rule", "One rule: every version in full, its history and its snoozes",
        "read", rule_shapes.RuleInFull, parameters=(_RULE,), refusals=(*_ASKED, NotFound),
    ),
    Route(
        "POST", "/v1/rules/{rule}/lane", "move_rule", "Put a version into another lane; what changes decisions waits "
        "for others to agree", "rules:write", rule_shapes.Moved, body=rule_shapes.Move, body_types=(JSON,),
        parameters=(_RULE,), refusals=(*_WISHED, NotFound, BadRule, Conflict),
    ),
    Route(
        "POST", "/v1/rules/{rule}/rollback", "roll_back", "Ask for what acted before the newest version that acts came",
        "rules:write", rule_shapes.Moved, body=rule_shapes.Commented, body_types=(JSON,),
        parameters=(_RULE,), refusals=(*_WISHED, NotFound, BadRule, Conflict),
    ),
    Route(
        "GET", "/v1/typologies", "typologies", "Every typology with its versions and their lanes",
        "read", rule_shapes.RuleList, refusals=_ASKED,
    ),
    Route(
        "GET", "/v1/typologies/{typology}", "typology", "One typology: every version in full, and its history",
        "read", rule_shapes.RuleInFull, parameters=(_TYPOLOGY,), refusals=(*_ASKED, NotFound),
    ),
    Route(
        "POST", "/v1/typologies/{typology}/lane", "move_typology", "Put a typology's version into another lane",
        "rules:write", rule_shapes.Moved, body=rule_shapes.Move, body_types=(JSON,),
        parameters=(_TYPOLOGY,), refusals=(*_WISHED, NotFound, BadRule, Conflict),
    ),
    Route(
        "GET", "/v1/approvals", "changes", "Changes that were asked for, the newest first",
        "read", rule_shapes.ChangePage, parameters=(_STATE, _LIMIT, _CURSOR), refusals=(*_ASKED, BadQuery),
    ),
    Route(
        "GET", "/v1/approvals/{change}", "change", "One change with its answers and, for a list, its first rows",
        "read", rule_shapes.ChangeInFull, parameters=(_CHANGE,), refusals=(*_ASKED, NotFound),
    ),
    Route(
        "POST", "/v1/approvals/{change}", "answer_change", "Approve or reject what somebody else asked for",
        "rules:approve", rule_shapes.ChangeInFull, body=rule_shapes.Answer, body_types=(JSON,),
        parameters=(_CHANGE,), refusals=(*_WISHED, NotFound, BadRule, Conflict),
    ),
    Route(
        "POST", "/v1/approvals/{change}/withdraw", "withdraw_change", "Take back what you asked for",
        "rules:write", rule_shapes.ChangeInFull, body=rule_shapes.Commented, body_types=(JSON,),
        parameters=(_CHANGE,), refusals=(*_WISHED, NotFound, Conflict),
    ),
    Route(
        "GET", "/v1/lists", "lists", "Every list: what it is for and how many changes made it",
        "read", rule_shapes.ListOfLists, refusals=_ASKED,
    ),
    Route(
        "GET", "/v1/lists/{list}", "list_entries", "Who stands on a list, by entity",
        "read", rule_shapes.ListPage, parameters=(_LIST, _LIMIT, _AFTER), refusals=(*_ASKED, BadQuery, NotFound),
    ),
    Route(
        "POST", "/v1/lists/{list}", "change_list", "Ask for entities to be put on a list or taken off it",
        "rules:write", rule_shapes.ChangeInFull, body=rule_shapes.ListChange, body_types=(JSON, CSV), is_batch=True,
        parameters=(_LIST, _PURPOSE, _INTO, _COMMENT), refusals=(*_WISHED, BadQuery, BadRule, NotFound, Conflict),
    ),
    Route(
        "POST", "/v1/backtests", "start_backtest", "Judge rules on the archive, in a process of its own",
        "rules:write", rule_shapes.Backtest, body=rule_shapes.BacktestWish, body_types=(JSON,),
        refusals=(*_WISHED, NotFound, BadRule), other_scope="rules:approve",
    ),
    Route(
        "GET", "/v1/backtests/{backtest}", "backtest", "A backtest and, once it is done, its report",
        "read", rule_shapes.Backtest, parameters=(_BACKTEST,), refusals=(*_ASKED, NotFound),
    ),
    Route(
        "GET", "/v1/snoozes", "snoozes", "Rules that do not act for an entity for a while",
        "read", rule_shapes.Snoozes, refusals=_ASKED,
    ),
    Route(
        "POST", "/v1/snoozes", "snooze", "Let one rule not act for one entity, until then",
        "rules:write", rule_shapes.Snoozed, body=rule_shapes.Snooze, body_types=(JSON,),
        refusals=(*_WISHED, NotFound, BadRule, Conflict),
    ),
    Route(
        "GET", "/v1/customers/{id}/profile", "profile",
        "What is usual for a customer: hours, amounts, parties, regular payments, changes",
        "read", dict[str, Any],
        parameters=(Parameter("id", "path", "The customer's id, percent-encoded.", {"type": "string"}),),
        refusals=(*_GUARDED, BadQuery, NotFound, Busy, NotReady),
    ),
    *case_routes.ROUTES,
    *model_routes.ROUTES,
    *learning_routes.ROUTES,
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
        others: list[Route] = []
        for stem, tail, route in self._open:
            # The raw path is cut, not the decoded one: an id may hold a slash when it is percent-encoded.
            value = raw[len(stem) : len(raw) - len(tail)]
            if raw.startswith(stem) and raw.endswith(tail) and value and "/" not in value:
                if method == route.method or (method == "HEAD" and route.method == "GET"):
                    return route, unquote(value, errors="replace")
                others.append(route)
        allowed = sorted({m for m, p in self._fixed if p == path} | {other.method for other in others})
        if allowed:
            shown = others[0].path if others else path
            raise WrongMethod(f"{shown} takes {' or '.join(allowed)}, not {method}", ", ".join(allowed))
        raise NotFound("there is nothing at this address: /openapi.json lists every call")
