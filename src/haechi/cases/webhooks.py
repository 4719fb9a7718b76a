"""Webhooks: whoever wants to know is told of all that happened at the desk, in order, again and again until he has it.

The desk's history is the outbox: a line of it is in the same commit as what it tells of, and every webhook remembers
how far its deliveries were made from it. So nothing can happen and not be told. A delivery is signed as Standard
Webhooks say (https://www.standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`, so that a caught one cannot be
sent again later.

A webhook's secret is kept nowhere: it is derived from the home's own key and the webhook's number.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from haechi.cases.errors import BadAsk, NotAllowed, Unknown
from haechi.cases.office import HistoryLine, Office, checked, happened
from haechi.stores import Work

WEBHOOKS_MAX = 20
TOPICS_MAX = 50
URL_CHARS_MAX = 2_000
PART = 200
BACKOFF_US = 5_000_000  # doubled with each try
BACKOFF_US_MAX = 6 * 3_600_000_000
ERROR_CHARS_MAX = 300
STATES = ("waiting", "delivered", "failed")

# Sends one body to an address: the status that came back; raises OSError when nobody answered.
Send = Callable[[str, bytes, Mapping[str, str], float], int]


class Webhook(msgspec.Struct, frozen=True):
    """An address that wants to know; `topics` are about.what (alert.opened) or about (alert), empty: all."""

    id: int
    url: str
    topics: list[str]
    state: str
    through: int
    person: str
    created_us: int


class NewWebhook(Webhook, frozen=True):
    """A new webhook with its secret, which is shown only here and whenever it is asked for by an administrator."""

    secret: str


class Delivery(msgspec.Struct, frozen=True):
    """One message to one webhook; it stays here whatever becomes of it."""

    number: int
    webhook_id: int
    topic: str
    created_us: int
    attempts: int
    next_us: int
    state: str
    status: int | None
    error: str
    done_us: int | None


class DeliveryPage(msgspec.Struct, frozen=True):
    """Deliveries, the newest first; `next` is the cursor of the following page."""

    deliveries: list[Delivery]
    next: str | None


_WEBHOOKS = "SELECT id, url, topics, state, through, person, created_us FROM webhooks"
_DELIVERIES = f"SELECT {', '.join(Delivery.__struct_fields__)} FROM deliveries"  # noqa: S608


class Webhooks:
    """The webhooks of one house; `key` is the home's own secret, `send` brings a message to an address."""

    def __init__(self, office: Office, key: bytes, send: Send) -> None:
        self._office, self._tables, self._key, self._send = office, office.tables, key, send

    def add(self, url: str, topics: list[str], person: str) -> NewWebhook:
        """Tell this address from now on."""
        _check_url(url)
        if len(topics) > TOPICS_MAX:
            raise BadAsk(f"a webhook names {TOPICS_MAX} topics at most; none means all")
        for topic in topics:
            checked("a topic", topic, 64, needed=True)
        now = self._office.now_us()

        def task(work: Work) -> int:
            if work.rows("SELECT COUNT(*) FROM webhooks WHERE state <> 'ended'")[0][0] >= WEBHOOKS_MAX:
                raise NotAllowed(f"there are {WEBHOOKS_MAX} webhooks already: end one")
            id_ = work.next("webhooks", "id")
            number = work.tell("webhook", str(id_), "added", {"url": url}, person, now)
            work.add("webhooks", {
                "id": id_, "url": url, "topics": msgspec.json.encode(topics).decode(), "state": "active",
                "through": number, "person": person, "created_us": now,
            })  # fmt: skip
            return id_

        id_ = self._tables.do(task)
        return NewWebhook(**msgspec.structs.asdict(self.webhook(id_)), secret=self.secret(id_))

    def all(self) -> list[Webhook]:
        """Every webhook, ended ones too."""
        return [_webhook(row) for row in self._tables.rows(_WEBHOOKS + " ORDER BY id")]

    def webhook(self, id_: int) -> Webhook:
        """One webhook."""
        rows = self._tables.rows(_WEBHOOKS + " WHERE id = :id", {"id": id_})
        if not rows:
            raise Unknown(f"there is no webhook {id_}")
        return _webhook(rows[0])

    def secret(self, id_: int) -> str:
        """What the other side checks signatures with."""
        return "whsec_" + base64.b64encode(self._secret(id_)).decode()

    def set_state(self, id_: int, state: str, person: str) -> Webhook:
        """Pause a webhook, let it go on, or end it; what waits for a paused one waits on."""
        if state not in ("active", "paused", "ended"):
            raise BadAsk(f"a webhook is active, paused or ended, not {state[:40]!r}")
        now = self._office.now_us()

        def task(work: Work) -> None:
            found = work.rows("SELECT state FROM webhooks WHERE id = :id", {"id": id_})
            if not found:
                raise Unknown(f"there is no webhook {id_}")
            if found[0][0] == "ended":
                raise NotAllowed(f"webhook {id_} has ended: add another one")
            work.run("UPDATE webhooks SET state = :state WHERE id = :id", {"state": state, "id": id_})
            work.tell("webhook", str(id_), state, {}, person, now)

        self._tables.do(task)
        return self.webhook(id_)

    def deliveries(
        self, id_: int, state: str | None = None, before: int | None = None, limit: int = 100
    ) -> DeliveryPage:
        """The messages to one webhook."""
        self.webhook(id_)
        if state is not None and state not in STATES:
            raise BadAsk(f"state is {', '.join(STATES)}, not {state[:40]!r}")
        where = " WHERE webhook_id = :id AND number < :before" + (" AND state = :state" if state else "")
        values: dict[str, Any] = {"id": id_, "before": 2**62 if before is None else before, "limit": limit}
        values |= {"state": state} if state else {}
        rows = self._tables.rows(_DELIVERIES + where + " ORDER BY number DESC LIMIT :limit", values)
        return DeliveryPage([Delivery(*row) for row in rows], str(rows[-1][0]) if len(rows) == limit else None)

    def redeliver(self, number: int, person: str) -> Delivery:
        """Send a message again, whatever became of it."""
        now = self._office.now_us()

        def task(work: Work) -> Delivery:
            change = "UPDATE deliveries SET state = 'waiting', next_us = :now, attempts = 0 WHERE number = :number"
            if not work.run(change, {"now": now, "number": number}):
                raise Unknown(f"there is no delivery {number}")
            found = Delivery(*work.rows(_DELIVERIES + " WHERE number = :number", {"number": number})[0])
            work.tell("webhook", str(found.webhook_id), "redelivered", {"delivery": number}, person, now)
            return found

        return self._tables.do(task)

    def spread(self) -> int:
        """Make deliveries of what happened since the last time; says how many lines of the history were read."""
        behind = (
            "SELECT id, topics, through FROM webhooks WHERE state <> 'ended'"
            " AND through < (SELECT COALESCE(MAX(number), 0) FROM desk_history)"
        )
        if not self._tables.rows(behind):
            return 0
        now = self._office.now_us()

        def task(work: Work) -> int:
            read = 0
            for id_, topics, through in work.rows(behind):
                rows = work.rows(
                    "SELECT number, about, id, what, content, person, at_us FROM desk_history WHERE number > :through"
                    " ORDER BY number LIMIT :part",
                    {"through": through, "part": PART},
                )
                wanted = msgspec.json.decode(topics)
                for row in rows:
                    self._make(work, id_, wanted, happened(row), now)
                values = {"through": rows[-1][0], "id": id_}
                work.run("UPDATE webhooks SET through = :through WHERE id = :id", values)
                read += len(rows)
            return read

        return self._tables.do(task)

    def deliver(self, limit: int = 50) -> int:
        """Send what is due, oldest first; says how many were tried. One that fails is tried again, later and later."""
        rows = self._tables.rows(
            "SELECT d.number, d.webhook_id, d.body, d.attempts, w.url FROM deliveries d"
            " JOIN webhooks w ON w.id = d.webhook_id WHERE d.state = 'waiting' AND d.next_us <= :now"
            " AND w.state = 'active' ORDER BY d.next_us, d.number LIMIT :limit",
            {"now": self._office.now_us(), "limit": limit},
        )
        for number, webhook_id, body, attempts, url in rows:
            self._settle(number, attempts + 1, *self._try(number, webhook_id, body.encode(), url))
        return len(rows)

    def waiting(self) -> int:
        """How many messages wait or have failed for good."""
        return int(self._tables.rows("SELECT COUNT(*) FROM deliveries WHERE state IN ('waiting', 'failed')")[0][0])

    def _make(self, work: Work, id_: int, wanted: list[str], line: HistoryLine, now: int) -> None:
        topic = f"{line.about}.{line.what}"
        if line.about == "webhook" or (wanted and topic not in wanted and line.about not in wanted):
            return
        told = {"type": topic, "id": line.id, "number": line.number, "at_us": line.at_us, "person": line.person,
                "data": line.content}  # fmt: skip
        work.add("deliveries", {
            "number": work.next("deliveries"), "webhook_id": id_, "history": line.number, "topic": topic,
            "body": msgspec.json.encode(told).decode(), "created_us": now, "attempts": 0, "next_us": now,
            "state": "waiting", "error": "",
        })  # fmt: skip

    def _try(self, number: int, webhook_id: int, body: bytes, url: str) -> tuple[int | None, str]:
        name, seconds = f"msg_{number}", self._office.now_us() // 1_000_000
        head = {
            "content-type": "application/json", "user-agent": "haechi", "webhook-id": name,
            "webhook-timestamp": str(seconds),
            "webhook-signature": signature(self._secret(webhook_id), name, seconds, body),
        }  # fmt: skip
        try:
            status = self._send(url, body, head, self._office.practice.webhooks.timeout_s)
        except OSError as error:
            return None, str(error)[:ERROR_CHARS_MAX] or type(error).__name__
        return status, "" if 200 <= status < 300 else f"answered {status}"

    def _settle(self, number: int, attempts: int, status: int | None, error: str) -> None:
        now = self._office.now_us()
        failed = bool(error) and attempts >= self._office.practice.webhooks.attempts_max
        state = "failed" if failed else "waiting" if error else "delivered"
        wait = min(BACKOFF_US * 2 ** min(attempts - 1, 20), BACKOFF_US_MAX)
        self._tables.do(
            lambda work: work.run(
                "UPDATE deliveries SET attempts = :attempts, status = :status, error = :error, state = :state,"
                " next_us = :next, done_us = :done WHERE number = :number",
                {
                    "attempts": attempts, "status": status, "error": error, "state": state, "next": now + wait,
                    "done": None if state == "waiting" else now, "number": number,
                },
            )
        )  # fmt: skip

    def _secret(self, id_: int) -> bytes:
        return hmac.digest(self._key, b"haechi webhook 1\x00%d" % id_, "sha256")


def signature(secret: bytes, name: str, seconds: int, body: bytes) -> str:
    """The signature of one message, as Standard Webhooks say."""
    signed = f"{name}.{seconds}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()


def _check_url(url: str) -> None:
    checked("an address", url, URL_CHARS_MAX, needed=True)
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise BadAsk(f"{url[:80]!r} is no address") from None
    if not host or parts.username is not None or not url.isascii() or any(c <= " " for c in url):
        raise BadAsk("an address reads https://host/path, without a name and password in it")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in ("127.0.0.1", "::1", "localhost")):
        raise BadAsk("a webhook's address is https; http is only for this machine itself")


def _webhook(row: tuple[Any, ...]) -> Webhook:
    id_, url, topics, *rest = row
    return Webhook(id_, url, msgspec.json.decode(topics), *rest)
