"""The calls about cases, challenges, refunds, warnings and webhooks: read, hand to the desk in a thread, write out."""

from __future__ import annotations

import asyncio

import msgspec

from haechi.api import case_shapes as shapes
from haechi.api.asking import query, whole_number
from haechi.api.case_calls import AlertCalls, said
from haechi.api.errors import NotFound
from haechi.api.front import Front
from haechi.api.rule_calls import Asked
from haechi.cases import Unknown

NUMBER_MAX = 10**15


class CaseCalls(AlertCalls):
    """Cases and their files."""

    async def cases(self, request: Asked) -> bytes:
        """List cases."""
        asked = query(request.query, ("state", "limit", "cursor"))
        limit, before = self._page(asked)
        return await said(self._cases().cases.page, asked.get("state", "open"), before or None, limit)

    async def open_case(self, request: Asked) -> bytes:
        """Open one."""
        told = self._told(request, shapes.NewCase)
        return await said(self._cases().cases.open, told.title, request.person, told.alerts)

    async def case(self, request: Asked) -> bytes:
        """Show one."""
        return await said(self._cases().cases.case, number(request))

    async def add_case_alerts(self, request: Asked) -> bytes:
        """Bring alerts."""
        told = self._told(request, shapes.AlertIds)
        return await said(self._cases().cases.add_alerts, number(request), told.alerts, request.person)

    async def add_case_person(self, request: Asked) -> bytes:
        """Name somebody."""
        told = self._told(request, shapes.NewPerson)
        return await said(self._cases().cases.add_person, number(request), told.entity, told.role, request.person)

    async def add_case_step(self, request: Asked) -> bytes:
        """Add to the checklist."""
        text = self._told(request, shapes.NewStep).text
        return await said(self._cases().cases.add_step, number(request), text, request.person)

    async def tick_case_step(self, request: Asked) -> bytes:
        """Tick a line."""
        told = self._told(request, shapes.Tick)
        return await said(self._cases().cases.tick, number(request), told.number, request.person, done=told.done)

    async def assign_case(self, request: Asked) -> bytes:
        """Hand it over."""
        told = self._told(request, shapes.Assign)
        return await said(self._cases().cases.assign, number(request), told.to, request.person, told.version)

    async def note_case(self, request: Asked) -> bytes:
        """Write something down."""
        text = self._told(request, shapes.NewNote).text
        return await said(self._cases().notes.add, "case", str(number(request)), text, request.person)

    async def attach(self, request: Asked) -> bytes:
        """Attach a file."""
        name = query(request.query, ("name",)).get("name", "")
        add = self._cases().attachments.add
        return await said(add, number(request), name, request.media_type, request.body, request.person)

    async def attachment(self, request: Asked) -> bytes:
        """Give a file out."""
        try:
            return await asyncio.to_thread(self._cases().attachments.read, number(request))
        except Unknown as error:
            raise NotFound(str(error)) from None

    async def close_case(self, request: Asked) -> bytes:
        """Close it, or ask others to."""
        told = self._told(request, shapes.Close)
        return await said(self._cases().cases.close, number(request), told.outcome, request.person, told.comment)

    async def answer_case(self, request: Asked) -> bytes:
        """Agree, or send it back."""
        told = self._told(request, shapes.Agree)
        return await said(self._cases().cases.answer, number(request), told.answer, request.person, told.comment)

    async def case_history(self, request: Asked) -> bytes:
        """All that happened."""
        return await self._history("case", request)

    async def evidence(self, request: Asked) -> bytes:
        """All about a case in one file."""
        reason = self._told(request, shapes.Why).reason
        pack = self._cases().evidence.pack
        return await said(lambda: msgspec.Raw(pack(number(request), request.person, reason)))

    async def exports(self, request: Asked) -> bytes:
        """Who took data out."""
        limit, before = self._page(query(request.query, ("limit", "cursor")))

        def found() -> shapes.ExportPage:
            rows = self._cases().keeping.exports(before or None, limit)
            return shapes.ExportPage(rows, str(rows[-1].number) if len(rows) == limit else None)

        return await said(found)


