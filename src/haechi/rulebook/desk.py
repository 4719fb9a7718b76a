"""The rulebook as the API sees it: what goes over the wire becomes the rulebook's words, and its errors refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

import msgspec

from haechi.api import BadRule, Busy, Conflict, NotReady, Refusal
from haechi.api import rule_shapes as shapes
from haechi.api.asking import moment_us
from haechi.api.errors import NotFound
from haechi.events.times import moment
from haechi.features import FeatureError
from haechi.rulebook.backtesting import check_span
from haechi.rulebook.book import NotAgreed, Rulebook, Unknown
from haechi.rulebook.jobs import Backtests, Job
from haechi.rulebook.jobs import Busy as JobsBusy
from haechi.rulebook.reading import findings, pack_of
from haechi.rulebook.seen import Seen
from haechi.rulebook.standing import Place, listed
from haechi.rules import Pack, Rule, RulesError, read_pack, write_pack
from haechi.rules.check import check
from haechi.stores import Approval, Change, Disagreed, HistoryRow, ListRow, RuleVersion

__all__ = ["Desk"]

FIRST_ROWS = 20
FEW_ROWS = 5
WEEK_US = 7 * 86_400_000_000


class Desk:
    """The desk of one home; `state` says which set decides now, and which one is being made ready."""

    def __init__(
        self, rulebook: Rulebook, state: Callable[[], tuple[str, str]], home: Path, jobs: Backtests | None = None,
        seen: Seen | None = None,
    ) -> None:  # fmt: skip
        """`jobs` runs backtests where a server may; `seen` knows what events ever told."""
        self._book, self._state, self._home, self._jobs, self._seen = rulebook, state, home, jobs, seen
        self._rules = rulebook.store.rules
        self._at = partial(moment, timezone=rulebook.names().calendar.timezone)  # as people of this home read times

    def rules(self) -> shapes.RuleList:
        """Every version of every rule, and the set that decides."""
        return self._listed("rule")

    def typologies(self) -> shapes.RuleList:
        """Every version of every typology."""
        return self._listed("typology")

    def rule(self, kind: str, name: str) -> shapes.RuleInFull:
        """Everything about one rule or typology."""
        versions = self._rules.versions(kind, name)
        if not versions:
            raise NotFound(self._book.no_such(kind, name))
        full = [shapes.VersionInFull(**self._version(v), toml=v.content) for v in versions]
        told = [self._happened(row) for row in self._rules.history() if (row.kind, row.name) == (kind, name)]
        return shapes.RuleInFull(full, told, [one for one in self.snoozes() if (one.rule, "rule") == (name, kind)])

    def check(self, file: shapes.RuleFile | str) -> shapes.Checked:
        """Hold rules against this home; nothing is kept."""
        with refusing():
            found = findings(file, self._book.names(), self._seen)
        return shapes.Checked(not any(one.level == "error" for one in found), found)

    def add(self, file: shapes.RuleFile | str, person: str, comment: str) -> shapes.Added:
        """Keep new versions as drafts; the first error refuses them all."""
        with refusing():
            pack = pack_of(file)
            found = findings(file, self._book.names(), self._seen)
            for one in found:
                if one.level == "error":
                    place = f" (line {one.file_line or one.line}, column {one.file_column or one.column})" * bool(
                        one.line
                    )
                    raise BadRule(
                        f"rule {one.rule!r}{place}: {one.message}{'; ' * bool(one.suggestion)}{one.suggestion}"
                    )
            kept = self._book.add(pack, person, comment)
        return shapes.Added([shapes.Version(**self._version(v)) for v in kept], found)

    def move(self, kind: str, name: str, wish: shapes.Move, person: str) -> shapes.Moved:
        """Put a version into another lane, or ask for it."""
        with refusing():
            place = Place(wish.lane, wish.share if wish.lane == "canary" else 1.0)
            return self._moved(self._book.move(kind, name, wish.version, place, person, wish.comment))

    def rollback(self, kind: str, name: str, person: str, comment: str) -> shapes.Moved:
        """Ask for the version that was live before."""
        with refusing():
            return self._moved(self._book.rollback(kind, name, person, comment))

    def changes(self, state: str | None, before: int | None, limit: int) -> list[shapes.Change]:
        """Changes, the newest first."""
        found = self._rules.changes(cast(Any, state), before, limit)
        return [shapes.Change(**self._change(one)) for one in found]

    def change(self, id_: int) -> shapes.ChangeInFull:
        """One change with its first rows."""
        with refusing(missing=True):
            return self._in_full(self._rules.change(id_))

    def answer(self, id_: int, answer: str, person: str, comment: str) -> shapes.ChangeInFull:
        """Approve, reject or withdraw."""
        self.change(id_)
        with refusing():
            return self._in_full(self._book.answer(id_, answer, person, comment))

    def lists(self) -> list[shapes.OneList]:
        """Every list that somebody agreed to."""
        found = self._book.standing.lists.items()
        return [shapes.OneList(name, cast(Any, one.purpose), list(one.changes)) for name, one in sorted(found)]

    def entries(self, name: str, after: str, limit: int) -> list[shapes.ListRow]:
        """Who stands on a list."""
        if name not in self._book.standing.lists:
            raise NotFound(self._book.no_list(name))
        return [self._list_row(row) for row in self._rules.entries(name, after, limit)]

    def change_list(self, name: str, wish: shapes.ListChange, person: str, into: int | None) -> shapes.ChangeInFull:
        """Ask for rows to be added or removed."""
        with refusing():
            rows = [
                ListRow(row.entity, row.action, row.reason, row.owner or person, moment_us("expires", row.expires))
                for row in wish.rows
            ]
            here_us = self._here_us()
            for number, row in enumerate(rows, 1):
                if row.expires_us is not None and row.expires_us <= here_us:
                    over = self._at(row.expires_us)
                    raise BadRule(f"row {number}: {row.entity[:80]!r} would never be on the list, {over} is over")
            return self._in_full(self._book.ask_list(name, wish.purpose, rows, person, wish.comment, into))

    def backtest(self, wish: shapes.BacktestWish, refunded: Sequence[str] = ()) -> shapes.Backtest:
        """Start a backtest, or find the one that was started for the same wish; `refunded` events are told apart."""
        if self._jobs is None:
            raise NotReady("no server runs here: use `haechi backtest`")
        with refusing():
            id_ = self._jobs.start(self._job(wish, refunded))
        return self.backtest_of(id_)

    def backtest_of(self, id_: str) -> shapes.Backtest:
        """How far a backtest is."""
        state = "unknown" if self._jobs is None or not id_.isalnum() else self._jobs.state(id_)
        if self._jobs is None or state == "unknown":
            raise NotFound(f"there is no backtest {id_[:40]!r}: POST /v1/backtests starts one, the newest are kept")
        report = self._jobs.report(id_) if state == "done" else None
        why = self._jobs.why(id_) if state == "failed" else ""
        return shapes.Backtest(id=id_, state=cast(Any, state), report=report, why=why)

    def backtest_text(self, id_: str) -> str:
        """The file of the rule that was written for a backtest, which nobody may have kept."""
        self.backtest_of(id_)
        assert self._jobs is not None
        return self._jobs.texts(id_)[-1]

    def _job(self, wish: shapes.BacktestWish, refunded: Sequence[str]) -> Job:
        """What a child needs to know: texts, versions and lists, for it never opens the database."""
        chosen = [self._book.version("rule", *_ref(word)) for word in wish.rules]
        acting = self._book.standing.asked() if wish.live else []
        known = {(v.name, v.version) for v in chosen}
        chosen += [
            self._book.version("rule", name, number)
            for (kind, name, number), place in acting
            if kind == "rule" and place.lane == "live" and (name, number) not in known
        ]
        rules = [msgspec.structs.replace(read_pack(v.content).rules[0], version=v.version) for v in chosen]
        rules += read_pack(wish.toml).rules
        names = self._book.names()
        for rule in rules:
            check(rule.condition, names)
        if not rules:
            raise NotAgreed("name at least one rule to judge")
        # A file names a rule once; versions of one rule are told apart by number, in order.
        texts = [write_pack(Pack(rules=(msgspec.structs.replace(r, version=1),))) for r in rules]
        lists = {
            name: [(row.entity, row.expires_us) for row in listed(self._rules, one.changes).values()]
            for name, one in self._book.standing.lists.items()
        }
        span = moment_us("since", wish.since), moment_us("until", wish.until)
        check_span(*span)
        through = self._book.store.journal.durable_seq
        return Job(str(self._home), texts, [r.version for r in rules], lists, *span, sorted(refunded), through)

    def snoozes(self) -> list[shapes.Snoozed]:
        """Every snooze as it was set last."""
        found = sorted(self._book.standing.snoozes.items())
        here_us = self._here_us()
        return [
            shapes.Snoozed(rule=r, entity=e, id=i, until=self._at(one.until_us), ended=one.until_us <= here_us)
            for (r, e, i), one in found
        ]

    def snooze(self, wish: shapes.Snooze, person: str) -> shapes.Snoozed:
        """Let one rule rest for one entity."""
        with refusing():
            until_us = moment_us("until", wish.until) or 0
            self._book.snooze(wish.rule, wish.entity, wish.id, until_us, person, wish.reason)
        known = self._seen is None or self._seen.heard(wish.entity, wish.id)
        unseen = "" if known else f"no event of {wish.entity} {wish.id!r} is known: check it"
        return shapes.Snoozed(
            rule=wish.rule, entity=wish.entity, id=wish.id, until=self._at(until_us), warning=unseen,
            ended=until_us <= self._here_us(),
        )  # fmt: skip

    def _here_us(self) -> int:
        """Where the home stands in time: today, or with its events where these are of the past.

        Rules, lists and snoozes hold for the times of events, and a home may be made of history alone.
        """
        newest, now = None if self._seen is None else self._seen.newest_us(), self._book.now_us()
        return now if newest is None or newest > now - WEEK_US else newest

    def _listed(self, kind: str) -> shapes.RuleList:
        in_force, preparing = self._state()
        versions = [shapes.Version(**self._version(v)) for v in self._rules.versions(kind)]
        return shapes.RuleList(versions, in_force, preparing)

    def _version(self, version: RuleVersion) -> dict[str, Any]:
        place = self._book.standing.lane(version.kind, version.name, version.version)
        return {
            "kind": version.kind, "id": version.name, "version": version.version, "lane": place.lane,
            "share": place.share, "author": version.author, "created": self._at(version.created_us),
            "comment": version.comment, "hash": version.hash,
        }  # fmt: skip

    def _moved(self, found: Change | HistoryRow) -> shapes.Moved:
        if isinstance(found, Change):
            return shapes.Moved(state="waiting", change=shapes.Change(**self._change(found)), happened=None)
        return shapes.Moved(state="done", change=None, happened=self._happened(found))

    def _in_full(self, change: Change) -> shapes.ChangeInFull:
        return shapes.ChangeInFull(**self._change(change, FIRST_ROWS))

    def _change(self, change: Change, rows: int = FEW_ROWS) -> dict[str, Any]:
        content = msgspec.json.decode(change.content)
        told: dict[str, Any] = {"undoes": content.get("undoes"), "acted": content.get("acts", {})}
        if change.kind == "rule":
            rule = read_pack(self._book.version("rule", change.name, change.version).content).rules[0]
            told |= {"condition": rule.condition, "effect": effect_of(rule)}
        elif change.kind == "list":
            told["first_rows"] = [self._list_row(row) for row in self._rules.rows_of(change.id, rows)]
        return told | {
            "id": change.id, "kind": change.kind, "name": change.name, "version": change.version,
            "content": content, "author": change.author,
            "created": self._at(change.created_us), "needs": change.needs, "comment": change.comment,
            "state": change.state, "rows": change.rows, "answers": [self._answered(said) for said in change.answers],
        }  # fmt: skip

    def _answered(self, said: Approval) -> shapes.Answered:
        return shapes.Answered(person=said.person, answer=said.answer, comment=said.comment, at=self._at(said.at_us))

    def _happened(self, row: HistoryRow) -> shapes.Happened:
        content = msgspec.json.decode(row.content)
        if "until_us" in content:
            content["until"] = self._at(content["until_us"])
            content["ended"] = content["until_us"] <= self._here_us()
        change = None if row.change_id is None else self._rules.change(row.change_id)
        return shapes.Happened(
            number=row.number, what=row.what, kind=row.kind, id=row.name, version=row.version, content=content,
            person=row.person, at=self._at(row.at_us), change=row.change_id,
            comment="" if change is None else change.comment,
            answers=[] if change is None else [self._answered(said) for said in change.answers],
        )  # fmt: skip

    def _list_row(self, row: ListRow) -> shapes.ListRow:
        expires = None if row.expires_us is None else self._at(row.expires_us)
        return shapes.ListRow(
            entity=row.entity, action=row.action, reason=row.reason, owner=row.owner, expires=expires
        )  # fmt: skip


@contextmanager
def refusing(*, missing: bool = False) -> Iterator[None]:
    """What the rooms say no to, as a refusal with its status."""
    try:
        yield
    except Refusal:
        raise
    except Unknown as error:
        raise NotFound(str(error)) from None
    except JobsBusy as error:
        raise Busy(str(error)) from None
    except Disagreed as error:
        raise (NotFound if missing else Conflict)(str(error)) from None
    except NotAgreed as error:
        raise Conflict(str(error)) from None
    except (RulesError, FeatureError) as error:
        raise BadRule(str(error)) from None


def effect_of(rule: Rule) -> dict[str, Any]:
    """The one thing that a hit does."""
    return {name: value for name, value in msgspec.structs.asdict(rule.effect).items() if value is not None}


def _ref(word: str) -> tuple[str, int | None]:
    name, at, number = word.partition("@")
    if at and not (number.isascii() and number.isdigit() and len(number) < 10):
        raise Unknown(f"{word[:80]!r} is no version of a rule: write ID or ID@NUMBER")
    return name, int(number) if at else None
