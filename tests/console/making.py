"""A console over a real desk, without a server: whoever signs in gets a browser that remembers her cookies."""

from __future__ import annotations

import asyncio
import hashlib
import time
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx

from cases.making import NOW_US, Work
from haechi.cases.pulse import Pulse, Row
from haechi.cases.recent import Recent
from haechi.cases.recent import Seen as Noted
from haechi.cases.warnings import Judged
from haechi.commands.playing import Playing
from haechi.console import Limits, Password, Sessions, console
from haechi.console.behind import Decided, MoneyToday
from haechi.decision import Decision, Policy
from haechi.decision.policies import Kept, kept
from haechi.events import Event, Reason, Signal
from haechi.learning.registry import Registry
from haechi.rulebook.book import Rulebook
from haechi.rulebook.desk import Desk
from haechi.rulebook.figures import RuleFigures
from haechi.rulebook.jobs import Backtests
from haechi.rulebook.models import ModelPeople
from haechi.rulebook.people import People
from haechi.rulebook.scores import ScoreFigures
from haechi.rulebook.standing import Workshop
from haechi.security import SCOPES, StoredKey, make_key
from haechi.settings import RulesPart
from haechi.stores import ApiKey, Entry
from haechi.town import Town, parameters
from rulebook.making import SCHEMA, SPEC

TEXTLESS = ("script", "style", "svg")


@dataclass
class Entropy:
    """Random bytes that are the same in each run."""

    drawn: int = 0

    def __call__(self, count: int) -> bytes:
        self.drawn += 1
        return hashlib.shake_256(b"%d" % self.drawn).digest(count)


def unread(entry: Entry) -> Row:
    raise AssertionError("here decisions come as rows")


@dataclass
class Backstage:
    """A house with a desk and keys, and nothing that decides."""

    work: Work
    timezone: str = "Asia/Seoul"
    subject: str = "customer"
    recent: Recent = field(default_factory=Recent)
    pulse: Pulse = field(default_factory=lambda: Pulse(unread))
    policy: Policy = field(default_factory=Policy)
    held: dict[str, Decided] = field(default_factory=dict)
    profiles: dict[str, Any] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    keys: dict[bytes, StoredKey] = field(default_factory=dict)
    town: Any = field(default_factory=lambda: Playing(town, lambda: NOW_US, lambda body: b"{}"))

    @cached_property
    def models(self) -> ModelPeople:
        scores = ScoreFigures(self.work.store.journal, lambda body: (7_000, "KRW"), "KRW", time.perf_counter_ns)
        return ModelPeople(Registry(self.work.path.parent / "models"), scores)

    @cached_property
    def rules(self) -> People:
        return people(self.work)

    @property
    def cases(self) -> Any:
        return self.work.desk

    def policy_of(self, version: str) -> Kept | None:
        return kept(self.work.store.meta, version)

    def decided(self, event_id: str) -> Decided | None:
        return self.held.get(event_id)

    def profile(self, customer: str) -> dict[str, Any] | None:
        return self.profiles.get(customer)

    def money_today(self, since_us: int) -> MoneyToday:
        return MoneyToday(*self.work.desk.money_since(since_us))

    def api_keys(self) -> list[ApiKey]:
        found = self.keys.values()
        return [ApiKey(k.digest.hex(), k.name, tuple(sorted(k.scopes)), k.created_us, k.revoked_us) for k in found]

    def key(self, digest: bytes) -> StoredKey | None:
        return self.keys.get(digest)

    def trouble(self) -> list[str]:
        return self.wrong


def town() -> Town:
    """A small town, made when somebody plays."""
    return Town(parameters("small", customers=400, days=60, fraud={"level": 4.0}), 0)


def people(work: Work) -> People:
    """A rule desk over the same store, with a history that ended just now and nothing that decides."""
    workshop = Workshop(SCHEMA, SPEC, work.store.rules)
    book = Rulebook(work.store, RulesPart(), work.clock, workshop)
    home = work.path.parent / "home"
    figures = RuleFigures(work.store.journal, lambda body: (7_000, "KRW"), time.perf_counter_ns)
    desk = Desk(book, lambda: ("set-1", ""), home, Backtests(home))
    return People(book, desk, figures, work.clock, list, work.clock)


class Bank:
    """The console of one house."""

    def __init__(self, folder: Path, limits: Limits | None = None, **more: Any) -> None:
        self.limits, self.entropy = limits or Limits(), Entropy()
        self.work = Work(folder / "h.db")
        self.lines: list[Line] = []
        self.clock = self.work.clock
        self.behind = more.pop("behind", Backstage)(self.work)
        self.password = Password(self.entropy(15), self.clock(), self.limits)
        self.sessions = Sessions(self.limits, self.password, self.behind.key, self.entropy)
        self.app = console(self.behind, self.sessions, self.clock, self.limits, **more)

    def browser(self, language: str = "en") -> Browser:
        """Somebody's browser, not signed in."""
        return Browser(self, language)

    def person(self, name: str = "ana", scopes: Any = tuple(SCOPES), language: str = "en") -> Browser:
        """A browser in which this person is signed in with a key of these scopes."""
        key = make_key(self.entropy(40), scopes=scopes, name=name)
        self.behind.keys[key.stored.digest] = key.stored
        browser = self.browser(language)
        self.sessions._tries = 0  # in a test many come in one minute
        assert browser.send("/sign-in", secret=key.token).status_code == 303
        return browser

    def close(self) -> None:
        """Let go of threads and files."""
        for line in self.lines:
            line.close()
        self.app.close()
        self.work.store.close()


