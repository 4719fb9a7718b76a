"""All rules of a home at one moment: compiled once, immutable; decides one event or judges years of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite

import msgspec
import numpy as np
import polars as pl

from haechi.events import Event
from haechi.features import Known, Spec, Window
from haechi.rules.check import Checked, check
from haechi.rules.conclusion import Effects, Snoozes, conclude
from haechi.rules.errors import BadRule
from haechi.rules.expression import Constant, Expression, Input, Leaf, Operation, Word, walk
from haechi.rules.lists import Lists
from haechi.rules.machine import FULL, decide_one, judge_rows
from haechi.rules.names import Names
from haechi.rules.outcome import Outcome
from haechi.rules.program import Program, assemble
from haechi.rules.reader import MOMENT, Reader
from haechi.rules.rule import Rule, Typology

__all__ = ["RULES_MAX", "RuleSet"]

RULES_MAX = 5_000
ASKED = ("shadow", "canary", "live")
_NOTHING = np.zeros(0)


@dataclass(frozen=True, eq=False)
class RuleSet:
    """Rules in order of priority with one program for all of them. `decide` is for one thread at a time."""

    rules: tuple[Rule, ...]
    typologies: tuple[Typology, ...]
    names: Names
    lists: Lists
    snoozes: Snoozes
    checked: Mapping[str, Checked]  # condition -> what was found in it
    broken: Mapping[str, BadRule]  # rules that no longer fit the names, by ref: they are left out
    version: str
    reader: Reader
    program: Program
    effects: Effects
    judged: np.ndarray  # int64 [rules, 2]: the registers of condition and scope
    _scratch: _Scratch = field(repr=False)

    @classmethod
    def compile(
        cls,
        rules: Iterable[Rule],
        names: Names,
        lists: Lists | None = None,
        *,
        typologies: Sequence[Typology] = (),
        snoozes: Snoozes | None = None,
        lanes: Sequence[str] = ASKED,
        before: RuleSet | None = None,
    ) -> RuleSet:
        """Compile the rules in these lanes; those whose condition does not fit the names are named in `broken`.

        lists: made with the seed of the memory, by which attributes are compared too.
        before: an earlier set whose checked conditions are used again when it knew the same names.
        """
        chosen = sorted((r for r in rules if r.lane in lanes), key=lambda r: (-r.priority, r.id, r.version))
        if len(chosen) > RULES_MAX:
            raise BadRule(f"{len(chosen):,} rules, the limit is {RULES_MAX:,}; retire some")
        lists = lists or Lists()
        known = before.checked if before is not None and before.names is names else {}
        checked, broken = _check_all(chosen, names, known)
        kept = tuple(r for r in chosen if r.ref not in broken)
        return cls._of(
            kept, tuple(t for t in typologies if t.lane in lanes), names, lists, snoozes or {}, checked, broken
        )

    @classmethod
    def _of(
        cls,
        rules: tuple[Rule, ...],
        typologies: tuple[Typology, ...],
        names: Names,
        lists: Lists,
        snoozes: Snoozes,
        checked: Mapping[str, Checked],
        broken: Mapping[str, BadRule],
    ) -> RuleSet:
        conditions = [checked[rule.condition].expression for rule in rules] + [_scope(rule, names) for rule in rules]
        parts = [e for condition in conditions for e in walk(condition)]
        reader = Reader(
            [e.input for e in parts if isinstance(e, Leaf)],
            [e for e in parts if isinstance(e, Word)],
            names,
            lists.seed,
        )
        program = assemble(conditions, reader.inputs, reader.number)
        roots = np.array(program.roots, np.int64).reshape(2, -1).T
        version = _version(rules, typologies)
        scratch = _Scratch(program, reader, len(rules), lists)
        judged = np.ascontiguousarray(roots)
        return cls(
            rules, typologies, names, lists, snoozes, checked, broken, version, reader, program, Effects.of(rules),
            judged, scratch,
        )  # fmt: skip

    @property
    def windows(self) -> tuple[Window, ...]:
        """The exact windows that the memory has to keep for these rules."""
        return tuple(dict.fromkeys(w for rule in self.rules for w in self.checked[rule.condition].windows))

    def with_lists(self, lists: Lists) -> RuleSet:
        """The same rules with other lists."""
        return replace(self, lists=lists, _scratch=_Scratch(self.program, self.reader, len(self.rules), lists))

    def with_snoozes(self, snoozes: Snoozes) -> RuleSet:
        """The same rules with other snoozes."""
        return replace(self, snoozes=snoozes)

    def decide(self, event: Event, known: Known) -> Outcome:
        """Ask every rule about one event."""
        scratch = self._scratch
        scratch.bind(self.reader, known)
        self.reader.one(event, scratch.regs, scratch.keys)
        exact = _NOTHING if known.exact is None else known.exact.reshape(-1)
        count = decide_one(
            scratch.regs, known.row, scratch.feature_at, self.reader.scales, exact, scratch.window_at, scratch.keys,
            scratch.lists, self.reader.starts, self.program.code, self.judged, scratch.found,
        )  # fmt: skip
        full, count = divmod(count, FULL)
        return conclude(self, event, scratch.found[:count].tolist(), self._approximate(exact) if full else ())

    def backtest(
        self,
        frame: pl.DataFrame,
        features: np.ndarray,
        spec: Spec,
        windows: np.ndarray | None = None,
        kept: Mapping[Window, int] | None = None,
    ) -> np.ndarray:
        """What every rule says of every event: int8 [rules, events] of MISS, HIT, UNDECIDED and OUT.

        features: float32 [events, features of spec]; windows: float64 [events, windows, 2] in the order of `kept`.
        """
        columns = self.reader.columns(frame, features, spec, windows, kept or {}, self.lists)
        results = np.empty((len(self.rules), frame.height), np.int8)
        program = self.program
        judge_rows(columns, program.constants, program.registers, program.code, self.judged, results)
        return results

    def seen(self, rule: Rule, event: Event, known: Known) -> dict[str, float | str | None]:
        """What a rule's condition looked at for one event, as rules write it; None for what is not known."""
        scratch = self._scratch
        self.decide(event, known)
        places = {i: at for at, i in enumerate(self.reader.inputs)}
        found: dict[str, float | str | None] = {}
        for one in self.checked[rule.condition].inputs:
            if one.source not in ("guard", "floor", "moment"):
                value = float(scratch.regs[places[one]]) / one.scale
                told = value if isfinite(value) else None
                found[_spoken_input(one)] = self.reader.text(event, one.name) if one.source == "word" else told
        return found

    def _approximate(self, exact: np.ndarray) -> tuple[str, ...]:
        """Which windows are "at least" for this event."""
        found = []
        for at, wanted in zip(self._scratch.window_at.tolist(), self.reader.windows, strict=True):
            if wanted.source == "exact" and at >= 0 and np.isnan(exact[at]) and not np.isnan(exact[at + 1]):
                assert wanted.window is not None
                found.append(spoken(wanted.window))
        return tuple(found)


