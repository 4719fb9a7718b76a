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
from haechi.api.shapes import Event
from haechi.cases import case as cases
from haechi.cases import challenges, refunds, warnings, webhooks
from haechi.cases.alerts import Alert, AlertInFull, QueueCounts, QueuePage, Said
from haechi.cases.attachments import TYPES
from haechi.cases.notes import Note

WORK, APPROVE = "cases:write", "cases:approve"
CASE_IN_FULL, A_CHALLENGE, REFUNDED = cases.CaseInFull, challenges.Challenge, refunds.RefundInFull
DOWNLOAD = ((b"content-disposition", b"attachment"), (b"x-content-type-options", b"nosniff"))
ASKED = (Unauthorised, Forbidden, BadQuery, BadAsk, NotFound, Busy, NotReady)
SENT = (*ASKED, BadJson, BadEvent, TooSlow, TooLarge, WrongType, Conflict)
LIMIT = Parameter("limit", "query", "How many at most.", {"type": "integer", "minimum": 1, "default": 100})
CURSOR = Parameter("cursor", "query", "`next` of the page before.", {"type": "string"})
ALERT = Parameter("alert", "path", "The alert's id, percent-encoded.", {"type": "string"})

CASE = Parameter("case", "path", "The case's number.", {"type": "string"})
REFUND = Parameter("refund", "path", "The refund's number.", {"type": "string"})
CHALLENGE = Parameter("challenge", "path", "The challenge's id.", {"type": "string"})


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
        "/v1/queue", "queue", "Open alerts, the most pressing first", QueuePage,
        text("state", "open (the default), new, taken, snoozed, decided or closed."),
        text("level", "0, or a level that alerts are escalated to."), text("holder", "Who has it."),
        text("subject", "customer:c-17"), text("action", "hold, block, ..."), LIMIT, CURSOR,
    ),
    get("/v1/queue/counts", "queue_counts", "How many alerts are open, and how many are late", QueueCounts),
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
CASE_ROUTES: tuple[Route, ...] = (
    get(
        "/v1/cases", "cases", "Cases, the newest first", cases.CasePage,
        text("state", "open (the default), closing or closed."), LIMIT, CURSOR,
    ),
    post("/v1/cases", "open_case", "Open a case over alerts", shapes.NewCase, CASE_IN_FULL),
    get("/v1/cases/{case}", "case", "One case with all that belongs to it", CASE_IN_FULL, CASE),
    post("/v1/cases/{case}/alerts", "add_case_alerts", "Bring alerts into it", shapes.AlertIds, CASE_IN_FULL, CASE),
    post("/v1/cases/{case}/people", "add_case_person", "Name somebody", shapes.NewPerson, CASE_IN_FULL, CASE),
    post("/v1/cases/{case}/steps", "add_case_step", "Add to the checklist", shapes.NewStep, CASE_IN_FULL, CASE),
    post("/v1/cases/{case}/tick", "tick_case_step", "Tick a line of the checklist", shapes.Tick, CASE_IN_FULL, CASE),
    post("/v1/cases/{case}/assign", "assign_case", "Hand it over", shapes.Assign, CASE_IN_FULL, CASE),
    post("/v1/cases/{case}/notes", "note_case", "Write something down", shapes.NewNote, Note, CASE),
    Route(
        "POST", "/v1/cases/{case}/attachments", "attach", "Attach a file", WORK, cases.Attached, body=bytes,
        body_types=TYPES, is_batch=True, parameters=(CASE, text("name", "The file's name.")), refusals=SENT,
    ),
    Route(
        "GET", "/v1/attachments/{attachment}", "attachment", "A file of a case, as a download", "read", bytes,
        "application/octet-stream", parameters=(at("attachment", "The attachment's number."),), refusals=ASKED,
        headers=DOWNLOAD,
    ),
    post("/v1/cases/{case}/close", "close_case", "Close it, or ask others to agree", shapes.Close, CASE_IN_FULL, CASE),
    post(
        "/v1/cases/{case}/answer", "answer_case", "Agree that it is closed, or send it back", shapes.Agree,
        CASE_IN_FULL, CASE, scope=APPROVE,
    ),
    get("/v1/cases/{case}/history", "case_history", "All that happened to it", shapes.History, CASE, LIMIT, CURSOR),
    post(
        "/v1/cases/{case}/evidence", "evidence", "All about a case in one file that can be checked elsewhere; it is "
        "written down who took it", shapes.Why, dict[str, Any], CASE,
    ),
    get(
        "/v1/exports", "exports", "Who took data out, the newest first", shapes.ExportPage, LIMIT, CURSOR,
        scope="admin",
    ),
)  # fmt: skip
MONEY_ROUTES: tuple[Route, ...] = (
    get(
        "/v1/challenges", "challenges", "Challenges, oldest first", challenges.ChallengePage,
        text("state", "waiting (the default), passed, failed, refused or timeout."), LIMIT, CURSOR,
    ),
    get("/v1/challenges/{challenge}", "challenge", "One challenge, by its id or its event's", A_CHALLENGE, CHALLENGE),
    post(
        "/v1/challenges/{challenge}/answer", "answer_challenge", "Bring the answer as a `check` event; the challenge "
        "as it stands then", Event, A_CHALLENGE, CHALLENGE, scope="decide",
    ),
    get(
        "/v1/refunds", "refunds", "Refunds, oldest first", refunds.RefundPage,
        text("state", "open (the default), reported, frozen, evidence, decided, paid or refused."), LIMIT, CURSOR,
    ),
    get("/v1/refunds/measure", "refund_measure", "How fast victims are made whole", refunds.RefundMeasure),
    post("/v1/refunds", "report_refund", "A victim reports an event; the legal clocks start", shapes.Report, REFUNDED),
    get("/v1/refunds/{refund}", "refund", "One refund with its book", REFUNDED, REFUND),
    post(
        "/v1/refunds/{refund}/step", "step_refund", "Frozen, or evidence complete", shapes.RefundStep,
        REFUNDED, REFUND,
    ),
    post(
        "/v1/refunds/{refund}/decide", "decide_refund", "Say how much is refunded; much of it needs others to agree",
        shapes.RefundDecision, REFUNDED, REFUND,
    ),
    post(
        "/v1/refunds/{refund}/answer", "answer_refund", "Agree to the decision, or reject it", shapes.Agree, REFUNDED,
        REFUND, scope=APPROVE,
    ),
    post("/v1/refunds/{refund}/money", "book_refund", "Book money that moved", shapes.Booking, REFUNDED, REFUND),
    post("/v1/refunds/{refund}/notes", "note_refund", "Write something down", shapes.NewNote, Note, REFUND),
    post(
        "/v1/warnings", "warn", "The text to show before a risky transfer, in English and Korean", shapes.WarnAbout,
        warnings.Warned, scope="decide",
    ),
    post(
        "/v1/warnings/{warning}/outcome", "answer_warning", "Whether the customer went on", shapes.WentOn,
        warnings.Warned, at("warning", "The warning's id."), scope="decide",
    ),
    get(
        "/v1/warnings/figures", "warning_figures", "What customers did, and the share that cancelled",
        warnings.WarningFigures,
    ),
    get("/v1/webhooks", "webhooks", "Every webhook", shapes.WebhookList, scope="admin"),
    post(
        "/v1/webhooks", "add_webhook", "Tell an address of what happens; its secret is in the answer",
        shapes.AddWebhook, webhooks.NewWebhook, scope="admin",
    ),
    post(
        "/v1/webhooks/{webhook}/state", "set_webhook", "Pause it, let it go on, or end it", shapes.WebhookState,
        webhooks.Webhook, at("webhook", "The webhook's number."), scope="admin",
    ),
    get(
        "/v1/webhooks/{webhook}/deliveries", "deliveries", "Messages to it, the newest first", webhooks.DeliveryPage,
        at("webhook", "The webhook's number."), text("state", "waiting, delivered or failed."), LIMIT, CURSOR,
        scope="admin",
    ),
    post(
        "/v1/deliveries/{delivery}/redeliver", "redeliver", "Send a message again", shapes.Sent, webhooks.Delivery,
        at("delivery", "The delivery's number."), scope="admin",
    ),
)  # fmt: skip
ROUTES = (*ALERT_ROUTES, *CASE_ROUTES, *MONEY_ROUTES)
