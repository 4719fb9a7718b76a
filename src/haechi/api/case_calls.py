"""The calls about alerts: read what came, hand it to the desk in a thread, write it out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from haechi.api import case_shapes as shapes
from haechi.api.asking import query, whole_number, wish
from haechi.api.errors import BadAsk, BadQuery, Conflict, NotFound
from haechi.api.limits import Limits
from haechi.api.rule_calls import Asked
from haechi.cases import BadAsk as Senseless
from haechi.cases import CaseDesk, CasesError, NotAllowed, Stale, Unknown
from haechi.cases.alerts import OPEN, STATES
from haechi.cases.office import history
from haechi.stores import Disagreed

T = TypeVar("T")
PAGE_ROWS = 100


class DeskCalls:
    """What all calls to the desk share."""

    _limits: Limits

    def _cases(self) -> CaseDesk:
        raise NotImplementedError

    def _told(self, request: Asked, kind: type[T]) -> T:
        return wish(request.body, kind, self._limits.depth_max)

    def _page(self, asked: dict[str, str]) -> tuple[int, int]:
        limit = whole_number("limit", asked.get("limit", str(PAGE_ROWS)), 1, self._limits.page_rows_max)
        return limit, whole_number("cursor", asked.get("cursor", "0"), 0, 10**18 - 1)


class AlertCalls(DeskCalls):
    """One method for each name in the table of routes."""

    async def queue(self, request: Asked) -> bytes:
        """A page of the queue."""
        asked = query(request.query, ("state", "level", "holder", "subject", "action", "limit", "cursor"))
        state = asked.get("state", "open")
        if state != "open" and state not in STATES:
            raise BadQuery(f"state is open, {', '.join(STATES)}, not {state[:40]!r}")
        limit = whole_number("limit", asked.get("limit", str(PAGE_ROWS)), 1, self._limits.page_rows_max)
        level = whole_number("level", asked["level"], 0, 3) if "level" in asked else None
        chosen = {name: asked.get(name) for name in ("holder", "subject", "action")}
        states = OPEN if state == "open" else (state,)
        return await said(
            self._cases().alerts.queue, states, level=level, cursor=asked.get("cursor", ""), limit=limit, **chosen
        )

    async def queue_counts(self, request: Asked) -> bytes:
        """How much is open."""
        return await said(self._cases().alerts.counts)

    async def next_alert(self, request: Asked) -> bytes:
        """Take the most pressing one."""
        level = self._told(request, shapes.Level).level
        return await said(lambda: shapes.Next(self._cases().alerts.next(request.person, level)))

    async def alert(self, request: Asked) -> bytes:
        """Show one."""
        return await said(self._cases().alerts.alert, request.value)

    async def take_alert(self, request: Asked) -> bytes:
        """Take one."""
        told = self._told(request, shapes.Take)
        take = self._cases().alerts.take
        return await said(take, request.value, request.person, told.version, over=told.over, comment=told.comment)

    async def release_alert(self, request: Asked) -> bytes:
        """Put it back."""
        told = self._told(request, shapes.Sent)
        return await said(self._cases().alerts.release, request.value, request.person, told.version)

    async def assign_alert(self, request: Asked) -> bytes:
        """Hand it over."""
        told = self._told(request, shapes.Assign)
        assign = self._cases().alerts.assign
        return await said(assign, request.value, request.person, told.to, told.comment, told.version)

    async def snooze_alert(self, request: Asked) -> bytes:
        """Let it rest."""
        told = self._told(request, shapes.Rest)
        snooze = self._cases().alerts.snooze
        return await said(snooze, request.value, request.person, told.until_us, told.reason, told.version)

    async def escalate_alert(self, request: Asked) -> bytes:
        """Hand it to the next level."""
        told = self._told(request, shapes.Because)
        return await said(self._cases().alerts.escalate, request.value, request.person, told.reason, told.version)

    async def say_verdict(self, request: Asked) -> bytes:
        """Say what it was."""
        told = self._told(request, shapes.Verdict)
        return await said(
            self._cases().verdicts.say, request.value, request.person, told.verdict, typology=told.typology,
            comment=told.comment, event_ids=told.events, version=told.version,
        )  # fmt: skip

    async def undo_verdict(self, request: Asked) -> bytes:
        """Take it back."""
        self._told(request, shapes.Sent)
        return await said(self._cases().verdicts.undo, request.value, request.person)

    async def alert_notes(self, request: Asked) -> bytes:
        """What people wrote down."""
        return await said(lambda: shapes.Notes(self._cases().notes.of("alert", request.value)))

    async def note_alert(self, request: Asked) -> bytes:
        """Write something down."""
        text = self._told(request, shapes.NewNote).text
        return await said(self._cases().notes.add, "alert", request.value, text, request.person)

    async def draft_note(self, request: Asked) -> bytes:
        """A template, filled in."""
        template = query(request.query, ("template",)).get("template", "called")
        return await said(lambda: shapes.Draft(self._cases().notes.draft(request.value, template)))

    async def alert_history(self, request: Asked) -> bytes:
        """All that happened."""
        return await self._history("alert", request)

    async def _history(self, about: str, request: Asked) -> bytes:
        limit, after = self._page(query(request.query, ("limit", "cursor")))

        def found() -> shapes.History:
            rows = history(self._cases().office, about, request.value, after, limit)
            return shapes.History(rows, str(rows[-1].number) if len(rows) == limit else None)

        return await said(found)


async def said(call: Callable[..., Any], *args: Any, **named: Any) -> bytes:
    """The answer of the desk as JSON; what it says no to is a refusal."""
    try:
        return msgspec.json.encode(await asyncio.to_thread(call, *args, **named))
    except Unknown as error:
        raise NotFound(str(error)) from None
    except (NotAllowed, Stale, Disagreed) as error:
        raise Conflict(str(error)) from None
    except (Senseless, CasesError) as error:
        raise BadAsk(str(error)) from None