class Line:
    """One browser's way to the application, its cookies kept."""

    def __init__(self, app: Any, head: dict[str, str]) -> None:
        self._runner = asyncio.Runner()
        transport = httpx.ASGITransport(app)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=head)
        self.headers, self.cookies = self._client.headers, self._client.cookies

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self._runner.run(self._client.get(path, **more))

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self._runner.run(self._client.post(path, **more))

    def close(self) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()


class Browser:
    """Asks for pages and sends forms, with the token and the number of the page it looks at."""

    def __init__(self, bank: Bank, language: str) -> None:
        self.bank = bank
        head = {"accept": "text/html", "accept-language": language, "sec-fetch-site": "same-origin"}
        self.line = Line(bank.app, head)
        bank.lines.append(self.line)

    def get(self, path: str, status: int = 200) -> Seen:
        """A page, read."""
        answer = self.line.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:2_000])
        return Seen(answer.text, answer)

    def send(self, path: str, **form: Any) -> Any:
        """A form as the browser would send it; `referer` is the page it stands on."""
        head = {"referer": f"http://127.0.0.1{form.pop('referer')}"} if "referer" in form else {}
        files = form.pop("files", None)
        return self.line.post(path, data=form, headers=head, files=files)

    def fill(self, page: str, path: str, **values: Any) -> Any:
        """Look at a page, take its form for `path`, fill it in and send it."""
        form = next(f for f in self.get(page).forms if f["action"] == path)
        return self.send(path, referer=page, **{**form["fields"], **values})

    def token(self, page: str = "/keys") -> dict[str, str]:
        """The token and a fresh number, as any form of a page has them."""
        fields = next(form["fields"] for form in self.get(page).forms if form["action"] == "/sign-out")
        return {name: fields[name] for name in ("csrf", "once")}


class Seen(HTMLParser):
    """A page as a person sees it: its text, its links, its forms; and what no page may have."""

    def __init__(self, html: str, answer: Any = None) -> None:
        super().__init__(convert_charrefs=True)
        self.html, self.answer = html, answer
        self.words: list[str] = []
        self.links: list[str] = []
        self.forms: list[dict[str, Any]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()

    @property
    def text(self) -> str:
        """All that can be read."""
        return " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        if tag not in ("input", "link", "meta", "img", "br", "use", "hr"):
            self._open.append(tag)
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))
        if tag == "form":
            self.forms.append({"action": given.get("action"), "method": given.get("method", "get"), "fields": {}})
        if tag == "input" and self.forms and given.get("type") == "hidden":
            self.forms[-1]["fields"][given["name"]] = given.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                continue

    def handle_data(self, data: str) -> None:
        if not set(self._open) & {"script", "style"}:
            self.words.append(data)


def happened(
    bank: Bank, event_id: str = "e-1", customer: str = "c-17", amount: int = 7_000, action: str = "hold", **changes: Any
) -> str:  # fmt: skip
    """A payment that was decided: with its alert or challenge, in the read models; gives the alert's id."""
    work, behind = bank.work, bank.behind
    told = changes.pop("told", "a minor paying during school hours")
    fields, links = changes.pop("fields", {}), changes.pop("links", {"merchant": "ice_cream-7", "device": "d-1"})
    text = {"en": told, "ko": changes.pop("told_ko", "미성년자가 수업 시간에 결제")}
    reasons = [
        Reason("rules.minor", "Minor", "", 1.0, text),
        Reason("supervised.customer.ratio_30d", "3.5", "1.0", 0.4, {"en": "3.5 times the usual", "ko": "평소의 3.5배"}),
        Reason("supervised.customer.hour_share", "0.4%", "11%", 0.2, {"en": "an unusual hour", "ko": "드문 시간"}),
        Reason("behaviour.burst.count", "4", "1", 0.1, {"en": "many at once", "ko": "짧은 시간 여러 건"}),
    ]  # fmt: skip
    event = Event(
        id=event_id, kind="payment", time_us=bank.clock(), entities={"customer": customer, **links}, amount=amount,
        currency="KRW", categories={"channel": "app", "merchant_category": "ice_cream"}, fields=fields,
    )  # fmt: skip
    decision = Decision(
        event_id=event_id, action=action, score=0.6, expected_loss=4_200, reasons=reasons, degraded=[], versions={},
        sentence={"en": f"Held: {told}.", "ko": f"{text['ko']}여서 보류했습니다."}, timings_us={"look": 40},
        signals=[Signal("supervised", 0.6, "1")],
        rules=[{"rule": "minor", "version": 1, "result": "hit", "lane": "live"}],
        floor={"minimum": "challenge"},
    )  # fmt: skip
    if action == "challenge":
        work.challenge(event_id, customer)
    else:
        work.call(event_id, customer, amount=amount, action=action)
    seq = work.store.journal.last_seq
    behind.held[event_id] = Decided(seq, event, decision)
    work.judged[event_id] = Judged(event, action, reasons)
    behind.recent.add([Noted(seq, event, action)])
    row = Row(seq, event_id, event.time_us, "payment", action, f"customer:{customer}", amount, "KRW",
              decision.sentence, "rules.minor", text, 40)  # fmt: skip
    behind.pulse.add([row], bank.clock())
    return f"a-{event_id}"
