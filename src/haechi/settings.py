"""The settings of a home: its haechi.toml. All of it may be left out; TEMPLATE names every key and its default."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec

from haechi.cases.practice import Practice
from haechi.learning.life.policy import AskingPart, ModelsPart, RetrainPart, WatchPart
from haechi.learning.practice import Learning

__all__ = ["TEMPLATE", "BadSettings", "Settings"]

TEMPLATE = """\
# The settings of this home. Everything may be left out; what stands behind a # is the default.

[server]
# host = "127.0.0.1"            # other machines are let in only with `haechi serve --allow-remote`, behind TLS
# port = 8080

[limits]                        # what is over is refused with a sentence, never cut short
# body_bytes_max = 1_048_576    # of one event
# batch_bytes_max = 16_777_216  # of one batch
# batch_lines_max = 10_000
# in_flight_max = 1_024         # requests at once
# connections_max = 4_096

[memory]                        # how many records of each kind stay in memory: [memory] in features.toml
# cold = true                   # the longest unseen records go to a file; false: a full memory refuses new entities

[snapshots]
# every_entries = 100_000       # one after so many journal entries, and at a clean stop; the newest two are kept

[store]
# url = ""                      # left empty: haechi.db in this home

[rules]                         # what people agree on
# approvers = 1                 # how many others must agree before a rule or a list changes what is decided
# snooze_days_max = 180

[models]                        # how a model comes to decide; see haechi/learning/life/policy.py
# approvers = { shadow = 0, canary = 1, champion = 1 }         # others who must agree; 0: the policy agrees
# before_champion = ["gates", "shadow", "canary"]              # what a model must have been through
# shadow_decisions_min = 1_000  # that a shadow must have scored before it gets a say
# shadows_max = 4
# canary_share_max = 0.5
# rollback_on_alarm = true
# gates = { alert_budget_per_day = 100, worse_max = 0.01, slice_worse_max = 0.1, calibration_error_max = 0.005 }

[watch]                         # what is counted, and how long it is kept
# hours_kept = 72
# days_kept = 180
# scores_days = 45              # what every model said of every decision
# quiet_days = 14               # of history from which alarms learn what is quiet
# false_alarms_per_month = 0.25
# mature_days = 14              # after which most frauds are known
# never_reported = 0.45         # of frauds that nobody looks for, or only when nobody waits any more: assumed
# queue_events_max = 16_384     # beyond that decisions are not compared, and counted as missed

[retrain]                       # when a home trains again, in a process of its own; [learning] gives cores and memory
# every_days = 0                # 0: not by the calendar
# new_labels = 0                # frauds that became known since; 0: not by number
# on_drift = false
# niceness = 10
# hours_max = 12                # a training that takes longer is ended
# archive_every_entries = 100_000

[asking]                        # whom to ask "was this you?"
# per_day = 0                   # 0: nobody is asked
# days_between = 30             # for one customer
# hours_open = 48               # then a question counts as unanswered
# double_review_share = 0.05    # of decided alerts that a second person looks at

[cases]                         # how people work; see haechi/cases/practice.py
# lock_minutes = 30
# undo_s = 10
# checklist = ["Speak with the customer"]    # what is ticked off before a case is closed
# notes = { called = "Called {subject}: " }  # templates
# four_eyes = { KRW = 10000000 }             # from this amount on two people close a case
# refund_days = { frozen = 1, evidence = 2, decided = 3, paid = 3 }
# checklists = { block = ["the bank that received it was called"] }  # more lines, by action or level
# attachments = { bytes_max = 5242880, count_max = 20 }
# webhooks = { attempts_max = 15, timeout_s = 10 }

[learning]                      # how the house learns; see haechi/learning/practice.py
# mature_share = 0.95           # a data set ends where this share of the frauds is known
# presume_legitimate = true     # decided here, mature, never complained about: teaches as legitimate
# cores = 2                     # of a training's process
# memory_mib = 8_192
# reliability = { check = 0.9 } # how often a label of this kind is right
# segments = { age = "customer.age_years" }
# screening = { leakage = "refuse" }