class _Scratch:
    """Registers for one event at a time, and where the memory at hand keeps what they need."""

    def __init__(self, program: Program, reader: Reader, rules: int, lists: Lists) -> None:
        self.regs = np.zeros(program.registers)
        start = len(program.inputs)
        self.regs[start : start + len(program.constants)] = program.constants
        self.keys = np.zeros(max(len(reader.entities), 1), np.int64)
        self.found = np.zeros((max(rules, 1), 2), np.int64)
        self.lists = np.array(
            [(reader.entities.index(i.name), *lists.table(i.text)) for i in reader.lists], np.int64
        ).reshape(-1, 3)
        self.spec: Spec | None = None
        self.kept: Mapping[Window, int] | None = None
        self.feature_at = self.window_at = np.zeros(0, np.int64)

    def bind(self, reader: Reader, known: Known) -> None:
        """Find features and windows by name when the memory is another one than last time."""
        if known.spec is not self.spec or known.windows is not self.kept:
            kept = known.windows if known.exact is not None else {}
            self.feature_at, self.window_at = reader.places(known.spec, kept)
            self.spec, self.kept = known.spec, known.windows


def _spoken_input(wanted: Input) -> str:
    if wanted.window is not None:
        return spoken(wanted.window)
    if wanted.source == "pattern":
        return f"{wanted.operation}({wanted.name}, {wanted.text!r})"
    if wanted.source == "same":
        return f"{wanted.name} == {wanted.text}"
    if wanted.source == "list":
        return f"in_list({wanted.text!r}, {wanted.name})"
    return f"surprise({wanted.name!r})" if wanted.source == "surprise" else wanted.name or wanted.source


def spoken(window: Window) -> str:
    """A window as rules write it."""
    of = f", {window.of}" if window.of else ""
    where = "".join(f", {name}={values[0] if len(values) == 1 else list(values)!r}" for name, values in window.where)
    return f"{window.function}({window.entity}{of}, {window.span_us // 1_000_000}s{where})"


def _check_all(
    rules: Sequence[Rule], names: Names, known: Mapping[str, Checked]
) -> tuple[dict[str, Checked], dict[str, BadRule]]:
    checked: dict[str, Checked] = {}
    broken: dict[str, BadRule] = {}
    for rule in rules:
        found = checked.get(rule.condition) or known.get(rule.condition)
        try:
            checked[rule.condition] = found or check(rule.condition, names, strict=False)
        except BadRule as error:
            broken[rule.ref] = error
    return checked, broken


def _scope(rule: Rule, names: Names) -> Expression:
    """When a rule is asked at all: its kinds, and the time in which it holds."""
    moment = Leaf(MOMENT)
    parts: list[Expression] = []
    if rule.kinds:
        kind = names.symbols["kind"].leaf
        equal = tuple(Operation("==", (kind, Word(kind.input, text))) for text in rule.kinds)
        parts.append(equal[0] if len(equal) == 1 else Operation("or", equal))
    if rule.valid_from_us is not None:
        parts.append(Operation("<=", (Constant(float(rule.valid_from_us)), moment)))
    if rule.valid_until_us is not None:
        parts.append(Operation("<", (moment, Constant(float(rule.valid_until_us)))))
    if not parts:
        return Constant(1.0)
    return parts[0] if len(parts) == 1 else Operation("and", tuple(parts))


def _version(rules: Sequence[Rule], typologies: Sequence[Typology]) -> str:
    # One after the other: a call over all of them would hold up decisions that are taken meanwhile.
    digest = hashlib.sha256()
    for one in (*rules, *typologies):
        digest.update(msgspec.json.encode(one, order="deterministic") + b"\n")
    return digest.hexdigest()[:16]
