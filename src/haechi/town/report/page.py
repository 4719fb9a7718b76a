"""The report as one page that needs nothing else: no script, no network, Korean and English by a switch of CSS."""

from __future__ import annotations

from importlib import resources
from typing import Any

from haechi.town.calibration import Calibration
from haechi.town.report.ages import pyramid, victims
from haechi.town.report.calendar import calendar
from haechi.town.report.deviations import deviations, table
from haechi.town.report.facts import Facts
from haechi.town.report.hours import hours
from haechi.town.report.late import late
from haechi.town.report.markup import Html, Word, el, many
from haechi.town.report.money import amounts, flows
from haechi.town.report.schemes import look_alikes, timeline
from haechi.town.report.stories import Story
from haechi.town.report.telling import told
from haechi.town.report.words import about_won, day, name_of, say, share

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
SECTIONS = ("overview", "people", "hours", "calendar", "money", "schemes", "labels", "calibration", "stories")


def page(facts: Facts, calibration: Calibration, stories: list[Story]) -> str:
    """The whole page."""
    style = (resources.files(__package__) / "style.css").read_text("utf-8")
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", http_equiv="Content-Security-Policy", content=POLICY),
        el("title", f"해치 마을 · Haechi town · {facts.info.get('profile', '')} {facts.info.get('seed', '')}"),
        el("style", Html(style)),
    )
    switch = [
        el("input", type="radio", name="language", id="to-ko", checked=True, aria_label="한국어"),
        el("input", type="radio", name="language", id="to-en", aria_label="English"),
    ]
    body = el("body", *switch, _top(), el("main", *_sections(facts, calibration, stories)), _hatches())
    return "<!doctype html>\n" + el("html", head, body, lang="ko") + "\n"


def _top() -> Html:
    links = many(el("a", say(f"section_{name}"), href=f"#{name}") for name in SECTIONS)
    languages = el("div", el("label", "한국어", for_="to-ko"), el("label", "English", for_="to-en"),
                   class_="languages", aria_hidden="true")  # fmt: skip
    return el("div", el("nav", links, aria_label="contents"), languages, class_="top")


def _sections(facts: Facts, calibration: Calibration, stories: list[Story]) -> list[Html]:
    parts: dict[str, list[Html]] = {
        "overview": [_title(facts), _figures(facts, calibration), _kinds(facts)],
        "people": [pyramid(facts), victims(facts)],
        "hours": [hours(facts)],
        "calendar": [calendar(facts, _pay_days(facts.info))],
        "money": [flows(facts), amounts(facts)],
        "schemes": [timeline(facts), look_alikes(facts)],
        "labels": [late(facts)],
        "calibration": [_measured(calibration), deviations(calibration), table(calibration), _sources(calibration)],
        "stories": _stories(stories),
    }
    return [
        el("section", None if name == "overview" else el("h2", say(f"section_{name}")), *parts[name], id=name)
        for name in SECTIONS
    ]


def _title(facts: Facts) -> Html:
    info = facts.info
    born = say("born", profile=str(info.get("profile", "")), seed=str(info.get("seed", "")))
    span = day(facts.first) + " – " + day(facts.last)
    return el("header", el("h1", say("title")), el("p", span, class_="span"), el("p", born, class_="note"))


def _figures(facts: Facts, calibration: Calibration) -> Html:
    """The town in eight numbers."""
    frauds = facts.campaigns.filter("is_fraud")
    lost, back = int(frauds["loss_won"].sum()), int(frauds["recovered_won"].sum())
    days = (facts.last - facts.first).days + 1
    told: list[tuple[str, Word | str]] = [
        ("people", f"{facts.customers:,}"),
        ("events", f"{facts.events:,}"),
        ("pace", f"{facts.events / max(facts.customers * days, 1):.1f}"),
        ("frauds", f"{facts.frauds:,} ({share(facts.frauds / max(facts.events, 1), 3)})"),
        ("campaigns", f"{frauds.height:,} / {facts.campaigns.height - frauds.height:,}"),
        ("loss", about_won(lost)),
        ("paid_back", share(back / lost) if lost else "–"),
        ("never", share(facts.labels.never / max(facts.labels.frauds, 1))),
    ]
    return el(
        "dl", *(el("div", el("dt", say(f"figure_{name}")), el("dd", value)) for name, value in told), class_="figures"
    )


def _kinds(facts: Facts) -> Html:
    """How many events of each kind."""
    head = el("tr", *(el("th", say(f"head_{name}"), scope="col") for name in ("kind", "events", "share", "frauds")))
    rows = many(
        el("tr", el("th", name_of("kind", kind), scope="row"), el("td", f"{events:,}"),
           el("td", share(events / max(facts.events, 1), 2)), el("td", f"{frauds:,}" if frauds else "–"))
        for kind, events, frauds in facts.kinds.select("kind", "events", "frauds").iter_rows()
    )  # fmt: skip
    return el("details", el("summary", say("every_kind")), el("table", el("thead", head), el("tbody", rows)))


def _pay_days(info: dict[str, Any]) -> frozenset[int]:
    found = info.get("parameters", {})
    days = found.get("pay_days") if isinstance(found, dict) else None
    return frozenset(days) if isinstance(days, list) else frozenset({25})


def _measured(calibration: Calibration) -> Html:
    covers = Word(calibration.covers["ko"], calibration.covers["en"])
    return el("p", say("measured", covers=covers, victims=calibration.victims,
                       tolerance=f"{calibration.tolerance:.0%}"))  # fmt: skip


def _sources(calibration: Calibration) -> Html:
    named = (el("li", source["name"] + " ", el("span", source["url"], class_="url")) for source in calibration.sources)
    return el("ul", *named, class_="sources")


def _stories(stories: list[Story]) -> list[Html]:
    frauds = [story for story in stories if story.is_fraud]
    others = [story for story in stories if not story.is_fraud]
    found = [el("p", say("stories_note", n=len(frauds)))]
    found += [told(story, n) for n, story in enumerate(frauds, 1)]
    if others:
        found += [el("h3", say("stories_others"), class_="others"), el("p", say("stories_others_note", n=len(others)))]
        found += [told(story, n) for n, story in enumerate(others, 1)]
    return found


def _hatches() -> Html:
    """Fillings that differ by pattern, so that none is told by colour alone."""

    def hatch(name: str, d: str) -> Html:
        ground = el("rect", width=6, height=6, class_="hatch-ground")
        return el("pattern", ground, el("path", d=d, class_="hatch-line"), id=name, width=6, height=6,
                  patternUnits="userSpaceOnUse")  # fmt: skip

    patterns = [
        hatch("hatch", "M-1 1l2 -2M0 6l6 -6M5 7l2 -2"),
        hatch("dots", "M2 2h1v1h-1zM5 5h1v1h-1z"),
        hatch("lines", "M0 1.5h6M0 4.5h6"),
    ]
    return el("svg", el("defs", *patterns), width=0, height=0, aria_hidden="true", class_="defs")