[policy]                        # what a bank is willing to pay and to risk; see haechi/decision/policy.py
# currency = "KRW"
# unrecovered_share = 1.0       # of a fraud's amount that is lost for good
# at_stake = { deposit = 0.0, login = 0.05 }  # share of the amount that may be lost, by kind of event
# risk_without_signals = 0.002  # when no detector could judge
# prior_bits = { payment = 0.0, transfer = 2.0 }  # how much likelier fraud is beforehand, in doublings, by kind
# guess_from_risk = 0.05        # below it nobody is bothered for what is only unusual, but by a view
# deadline_ms = 20.0            # of each detector
# release_share = 0.0           # of what would be stopped is let through by chance, so that its outcome is known
# release_loss_max = 100000     # but nothing whose expected loss is above this
# alert_budget_per_day = 200    # left out: no limit
"""

Count = Annotated[int, msgspec.Meta(ge=1, le=2**40)]


class BadSettings(Exception):
    """haechi.toml cannot be used; the message says what to change."""


class Server(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the server listens."""

    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=0, le=65_535)] = 8080


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a caller may send."""

    # An event of more than 1 MiB could make a journal entry beyond its limit: reasons repeat what the event says.
    body_bytes_max: Annotated[int, msgspec.Meta(ge=1_024, le=1 << 20)] = 1 << 20
    batch_bytes_max: Annotated[int, msgspec.Meta(ge=1_024, le=1 << 30)] = 16 << 20
    batch_lines_max: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 10_000
    in_flight_max: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 1_024
    connections_max: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 4_096


class MemoryPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where records go when the memory is full."""

    cold: bool = True


class Snapshots(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often the memory is written down."""

    every_entries: Count = 100_000


class StorePart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where journal and tables are kept."""

    url: str = ""


class RulesPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How people agree on rules."""

    approvers: Annotated[int, msgspec.Meta(ge=1, le=10)] = 1
    snooze_days_max: Annotated[int, msgspec.Meta(ge=1, le=3_650)] = 180


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that haechi.toml says; `policy` is read by decision.Policy."""

    server: Server = Server()
    limits: Limits = Limits()
    memory: MemoryPart = MemoryPart()
    snapshots: Snapshots = Snapshots()
    store: StorePart = StorePart()
    rules: RulesPart = RulesPart()
    cases: Practice = Practice()
    models: ModelsPart = ModelsPart()
    watch: WatchPart = WatchPart()
    retrain: RetrainPart = RetrainPart()
    asking: AskingPart = AskingPart()
    learning: Learning = Learning()
    policy: dict[str, Any] = {}

    @classmethod
    def read(cls, path: Path) -> Settings:
        """Read a haechi.toml; BadSettings says in one line what is wrong with it."""
        try:
            tables = tomllib.loads(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise BadSettings(f"cannot read {path}: {error}") from error
        return cls.parse(tables)

    @classmethod
    def parse(cls, tables: Mapping[str, Any]) -> Settings:
        """Make settings of tables; a key that nobody knows is refused, with the nearest one that is known."""
        _check_keys(tables, cls.__struct_fields__, "haechi.toml")
        for name, part in PARTS.items():
            if isinstance(tables.get(name), Mapping):
                _check_keys(tables[name], part.__struct_fields__, f"[{name}] in haechi.toml")
        try:
            return msgspec.convert(tables, cls)
        except msgspec.ValidationError as error:
            raise BadSettings(f"haechi.toml: {error}".replace("`$.", "`")) from error


PARTS: dict[str, type[msgspec.Struct]] = {
    "server": Server, "limits": Limits, "memory": MemoryPart, "snapshots": Snapshots, "store": StorePart,
    "rules": RulesPart, "cases": Practice, "learning": Learning, "models": ModelsPart, "watch": WatchPart,
    "retrain": RetrainPart, "asking": AskingPart,
}  # fmt: skip


def _check_keys(given: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for key in given:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            advice = f"did you mean {near[0]!r}?" if near else f"it knows {', '.join(known)}"
            raise BadSettings(f"{where} does not know {key!r}; {advice}")
