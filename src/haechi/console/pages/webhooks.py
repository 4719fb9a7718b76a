"""Webhooks: who is told of what happens, what has not arrived, and sending it again by hand."""

from __future__ import annotations

from haechi.cases.webhooks import STATES
from haechi.console.errors import BadForm
from haechi.console.fields import whole
from haechi.console.page import Asked, Moved, Page, Shown
from haechi.console.pages import listing
from haechi.console.screen import address

ROWS, DIGITS = 100, 15
ADMIN = "admin"


def webhooks(asked: Asked) -> Shown:
    """Every webhook, and the messages to the one that is chosen."""
    desk = asked.behind.cases.webhooks
    hooks = desk.all()
    chosen = whole(asked.query.get("webhook") or (str(hooks[-1].id) if hooks else "0"), DIGITS)
    tools = listing.tools(asked, "webhooks", webhook=str(chosen))
    state, before = tools["chosen"].get("state"), asked.query.get("before", "")
    page = desk.deliveries(chosen, state, whole(before, DIGITS) if before else None, ROWS) if hooks else None
    return Shown("webhooks.html", {
        "hooks": hooks, "chosen": chosen, "state": state or "", "states": ("", *STATES), "tools": tools,
        "deliveries": page.deliveries if page else [], "next": page.next if page else None,
    })  # fmt: skip


def again(asked: Asked) -> Moved:
    """Send one message again."""
    sent = asked.behind.cases.webhooks.redeliver(whole(asked.form.get("number", ""), DIGITS), asked.person.name)
    return Moved(address("/audit/webhooks", webhook=str(sent.webhook_id), said="sent_again"))


def turn(asked: Asked) -> Moved:
    """Pause a webhook, let it go on, or end it for good."""
    number, state = whole(asked.form.get("webhook", ""), DIGITS), asked.form.get("state", "")
    if state not in ("active", "paused", "ended"):
        raise BadForm("a webhook is active, paused or ended")
    asked.behind.cases.webhooks.set_state(number, state, asked.person.name)
    return Moved(address("/audit/webhooks", webhook=str(number), said="webhook_" + state))


PAGES = (
    Page("/audit/webhooks", webhooks, ADMIN),
    Page("/act/webhook-again", again, ADMIN, "POST"),
    Page("/act/webhook-turn", turn, ADMIN, "POST"),
)
