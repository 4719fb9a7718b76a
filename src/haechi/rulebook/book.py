"""The rulebook: all that people do to rules, lists and snoozes, one at a time, each written down before it counts.

What changes a decision needs others to agree (haechi.toml: [rules] approvers); only a draft and its shadow, which
change none, and a snooze of one rule for one entity, which has an end, need nobody. What is asked for is compiled
before it is written: a set that does not compile never comes into force.
"""

from __future__ import annotations

import gc
import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec

from haechi.rulebook.standing import ACTING, PURPOSES, InForce, Place, Standing, Workshop, stood
from haechi.rulebook.words import perhaps
from haechi.rules import BadRule, Pack, Rule, RulesError, Typology, read_pack, write_pack
from haechi.rules.names import Names
from haechi.settings import RulesPart
from haechi.stores import (
    Approval,
    Change,
    HistoryRow,
    ListRow,
    RuleSetRow,
    RuleVersion,
    Store,
)

__all__ = ["NotAgreed", "Rulebook", "Unknown"]

DAY_US = 86_400_000_000
LISTS_MAX = 1_000
ENTITY_CHARS_MAX = 512
TEXT_CHARS_MAX = 500
COMMENT_CHARS_MAX = 2_000


class Unknown(RulesError):
    """There is no such rule, version, list or change."""


class NotAgreed(RulesError):
    """What was asked for is not allowed; the message says what would be."""


