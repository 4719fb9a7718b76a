"""The routes of what people do: alerts, cases, challenges, refunds, warnings and webhooks."""

from __future__ import annotations

from typing import Any

from haechi.api import case_shapes as shapes
from haechi.api.errors import (
    BadAsk,
    BadEvent,
    BadJson,
    BadQuery,
    Busy,
    Conflict,
    Forbidden,
    NotFound,
    NotReady,
    TooLarge,
    TooSlow,
    Unauthorised,
    WrongType,
)
from haechi.api.route import JSON, Parameter, Route
from haechi.cases.alerts import Alert, AlertInFull, Counts, Page, Said
from haechi.cases.notes import Note

WORK = "cases:write"
ASKED = (Unauthorised, Forbidden, BadQuery, BadAsk, NotFound, Busy, NotReady)
SENT = (*ASKED, BadJson, BadEvent, TooSlow, TooLarge, WrongType, Conflict)
LIMIT = Parameter("limit", "query", "How many at most.", {"type": "integer", "minimum": 1, "default": 100})
CURSOR = Parameter("cursor", "query", "`next` of the page before.", {"type": "string"})
ALERT = Parameter("alert", "path", "The alert's id, percent-encoded.", {"type": "string"})


def text(name: str, description: str) -> Parameter:
    """A parameter of text behind the question mark."""
    return Parameter(name, "query", description, {"type": "string"})


def at(name: str, description: str) -> Parameter:
    """A parameter in the path."""
    return Parameter(name, "path", description, {"type": "string"})


def get(path: str, name: str, summary: str, answer: Any, *parameters: Parameter, scope: str = "read") -> Route:
    """A call that looks."""
    return Route("GET", path, name, summary, scope, answer, parameters=parameters, refusals=ASKED)


def post(
    path: str, name: str, summary: str, body: Any, answer: Any, *parameters: Parameter, scope: str = WORK
) -> Route:
    """A call that does."""
    return Route(
        "POST", path, name, summary, scope, answer, body=body, body_types=(JSON,), parameters=parameters,
        refusals=SENT,
    )  # fmt: skip


ALERT_ROUTES: tuple[Route, ...] = (
    get(
        "/v1/queue", "queue", "Open alerts, the most pressing first", Page,
        text("state", "open (the default), new, taken, snoozed, decided or closed."),
        text("level", "0, or a level that alerts are escalated to."), text("holder", "Who has it."),
        text("subject", "customer:c-17"), text("action", "hold, block, ..."), LIMIT, CURSOR,
    ),
    get("/v1/queue/counts", "queue_counts", "How many alerts are open, and how many are late", Counts),
    post(
        "/v1/alerts/next", "next_alert", "Take the most pressing alert that nobody has", shapes.Level, shapes.Next
    ),
    get("/v1/alerts/{alert}", "alert", "One alert with its events, verdicts and history", AlertInFull, ALERT),
    post("/v1/alerts/{alert}/take", "take_alert", "Take this alert", shapes.Take, Alert, ALERT),
    post("/v1/alerts/{alert}/release", "release_alert", "Put it back into the queue", shapes.Sent, Alert, ALERT),
    post("/v1/alerts/{alert}/assign", "assign_alert", "Hand it over to somebody", shapes.Assign, Alert, ALERT),
    post("/v1/alerts/{alert}/snooze", "snooze_alert", "Let it rest until then", shapes.Rest, Alert, ALERT),
    post("/v1/alerts/{alert}/escalate", "escalate_alert", "Hand it to the next level", shapes.Because, Alert, ALERT),
    post(
        "/v1/alerts/{alert}/verdict", "say_verdict", "Say what it was; it becomes a label once the time to undo it is "
        "over", shapes.Verdict, Said, ALERT,
    ),
    post("/v1/alerts/{alert}/undo", "undo_verdict", "Take back what you just said", shapes.Sent, Alert, ALERT),
    get("/v1/alerts/{alert}/notes", "alert_notes", "What people wrote down about it", shapes.Notes, ALERT),
    post("/v1/alerts/{alert}/notes", "note_alert", "Write something down", shapes.NewNote, Note, ALERT),
    get(
        "/v1/alerts/{alert}/draft", "draft_note", "A template of a note, filled in", shapes.Draft, ALERT,
        text("template", "Its name in haechi.toml, [cases.notes]."),
    ),
    get("/v1/alerts/{alert}/history", "alert_history", "All that happened to it", shapes.History, ALERT, LIMIT, CURSOR),
)  # fmt: skip
ROUTES = ALERT_ROUTES
