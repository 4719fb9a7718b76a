"""Whatever customers, shops and colleagues call themselves, every page shows it as text: 200 payloads."""

from __future__ import annotations

from pathlib import Path

import pytest

from haechi.console import Limits
from haechi.console.errors import Refused
from haechi.console.pages import PAGES
from haechi.console.screen import address

from .hostile import payloads
from .making import Bank, Seen, happened
from .test_frame import check_page

HOSTILE = payloads()
PLAIN = [page.path for page in PAGES if page.method == "GET" and "{" not in page.path and page.path not in ("/", "/go")]
HELD = {
    "/alerts/{alert:any}",
    "/customers/{name:any}",
    "/entities/{kind}/{name:any}",
    "/cases/{case}",
    "/refunds/{refund}",
    "/audit/decision/{event:any}",
    "/events/{event:any}",
    "/rules/of/{id}",
    "/rules/lists/{name}",
    "/approvals/change/{number}",
    "/rules/part/{part}",
}
NO_TEXT = {"/attachments/{number}", "/rules/replay/{job}", "/town/play/{number}"}  # a file; figures; the town's own
OURS = {
    "html", "head", "meta", "title", "link", "script", "body", "a", "nav", "img", "span", "ul", "li", "svg", "use",
    "div",
    "p", "form", "input", "button", "header", "h1", "h2", "h3", "label", "kbd", "main", "select", "option", "details",
    "summary", "table", "thead", "tbody", "tr", "th", "td", "section", "ol", "figure", "dl", "dt", "dd", "time",
    "textarea",
    "article", "strong", "pre", "legend", "fieldset", "caption", "code", "br", "ins", "del", "aside",
    "path", "rect", "circle", "line", "text", "g", "polygon", "polyline",
}  # fmt: skip


def test_there_are_two_hundred_different_ones() -> None:
    assert len(set(HOSTILE)) == 200


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    made = Bank(tmp_path_factory.mktemp("hostile"), Limits(tries_per_minute_max=10_000))
    yield made
    made.close()


def harmless(seen: Seen) -> None:
    """Only our own tags and attributes, and nowhere an address that is not ours."""
    check_page(seen)
    assert {tag for tag, _ in seen.tags} <= OURS
    scripts = [given for tag, given in seen.tags if tag == "script"]
    assert all(given["src"].startswith("/static/") for given in scripts)


@pytest.mark.parametrize("part", range(10))
def test_two_hundred_payloads_on_every_page(bank: Bank, part: int) -> None:
    ana = bank.person(f"ana <b>{part}</b>")
    desk = bank.work.desk
    for n, text in enumerate(HOSTILE[part * 20 : part * 20 + 20]):
        number = part * 20 + n
        name = f"{text}{number}"
        links = dict.fromkeys(("merchant", "payee", "device", "account", "card", "ip"), name)
        event, challenged = f"e{number}{text}", f"k{number}{text}"
        happened(bank, event, name, told=text, told_ko=text, links=links, fields={"memo": text, text: text})
        happened(bank, challenged, name, told=text, action="challenge", links=links)
        case = desk.cases.open(text[:200] or "x", text, [f"a-{event}"])
        desk.cases.add_person(case.id, f"payee:{name}", text[:100], text)
        desk.notes.add("case", str(case.id), text, text)
        desk.notes.add("alert", f"a-{event}", text, text)
        desk.attachments.add(case.id, text[:200], "text/plain", text.encode() + b"%d" % number, text)
        refund = desk.refunds.report(event, text, case_id=case.id, comment=text)
        desk.keeping.keep(f"ana <b>{part}</b>", "queue", text[:60] + str(number), f"holder={number}")
        desk.alerts.assign(f"a-{event}", "x", text[:200], text)
        for path in (f"/cases/{case.id}", f"/refunds/{refund.id}"):
            harmless(ana.get(path))
        harmless(ana.get(_address(f"/alerts/a-{event}")))
        harmless(ana.get(_address(f"/audit/decision/{event}")))
        harmless(ana.get(_address(f"/events/{challenged}")))
        harmless(ana.get(_address(f"/customers/{name}")))
        harmless(ana.get(_address(f"/entities/device/{name}")))
    for path in PLAIN:
        harmless(ana.get(path))
    for text in HOSTILE[part * 20 : part * 20 + 20]:
        harmless(ana.get(_address("/queue", holder=text, subject=text)))
        assert ana.line.get(_address("/go", q=text)).headers.get("location", "/").startswith("/")
        check_page(ana.get(_address(f"/nowhere/{text}"), 404))


def _address(path: str, **query: str) -> str:
    return address(path, **query)


def test_the_check_sees_a_page_that_is_not_harmless(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        assert {tag for tag, _ in Seen("<p><marquee>x</marquee>").tags} <= OURS


@pytest.mark.parametrize("part", range(4))
def test_two_hundred_payloads_on_the_pages_of_rules_lists_and_the_audit(bank: Bank, part: int) -> None:
    """As names, reasons, conditions, comments, entities, authors, snoozed ids; what a desk refuses says so as text."""
    ana, rules = bank.person(f"ana <i>{part}</i>"), bank.behind.rules
    texts = HOSTILE[part * 50 : part * 50 + 50]
    name, entities = f"hostile-{part}", [f"{text}{n}" for n, text in enumerate(texts) if "\0" not in text]
    refused = 0
    for n, text in enumerate(texts):
        told = {"en": text[:400] or "x", "ko": text[:400] or "x"}
        fields = {"id": f"h-{part}-{n}", "name": told, "reason": told, "condition": "amount > 3 won", "value": "hold",
                  "effect": "minimum", "kinds": [], "tags": [text[:60]], "priority": 500}  # fmt: skip
        try:
            rules.add(rules.written(fields), text, text)
            rules.snooze(f"h-{part}-{n}", "customer", text or "x", bank.clock() + 10**12, text, text or "x")
            harmless(ana.get(f"/rules/of/h-{part}-{n}"))
        except Refused:
            refused += 1
        found = Seen(ana.line.get(_address("/rules/part/findings", condition=text)).text)
        assert {tag for tag, _ in found.tags} <= OURS
        harmless(ana.get(_address("/rules", q=text)))
    assert refused <= len(texts) // 5, "most become rules"
    rows = [{"entity": one, "reason": one[:400], "owner": one[:400]} for one in dict.fromkeys(entities)]
    change = rules.change_list(name, "watch", rows, texts[0], texts[1])
    harmless(ana.get(f"/approvals/change/{change}"))
    rules.answer(change, "approve", texts[2], texts[3])
    hooks = bank.work.desk.webhooks
    hook = hooks.add("https://bank.example/?a=%3Cscript%3E", [one[:60] for one in texts if one[:60].strip()], texts[4])
    bank.work.answers += [OSError(text) for text in texts]
    hooks.set_state(hook.id, "paused", texts[5])
    bank.work.desk.sweep()
    for path in (f"/rules/lists/{name}", "/approvals?state=done", *PLAIN):
        harmless(ana.get(path))


def test_no_page_is_left_out() -> None:
    assert {page.path for page in PAGES if page.method == "GET" and "{" in page.path} == HELD | NO_TEXT