class Rulebook:
    """All that may be done to rules, for one home; every call may come from any thread."""

    def __init__(
        self,
        store: Store,
        settings: RulesPart,
        now_us: Callable[[], int],
        workshop: Workshop,
        publish: Callable[[InForce], None] = lambda found: None,
    ) -> None:
        """`workshop` compiles what stands; `publish` brings a set into force once it is written down."""
        self.store = self._store = store
        self._settings, self._now_us = settings, now_us
        self._workshop, self._publish = workshop, publish
        self._lock = threading.Lock()
        self.standing = stood(store.rules.history())

    def names(self) -> Names:
        """What a condition may name here: lists by their names, too."""
        names = self._workshop.names(sorted(self.standing.lists))
        names.coming = self._coming()
        return names

    def now_us(self) -> int:
        """The time by the clock on the wall."""
        return self._now_us()

    def versions(self) -> dict[tuple[str, str, int], RuleVersion]:
        """Every version of every rule and typology."""
        rules = self._store.rules
        return {(v.kind, v.name, v.version): v for kind in ("rule", "typology") for v in rules.versions(kind)}

    def compiled(self, standing: Standing, versions: dict[tuple[str, str, int], RuleVersion]) -> InForce:
        """The set of a past moment, without bringing it into force."""
        return self._workshop(standing, versions, trial=True)

    def in_force(self) -> InForce:
        """Compile what stands, and write down that it does."""
        found = self._workshop(self.standing, self.versions())
        if found.version:
            self._store.rules.keep_set(self._row(found, self.standing.through))
        return found

    def add(self, pack: Pack, person: str, comment: str = "") -> list[RuleVersion]:
        """Keep new versions as drafts; what says the same as the newest version is that version."""
        _text("a comment", comment, COMMENT_CHARS_MAX)
        with self._lock:
            now = self._now_us()
            given: list[Rule | Typology] = [*pack.rules, *pack.typologies]
            drafts = [plain_version(one, person, now, comment) for one in given]
            known = self.versions()
            trial = Standing()
            candidates = {(d.kind, d.name, 1): d for d in drafts}
            for draft in drafts:
                content = '{"lane":"shadow"}'
                trial = trial.then(HistoryRow(1, "trial", draft.kind, draft.name, 1, content, person, now))
            with uncollected():
                broken = self._workshop(trial, {**known, **candidates}, trial=True).broken
            for error in broken.values():
                raise error
            return [self._store.rules.add_version(draft) for draft in drafts]

    def move(
        self, kind: str, name: str, version: int | None, place: Place, person: str, comment: str = ""
    ) -> Change | HistoryRow:
        """Put a version into another lane: at once where that changes no decision, else once others agree."""
        _text("a comment", comment, COMMENT_CHARS_MAX)
        with self._lock:
            return self._move(kind, name, version, place, person, comment)

    def rollback(self, kind: str, name: str, person: str, comment: str = "") -> Change | HistoryRow:
        """Ask for what acted before the newest that acts came: a canary retires; a live version gives way to the one
        that was live immediately before it, or to none. What was itself rolled back never comes back by this."""
        _text("a comment", comment, COMMENT_CHARS_MAX)
        with self._lock:
            self.version(kind, name, None)
            acting = self.standing.acting(kind, name)
            if not acting:
                raise NotAgreed(f"no version of {kind} {name!r} acts: there is nothing to roll back")
            undone = acting.get("canary", acting.get("live"))
            before = None if "canary" in acting else self.standing.live_before(kind, name)
            version, place = (undone, Place("retired")) if before is None else (before, Place("live"))
            return self._move(kind, name, version, place, person, comment, undoes=undone)

    def _move(
        self, kind: str, name: str, version: int | None, place: Place, person: str, comment: str, **more: Any
    ) -> Change | HistoryRow:
        known = self.version(kind, name, version)
        held = self.standing.lane(kind, name, known.version)
        told = {"lane": place.lane} | ({"share": place.share} if place.lane == "canary" else {})
        if held.lane == place.lane and (place.lane != "canary" or held.share == place.share):
            raise NotAgreed(f"{kind} {name!r} version {known.version} is in lane {place.lane} already")
        row = HistoryRow(0, "trial", kind, name, known.version, _json(told), person, self._now_us())
        published = any(
            h.what == "lane" and (h.kind, h.name, h.version) == (kind, name, known.version)
            for h in self._store.rules.history()
        )
        if place.lane in ("draft", "shadow") and not published:
            return self._take(row)
        self._compile(row)
        content = _json({**told, **more, "acts": self.standing.acting(kind, name)})
        asked = self._store.rules.ask(self._wish(kind, name, known.version, content, person, comment))
        if comment not in ("", asked.comment):
            raise NotAgreed(
                f"change {asked.id} asks for this already and gives another reason: withdraw it to ask anew"
            )
        return asked

    def ask_list(
        self, name: str, purpose: str, rows: Sequence[ListRow], person: str, comment: str = "", into: int | None = None
    ) -> Change:
        """Ask for a list's rows to be added or removed; `into` adds them to a change that nobody has answered yet."""
        _text("a comment", comment, COMMENT_CHARS_MAX)
        _check_rows(rows)
        with self._lock:
            rules = self._store.rules
            for number, row in enumerate(rows, 1):
                if row.action == "remove" and not rules.stands(name, row.entity):
                    raise NotAgreed(f"row {number}: {row.entity[:80]!r} is not on the list: nothing can be removed")
            if into is not None:
                change = rules.change(into)
                if (change.author, change.name, change.kind) != (person, name, "list"):
                    raise NotAgreed(f"change {into} is not yours, or not of list {name!r}")
            else:
                change = self._new_list_change(name, purpose, rows, person, comment)
                if change.rows:
                    return change
            rules.add_rows(change.id, name, rows)
            return rules.change(change.id)

    def answer(self, id_: int, answer: str, person: str, comment: str = "") -> Change:
        """Approve, reject or withdraw a change; the last approval that it needs brings it into force."""
        _text("a comment", comment, COMMENT_CHARS_MAX)
        with self._lock:
            rules = self._store.rules
            change = rules.change(id_)
            said = Approval(person, answer, comment, self._now_us())  # type: ignore[arg-type]
            same = [a for a in change.answers if a.person == person]
            if same and same[0].answer == answer and comment in ("", same[0].comment):
                return change
            if change.state != "waiting":
                raise NotAgreed(f"change {id_} is {change.state} already: there is nothing left to answer")
            self._check_reviewer(change, answer, person)
            if answer == "approve":
                self._check_fresh(change)
            agreed = {a.person for a in change.answers if a.answer == "approve"} | {person}
            needed = max(change.needs, self._settings.approvers)
            if answer != "approve" or len(agreed) < needed:
                return rules.answer(id_, said)
            about = (change.kind, change.name, change.version, change.content, change.author, said.at_us, id_)
            row = HistoryRow(0, "list", *about) if change.kind == "list" else HistoryRow(0, "lane", *about)
            found, standing = self._compile(row)
            done = rules.answer(id_, said, self._row(found, standing.through))
            self._came(found, standing)
            return done

    def snooze(self, name: str, entity: str, id_: str, until_us: int, person: str, reason: str) -> HistoryRow:
        """Let one rule not act for one entity until then; a time that is over ends the snooze."""
        _text("a reason", reason, TEXT_CHARS_MAX)
        _text("an entity's id", id_, ENTITY_CHARS_MAX)
        if not reason.strip():
            raise NotAgreed("a snooze needs a reason: whoever looks at it later will ask for it")
        with self._lock:
            self.version("rule", name, None)
            names = self.names()
            if entity not in names.entities:
                near = names.near(entity, names.entities) or f"there is {', '.join(names.entities)}"
                raise BadRule(f"no event here names a {entity[:80]!r}", suggestion=near)
            now = self._now_us()
            latest = now + self._settings.snooze_days_max * DAY_US
            if until_us > latest:
                raise NotAgreed(f"a rule may be snoozed for {self._settings.snooze_days_max} days at most")
            content = _json({"entity": entity, "id": id_, "until_us": until_us, "reason": reason})
            held = self.standing.snoozes.get((name, entity, id_))
            if held is not None and held.until_us == until_us:
                return next(iter(self._store.rules.history(held.number - 1, held.number)))
            return self._take(HistoryRow(0, "snooze", "rule", name, 0, content, person, now))

    def version(self, kind: str, name: str, version: int | None) -> RuleVersion:
        """One version, or the newest; Unknown when there is none."""
        known = self._store.rules.versions(kind, name)
        if not known:
            raise Unknown(self.no_such(kind, name))
        found = known[-1:] if version is None else [v for v in known if v.version == version]
        if not found:
            raise Unknown(f"{kind} {name!r} has no version {version}; it has 1 to {known[-1].version}")
        return found[0]

    def no_such(self, kind: str, name: str) -> str:
        """A sentence about a rule or typology that is not there, with those that were perhaps meant."""
        known = sorted({v.name for v in self._store.rules.versions(kind)})
        return "; ".join(filter(None, (f"there is no {kind} {name[:80]!r}", perhaps(name, known))))

    def no_list(self, name: str) -> str:
        """A sentence about a list that is not in force: the change that will make it, or those perhaps meant."""
        if change := self._coming().get(name):
            return f"list {name!r} is not in force yet: change {change}, which makes it, waits for others to agree"
        known = sorted(self.standing.lists)
        return "; ".join(filter(None, (f"there is no list {name[:80]!r} in force", perhaps(name, known))))

    def _coming(self) -> dict[str, int]:
        """Lists whose first change still waits, with its number."""
        waiting = self._store.rules.changes("waiting", None, LISTS_MAX)
        return {c.name: c.id for c in waiting if c.kind == "list" and c.name not in self.standing.lists}

    def _check_reviewer(self, change: Change, answer: str, person: str) -> None:
        """A rule may name who reviews it: nobody else brings it into force; to stop it, anybody else will do."""
        if (change.kind, answer) != ("rule", "approve") or msgspec.json.decode(change.content)["lane"] not in ACTING:
            return
        (rule,) = read_pack(self.version("rule", change.name, change.version).content).rules
        if rule.reviewers and person not in rule.reviewers:
            raise NotAgreed(f"rule {rule.id!r} names who reviews it: {', '.join(rule.reviewers)}")

    def _check_fresh(self, change: Change) -> None:
        """Who agrees must know what this replaces: what acted when it was asked for has to act still."""
        then = msgspec.json.decode(change.content).get("acts")  # changes of older homes do not say
        now = self.standing.acting(change.kind, change.name)
        if then is not None and then != now:
            raise NotAgreed(
                f"what acts now is {_acting(now)}; when this was asked it was {_acting(then)}: withdraw it and ask anew"
            )

    def _wish(self, kind: str, name: str, version: int, content: str, person: str, comment: str) -> Change:
        needs, now = self._settings.approvers, self._now_us()
        return Change(0, kind, name, version, content, person, now, needs, comment, "waiting")

    def _new_list_change(self, name: str, purpose: str, rows: Sequence[ListRow], person: str, comment: str) -> Change:
        known = self.standing.lists.get(name)
        if not _is_name(name):
            raise NotAgreed("a list's name has 1 to 64 small letters, digits, dashes or underscores")
        if known is None and purpose not in PURPOSES:
            raise NotAgreed(f"a new list needs a purpose: {', '.join(PURPOSES)}")
        if known is not None and purpose not in ("", known.purpose):
            raise NotAgreed(f"list {name!r} is a list to {known.purpose}; make another one to {purpose}")
        if known is None and len(self.standing.lists) >= LISTS_MAX:
            raise NotAgreed(f"there are {LISTS_MAX:,} lists already")
        told = {"purpose": known.purpose if known else purpose, "digest": _digest(rows)}
        return self._store.rules.ask(self._wish("list", name, 0, _json(told), person, comment))

    def _compile(self, row: HistoryRow) -> tuple[InForce, Standing]:
        """The set that this row would bring; whatever is wrong with it is raised before anything is written."""
        standing = self.standing.then(msgspec.structs.replace(row, number=self.standing.through + 1))
        with uncollected():
            found = self._workshop(standing, self.versions())
        if row.kind == "rule" and (error := found.broken.get(f"{row.name}@{row.version}")) is not None:
            raise error
        return found, standing

    def _take(self, row: HistoryRow) -> HistoryRow:
        found, standing = self._compile(row)
        taken = self._store.rules.take(row, self._row(found, standing.through))
        self._came(found, standing)
        return taken

    def _row(self, found: InForce, through: int) -> RuleSetRow:
        return RuleSetRow(found.version, through, self._store.journal.last_seq, self._now_us())

    def _came(self, found: InForce, standing: Standing) -> None:
        self.standing = standing
        self._publish(found)