class MoneyCalls(CaseCalls):
    """Challenges, refunds, warnings and webhooks."""

    _front: Front

    async def challenges(self, request: Asked) -> bytes:
        """List challenges."""
        asked = query(request.query, ("state", "limit", "cursor"))
        limit, after = self._page(asked)
        return await said(self._cases().challenges.page, asked.get("state", "waiting"), after, limit)

    async def challenge(self, request: Asked) -> bytes:
        """Show one."""
        return await said(self._cases().challenges.challenge, request.value)

    async def answer_challenge(self, request: Asked) -> bytes:
        """Take the answer, and give the challenge as it stands then."""
        found = await asyncio.to_thread(self._known, request.value)
        await self._front.check(found, request.body)
        return await said(self._cases().challenges.challenge, found)

    async def refunds(self, request: Asked) -> bytes:
        """List refunds."""
        asked = query(request.query, ("state", "limit", "cursor"))
        limit, after = self._page(asked)
        return await said(self._cases().refunds.page, asked.get("state", "open"), after, limit)

    async def refund_measure(self, request: Asked) -> bytes:
        """How fast victims are made whole."""
        return await said(self._cases().refunds.measure)

    async def report_refund(self, request: Asked) -> bytes:
        """A victim reports."""
        told = self._told(request, shapes.Report)
        report = self._cases().refunds.report
        return await said(
            report, told.event_id, request.person, claimed=told.claimed, case_id=told.case_id, comment=told.comment
        )

    async def refund(self, request: Asked) -> bytes:
        """Show one."""
        return await said(self._cases().refunds.refund, number(request))

    async def step_refund(self, request: Asked) -> bytes:
        """One step on."""
        told = self._told(request, shapes.RefundStep)
        step = self._cases().refunds.step
        return await said(step, number(request), told.step, request.person, comment=told.comment, version=told.version)

    async def decide_refund(self, request: Asked) -> bytes:
        """Say how much."""
        told = self._told(request, shapes.RefundDecision)
        decide = self._cases().refunds.decide
        return await said(decide, number(request), told.amount, request.person, comment=told.comment)

    async def answer_refund(self, request: Asked) -> bytes:
        """Agree, or reject."""
        told = self._told(request, shapes.Agree)
        return await said(self._cases().refunds.answer, number(request), told.answer, request.person, told.comment)

    async def book_refund(self, request: Asked) -> bytes:
        """Book money that moved."""
        told = self._told(request, shapes.Booking)
        book = self._cases().refunds.book
        return await said(book, number(request), told.kind, told.amount, told.reference, request.person)

    async def note_refund(self, request: Asked) -> bytes:
        """Write something down."""
        text = self._told(request, shapes.NewNote).text
        return await said(self._cases().notes.add, "refund", str(number(request)), text, request.person)

    async def warn(self, request: Asked) -> bytes:
        """The text to show."""
        return await said(self._cases().warnings.show, self._told(request, shapes.WarnAbout).event_id)

    async def answer_warning(self, request: Asked) -> bytes:
        """What the customer did."""
        went_on = self._told(request, shapes.WentOn).went_on
        return await said(self._cases().warnings.answer, request.value, went_on)

    async def warning_figures(self, request: Asked) -> bytes:
        """What customers did."""
        return await said(self._cases().warnings.figures)

    async def webhooks(self, request: Asked) -> bytes:
        """List webhooks."""
        return await said(lambda: shapes.WebhookList(self._cases().webhooks.all()))

    async def add_webhook(self, request: Asked) -> bytes:
        """Add one."""
        told = self._told(request, shapes.AddWebhook)
        return await said(self._cases().webhooks.add, told.url, told.topics, request.person)

    async def set_webhook(self, request: Asked) -> bytes:
        """Pause, go on, end."""
        state = self._told(request, shapes.WebhookState).state
        return await said(self._cases().webhooks.set_state, number(request), state, request.person)

    async def deliveries(self, request: Asked) -> bytes:
        """List messages."""
        asked = query(request.query, ("state", "limit", "cursor"))
        limit, before = self._page(asked)
        page = self._cases().webhooks.deliveries
        return await said(page, number(request), asked.get("state"), before or None, limit)

    async def redeliver(self, request: Asked) -> bytes:
        """Send again."""
        self._told(request, shapes.Sent)
        return await said(self._cases().webhooks.redeliver, number(request), request.person)

    def _known(self, id_: str) -> str:
        try:
            return self._cases().challenges.challenge(id_).id
        except Unknown as error:
            raise NotFound(str(error)) from None


def number(request: Asked) -> int:
    """The number in the path."""
    return whole_number("the number in the address", request.value, 1, NUMBER_MAX)
