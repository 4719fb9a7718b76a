"""A story as a person reads it: who, how much, and a line for everything that happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from haechi.town.calibration import FORMS
from haechi.town.currency import MONEY, abroad
from haechi.town.report.markup import Html, Word, el, many
from haechi.town.report.stories import STEPS_MAX, Person, Step, Story
from haechi.town.report.words import clock, day, lapse, name_of, say, won

# Beside the sentence of a step, the fields that an analyst would look at, in this order.
SHOWN = ("payee", "bank", "merchant", "channel", "method", "result", "country", "device", "ip", "card", "account")
NAMED = {"channel", "method", "result"}  # fields whose values are words of the town
ORDINARY = ("ok", "KR")  # what goes without saying
DAYS_PER_YEAR = 365.2425
FIRST_PARTY = "first_party"
CLAIMED = ("claim", "false_claim")
CASES = (("transfer", "transfer"), ("payee", "transfer"), ("withdrawal", "cash"), ("payment", "card"))
# The parts that the bank plays or sees played; every other part is the town's knowledge alone.
SEEN = ("report", "verdict", "refund", "held", "suspended", "card_stopped", "refused", "bank_call", "teller_asks",
        "manager_asks", "claim", "claim_paid", "claim_refused", "claim_part", "claim_answered", "advised", "notice",
        "told_elsewhere", "loan_paid_out", "remote_app", "no_papers", "own_use", "shop_check", "explained", "bad_debt",
        "dispute", "abuse", "new_device", "check", "limit_change", "payee", "deposit", "login", "message", "call",
        "application")  # fmt: skip


def told(story: Story, number: int) -> Html:
    """One campaign as an article: first the file as a bank has it, then, apart, what only the town knows."""
    head = el(
        "header",
        el("p", f"{number}", class_="number", aria_hidden="true"),
        el("h3", say(f"case_{_case(story)}"), id=f"story-{story.campaign_id}"),
        el("dl", *_facts(story)),
    )
    return el(
        "article", head, el("ol", *_chronicle(story)), _truth(story), class_="story",
        aria_labelledby=f"story-{story.campaign_id}",
    )  # fmt: skip


def _case(story: Story) -> str:
    """What the bank files it under, by what it sees itself."""
    kinds, roles = {step.kind for step in story.steps}, {step.role for step in story.steps}
    if roles & set(CLAIMED):
        return "claim"
    return next((name for kind, name in CASES if kind in kinds), "other")


def _facts(story: Story) -> Iterator[Html]:
    """The head of the file: whom it is about, since when, who said what, how it stands."""
    begins = story.steps[0].at if story.steps else story.begins
    yield _fact("began", day(begins.date()) + f" {begins:%H:%M}")
    if len(story.people) > 1:
        yield _fact("customers", Word(f"{len(story.people):,}명", f"{len(story.people):,}"))
    if story.reports:
        first = story.reports[0]
        yield _fact("reported", day(first.at.date()) + f" {first.at:%H:%M}")
        yield _fact("asked", won(sum(step.amount or 0 for step in story.reports)))
    elif story.reported and story.steps and story.reported <= story.steps[-1].at:
        yield _fact("found", day(story.reported.date()) + f" {story.reported:%H:%M}")
    else:
        yield _fact("reported", say("no_report"))
    if story.paid_won or story.is_fraud:
        yield _fact("paid_back", won(story.paid_won))


def _truth(story: Story) -> Html:
    """What nobody in the bank knows: what it was, what was lost, what comes back in the end, who did what."""
    title = name_of("typology", story.typology)
    if story.form in FORMS and not story.typology.startswith("voice_"):
        title = title + " · " + name_of("form", story.form)
    facts = [_fact("kind", title)]
    if story.is_fraud:
        if story.victims:
            aged = story.age is not None and story.victims == 1
            age = Word(f" ({story.age}세)", f" (aged {story.age})") if aged else Word("", "")
            facts.append(_fact("victims", Word(f"{story.victims:,}명", f"{story.victims:,}") + age))
        facts.append(_fact("paid_out" if story.form == FIRST_PARTY else "loss", won(story.loss_won)))
        if story.form != FIRST_PARTY:
            facts.append(_fact("back_at_last", won(story.recovered_won)))
        known = story.reported and _after(story.lost or story.begins, story.reported)
        facts.append(_fact("known", known or say("never_learnt")))
    played = Counter(
        step.role for step in story.steps if step.role and step.role not in SEEN and step.role != step.kind
    )
    parts = [el("li", name_of("role", role), f" {count}") for role, count in played.items()]
    return el(
        "details",
        el("summary", say("truth")),
        el("p", story.summary, class_="summary") if story.summary.en else None,
        el("dl", *facts),
        el("ul", *parts) if parts else None,
        class_="truth",
    )


def _fact(name: str, value: Word) -> Html:
    return el("div", el("dt", say(f"story_{name}")), el("dd", value))


def _after(begins: datetime, when: datetime) -> Word:
    return day(when.date()) + f" {when:%H:%M} (" + lapse(when - begins) + say("after_the_loss") + ")"


def _chronicle(story: Story) -> Iterator[Html]:
    """Every step; each new day is said; steps that are left out are counted."""
    first = story.steps[0].who if story.steps else ""
    previous: Step | None = None
    for place, step in enumerate(story.steps):
        if story.left_out and place == STEPS_MAX // 2:
            yield el("li", say("left_out", n=story.left_out), class_="pause")
        if previous is None or step.at.date() != previous.at.date():
            yield el("li", day(step.at.date()), class_="day")
        yield _line(step, story.people.get(step.who), step.who != first)
        previous = step
    if story.beyond and story.is_fraud:
        yield el("li", say("beyond"), class_="pause")


def _line(step: Step, person: Person | None, other: bool) -> Html:
    return el(
        "li",
        el("time", clock(step.at), datetime=step.at.isoformat()),
        el("div", *_sentence(step), *_fields(step, person, other), class_="what"),
        el("span", won(step.amount), class_="amount") if step.amount is not None else el("span", class_="amount"),
        class_="step",
    )


def _sentence(step: Step) -> Iterator[Html]:
    yield el("b", name_of("kind", step.kind))
    role = "claim" if step.role == "false_claim" else step.role
    if role in SEEN and role != step.kind:
        yield el("span", name_of("role", role), class_="role")
    if category := step.fields.get("merchant_category"):
        yield el("span", Word(" · ", " · ") + name_of("category", category))
    if (seconds := step.fields.get("duration_s")) is not None:
        yield el("span", Word(" · ", " · ") + lapse(timedelta(seconds=seconds)))
    if (risk := step.fields.get("risk")) is not None:
        yield el("span", say("risk", value=f"{risk:.2f}"))
    if text := step.fields.get("text"):
        yield el("q", text)


def _field(name: str, value: str) -> Html:
    """A field by its name; values that are words of the town are told in both languages."""
    told = name_of(name, value) if name in NAMED else Word(value, value)
    return el("span", name_of("field", name) + " " + told)


def _fields(step: Step, person: Person | None, other: bool) -> Iterator[Html]:
    payer = {"payee": "payer"} if step.kind == "deposit" else {}
    there = [name for name in SHOWN if step.fields.get(name) not in (None, *ORDINARY)]
    if step.role == "claim_refused":  # a claim is decided, not the question of fraud
        there = [name for name in there if name != "result"]
    parts = [_field(payer.get(name, name), step.fields[name]) for name in there]
    if step.amount is not None and step.fields.get("country") in MONEY:
        parts.append(_field("local", abroad(step.amount, step.fields["country"], step.at.toordinal())))
    if person is not None:
        age = int((step.at.date() - person.birth_date).days / DAYS_PER_YEAR)
        who = name_of("persona", person.persona) + Word(f", {age}세", f", {age}")
        parts.insert(0, el("span", f"{step.who} · ", who, class_="other" if other else None))
    elif step.who:
        parts.insert(0, el("span", step.who, class_="other" if other else None))
    if step.known is not None:
        source = name_of("source", step.source)
        parts.append(el("span", say("known_after", lapse=lapse(step.known - step.at), source=source), class_="known"))
    if parts:
        yield el("div", many(parts), class_="fields")