@contextmanager
def uncollected() -> Iterator[None]:
    """Make what stays for good without the collector of garbage, which would walk it while decisions wait.

    It is left out of every later walk too; what is no longer needed goes by itself, for no set holds itself.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was:
            gc.enable()


def plain_version(one: Rule | Typology, person: str, now_us: int, comment: str) -> RuleVersion:
    """A rule or typology as it is kept: its text without what the home knows better (version, lane, author)."""
    kind = "rule" if isinstance(one, Rule) else "typology"
    plain = msgspec.structs.replace(one, version=1, lane="draft", author="")
    pack = Pack(rules=(plain,)) if isinstance(plain, Rule) else Pack(typologies=(plain,))
    text = write_pack(pack)
    hash_ = hashlib.sha256(text.encode()).hexdigest()
    return RuleVersion(kind, one.id, 0, text, hash_, person, now_us, comment)


def _check_rows(rows: Sequence[ListRow]) -> None:
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        if not 0 < len(row.entity) <= ENTITY_CHARS_MAX or "\0" in row.entity:
            raise NotAgreed(f"row {number}: an entity on a list has 1 to {ENTITY_CHARS_MAX} characters without NUL")
        if (before := seen.setdefault(row.entity, number)) != number:
            raise NotAgreed(f"rows {before} and {number} both name {row.entity[:80]!r}: one change names it once")
        if row.action == "add" and not row.reason.strip():
            raise NotAgreed(f"row {number}: say why {row.entity[:80]!r} is on the list, as its reason")
        for what, text in (("a reason", row.reason), ("an owner", row.owner)):
            _text(what, text, TEXT_CHARS_MAX)


def _text(what: str, text: str, chars_max: int) -> None:
    if len(text) > chars_max or "\0" in text:
        raise NotAgreed(f"{what} has at most {chars_max:,} characters, none of them NUL")


def _json(told: dict[str, Any]) -> str:
    return msgspec.json.encode(told).decode()


def _acting(acting: Mapping[str, int]) -> str:
    return " and ".join(f"version {number}{' (canary)' * (lane == 'canary')}" for lane, number in acting.items()) or (
        "no version"
    )


def _is_name(name: str) -> bool:
    return 0 < len(name) <= 64 and all(c.isascii() and (c.isdigit() or c.islower() or c in "-_") for c in name)


def _digest(rows: Iterable[ListRow]) -> str:
    digest = hashlib.sha256()
    for row in rows:
        digest.update(msgspec.json.encode(row))
    return digest.hexdigest()[:16]
