"""The shapes of rules, changes, lists and snoozes as they go over the wire."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Texts = dict[str, str]
Lane = Literal["draft", "shadow", "canary", "live", "retired"]
Comment = Annotated[str, Meta(max_length=2_000)]
Moment = Annotated[str, Meta(description="ISO 8601 with a zone.", examples=["2026-01-01T00:00:00+09:00"])]


class RuleFile(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Rules and typologies, in JSON as in the TOML of a file of rules (docs/rules.md); `?comment=` says why."""

    rules: list[dict[str, Any]] = []
    typologies: list[dict[str, Any]] = []
    tests: list[dict[str, Any]] = []
    title: Texts = {}
    sources: list[str] = []


class Version(msgspec.Struct, kw_only=True):
    """One version of a rule or typology, which never changes."""

    kind: Literal["rule", "typology"]
    id: str
    version: int
    lane: Lane
    share: Annotated[float, Meta(description="Of subjects, in canary.")]
    author: str
    created: Moment
    comment: str
    hash: str


class VersionInFull(Version, kw_only=True):
    """One version with its text."""

    toml: str


class RuleList(msgspec.Struct):
    """Versions in order; `in_force` names the set that decides, `preparing` one that is being made ready."""

    versions: list[Version]
    in_force: str
    preparing: str = ""


class Added(msgspec.Struct):
    """The versions as they were kept."""

    versions: list[Version]
    warnings: list[Finding]


class Finding(msgspec.Struct, kw_only=True):
    """One thing about one rule, with a pointer at the place: in its condition and, where it is known, in the file."""

    rule: str
    level: Literal["error", "warning"]
    message: str
    suggestion: str = ""
    line: int = 0
    column: int = 0
    pointer: str = ""
    file_line: int = 0
    file_column: int = 0


class Checked(msgspec.Struct):
    """What was found; `sound` when nothing keeps these rules from being kept."""

    sound: bool
    findings: list[Finding]


class Happened(msgspec.Struct, kw_only=True):
    """Something that took effect."""

    number: int
    what: Literal["trial", "lane", "list", "snooze"]
    kind: str
    id: str
    version: int
    content: dict[str, Any]
    person: str
    at: Moment
    change: int | None
    comment: Annotated[str, Meta(description="Why, where it was asked for.")] = ""
    answers: Annotated[list[Answered], Meta(description="Of the others, where they had to agree.")] = []


class RuleInFull(msgspec.Struct):
    """Every version, everything that happened, and every snooze that still lasts."""

    versions: list[VersionInFull]
    history: list[Happened]
    snoozes: list[Snoozed]


class Move(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Where a version shall go; left out, the newest version is meant."""

    lane: Lane
    version: Annotated[int, Meta(ge=1)] | None = None
    share: Annotated[float, Meta(gt=0, le=1, description="Of subjects, in canary.")] = 0.05
    comment: Comment = ""


class Commented(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Why."""

    comment: Comment = ""


class Answered(msgspec.Struct, kw_only=True):
    """What one person answered."""

    person: str
    answer: Literal["approve", "reject", "withdraw"]
    comment: str
    at: Moment


class Change(msgspec.Struct, kw_only=True):
    """What somebody asked for; it takes effect once `needs` others have approved."""

    id: int
    kind: Literal["rule", "typology", "list"]
    name: str
    version: int
    content: dict[str, Any]
    author: str
    created: Moment
    needs: int
    comment: str
    state: Literal["waiting", "done", "rejected", "withdrawn"]
    rows: int
    answers: list[Answered]
    undoes: Annotated[int | None, Meta(description="The version that a rollback takes back.")] = None
    acted: Annotated[dict[str, int], Meta(description="By lane, the versions that acted when it was asked.")] = {}
    condition: Annotated[str, Meta(description="Of the rule's version.")] = ""
    effect: Annotated[dict[str, Any], Meta(description="Of the rule's version: weight, minimum or fixed.")] = {}
    first_rows: Annotated[list[ListRow], Meta(description="Of a list: a few, added or removed.")] = []


class ListRow(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One entity on a list, or taken off it."""

    entity: Annotated[str, Meta(min_length=1, max_length=512)]
    action: Literal["add", "remove"] = "add"
    reason: Annotated[str, Meta(max_length=500)] = ""
    owner: Annotated[str, Meta(max_length=500)] = ""
    expires: Moment | None = None


class ChangeInFull(Change, kw_only=True):
    """A change and, for a list, more of its first rows."""


class Moved(msgspec.Struct, kw_only=True):
    """It took effect at once, or waits as a change."""

    state: Literal["waiting", "done"]
    change: Change | None
    happened: Happened | None


class ChangePage(msgspec.Struct):
    """Changes, the newest first; `next` is the cursor of the following page."""

    changes: list[Change]
    next: str | None


class Answer(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What you say to a change."""

    answer: Literal["approve", "reject"]
    comment: Comment = ""


class ListChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Rows to add to a list or take off it; a new list needs its purpose."""

    rows: Annotated[list[ListRow], Meta(min_length=1)]
    purpose: Literal["", "allow", "block", "watch"] = ""
    comment: Comment = ""


class OneList(msgspec.Struct):
    """A list."""

    name: str
    purpose: Literal["allow", "block", "watch"]
    changes: list[int]


class ListOfLists(msgspec.Struct):
    """Every list."""

    lists: list[OneList]


class ListPage(msgspec.Struct):
    """Entries by entity, expired ones too; `next` is the cursor of the following page."""

    entries: list[ListRow]
    next: str | None


class BacktestWish(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What to judge: rules of this home (`id` or `id@version`), rules as TOML, or both, and over which span."""

    rules: Annotated[list[str], Meta(max_length=100)] = []
    toml: str = ""
    live: Annotated[bool, Meta(description="Hold them against the rules that act now, too.")] = False
    since: Moment | None = None
    until: Moment | None = None


class Backtest(msgspec.Struct, kw_only=True):
    """A backtest: `report` once it is done, `why` when it failed. It knows all that was durable by then."""

    id: str
    state: Literal["running", "done", "failed"]
    report: dict[str, Any] | None = None
    why: str = ""


class Snooze(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One rule shall not act for one entity until then; a time that is over ends a snooze."""

    rule: str
    entity: Annotated[str, Meta(description="The kind of entity: customer, card, ...")]
    id: Annotated[str, Meta(min_length=1, max_length=512)]
    until: Moment
    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class Snoozed(msgspec.Struct, kw_only=True):
    """A snooze as it stands."""

    rule: str
    entity: str
    id: str
    until: Moment
    warning: Annotated[str, Meta(description="What to look at again, right after it was set.")] = ""
    ended: Annotated[bool, Meta(description="Whether its end lies before the newest events.")] = False


class Snoozes(msgspec.Struct):
    """Every snooze, ended ones too, as it was set last."""

    snoozes: list[Snoozed]
