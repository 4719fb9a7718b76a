"""Counts of a backtest against a plain loop over the same verdicts."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from haechi.features import Exact, Memory
from haechi.features.replay import Replayer
from haechi.rules import HIT, OUT, UNDECIDED, Effect
from haechi.rules.backtest import DECIDED, EXAMPLES_MAX, Tally
from haechi.rules.ruleset import RuleSet

from .making import START_US, bank, frame, history, lists, names, rule

RULES = [
    rule("amount > 5_000 won", id="a", priority=900, effect=Effect(minimum="challenge")),
    rule('kind == "transfer" and hour < 12', id="b", effect=Effect(fixed="allow"), kinds=("transfer", "login")),
    rule("risk >= 0.5", id="c", effect=Effect(minimum="block")),
    rule('count(customer, "1d") >= 3 or customer.rank50 > 0.5', id="d", effect=Effect(fixed="hold"), priority=400),
]
HARD = ("allow", "challenge", "hold", "block")


def judged(n: int, seed: int, *, labelled: float = 0.8) -> tuple[RuleSet, pl.DataFrame, np.ndarray]:
    r = np.random.default_rng(seed)
    table = frame(history(n, seed))
    known = table["time_us"] + pl.Series(r.integers(0, 20, n) * 86_400_000_000)
    said = [None if action == "-" else action for action in r.choice(["-", *HARD], n).tolist()]
    table = table.with_columns(pl.Series(DECIDED, said, dtype=pl.String))
    label = np.where(r.random(n) < labelled, (r.random(n) < 0.3).astype(int), -1)
    table = table.with_columns(label=pl.Series(label, dtype=pl.Int8), known_at_us=known)
    rules = RuleSet.compile(RULES, names(), lists())
    _, spec = bank()
    replayer = Replayer(Memory(spec))
    replayer.memory.keep_windows(Exact(rules.windows, spec, currency="KRW"))
    features, _ = replayer.feed(table, np.ones(n, bool))
    return rules, table, rules.backtest(table, features, spec, replayer.windows, replayer.memory.windows)


@pytest.mark.parametrize(("seed", "maturity_days"), [(1, 0), (2, 3)])
def test_every_count_equals_a_plain_loop(seed: int, maturity_days: int) -> None:
    rules, table, results = judged(300, seed)
    as_of = int(table["time_us"].max()) + 2 * 86_400_000_000  # type: ignore[arg-type]
    tally = Tally(rules, as_of, maturity_days * 86_400_000_000, [row["id"] for row in table[::9].iter_rows(named=True)])
    tally.add(table[:0], results[:, :0])
    for start in range(0, 300, 77):
        tally.add(table[start : start + 77], results[:, start : start + 77])
    report = tally.report()
    rows = list(table.iter_rows(named=True))
    outcome = [outcome_of(row, as_of, maturity_days * 86_400_000_000) for row in rows]
    assert report["events"] == 300
    assert report["mature_labels"] == sum(o is not None for o in outcome)
    assert report["frauds"] == outcome.count(True)
    for number, one in enumerate(report["rules"]):
        assert one == {
            **expected(rules, number, results[number], rows, outcome),
            **beside(rules, number, results, rows),
        }
    for pair in report["overlap"]:
        a, b = (next(i for i, r in enumerate(rules.rules) if r.ref == ref) for ref in pair["rules"])
        hits_a, hits_b = results[a] == HIT, results[b] == HIT
        fraud = np.array([o is True for o in outcome])
        assert pair["both"] == (hits_a & hits_b).sum()
        assert pair["only_first"] == (hits_a & ~hits_b).sum()
        assert pair["frauds"]["only_second"] == (~hits_a & hits_b & fraud).sum()
    assert report["actions"] == dict(Counter(dict.fromkeys(HARD, 0)) | Counter(actions(rules, results)))
    was = table[DECIDED].to_list()
    assert report["decided"] == changed(was, actions(rules, results, [action or "allow" for action in was]), outcome)


def outcome_of(row: dict[str, Any], as_of: int, maturity_us: int) -> bool | None:
    if row["label"] < 0 or row["known_at_us"] > as_of or row["time_us"] > as_of - maturity_us:
        return None
    return row["label"] == 1


def beside(rules: RuleSet, number: int, results: np.ndarray, rows: list[dict[str, Any]]) -> dict[str, int]:
    """Hits that were refunded (every ninth event is), and hits of no rule of another name."""
    name = rules.rules[number].id
    others = [n for n, rule in enumerate(rules.rules) if rule.id != name]
    hits = [n for n in range(len(rows)) if results[number][n] == HIT]
    return {
        "refunded": sum(n % 9 == 0 for n in hits),
        "alone": sum(not any(results[other][n] == HIT for other in others) for n in hits),
    }


def expected(rules: RuleSet, number: int, results: np.ndarray, rows: list[dict[str, Any]], outcome: list[Any]) -> Any:
    counts: Counter[str] = Counter()
    caught: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    people: set[str] = set()
    days: dict[str, Counter[str]] = defaultdict(Counter)
    examples: dict[str, list[str]] = {"frauds": [], "others": []}
    for result, row, fraud in zip(results.tolist(), rows, outcome, strict=True):
        asked, hit = result != OUT, result == HIT
        counts["asked"] += asked
        counts["hits"] += hit
        counts["undecided"] += result == UNDECIDED
        counts["caught"] += hit and fraud is True
        counts["false_alarms"] += hit and fraud is False
        counts["missed"] += asked and not hit and fraud is True
        counts["rightly_passed"] += asked and not hit and fraud is False
        if fraud and asked and row["amount"]:
            (caught if hit else missed)[row["currency"] or "KRW"] += row["amount"]
        if hit and fraud is False and row["entity:customer"]:
            people.add(row["entity:customer"])
        if hit:
            local = datetime.fromtimestamp(row["time_us"] // 1_000_000, UTC) + timedelta(hours=9)
            day = days[local.date().isoformat()]
            day["hits"] += 1
            day["caught"] += fraud is True
            day["false_alarms"] += fraud is False
            kind = examples["frauds" if fraud else "others"]
            kind += [row["id"]] if len(kind) < EXAMPLES_MAX else []
    judged = counts["caught"] + counts["false_alarms"]
    frauds = counts["caught"] + counts["missed"]
    confusion = {name: counts[name] for name in ("caught", "false_alarms", "missed", "rightly_passed")}
    return {
        "rule": rules.rules[number].ref,
        "asked": counts["asked"],
        "hits": counts["hits"],
        "undecided": counts["undecided"],
        "hits_without_mature_label": counts["hits"] - judged,
        "confusion": confusion,
        "precision": counts["caught"] / judged if judged else None,
        "recall": counts["caught"] / frauds if frauds else None,
        "money_caught": {c: v for c, v in sorted(caught.items()) if v},
        "money_missed": {c: v for c, v in sorted(missed.items()) if v},
        "customers_bothered": len(people),
        "by_day": [
            {"day": d, **{k: c[k] for k in ("hits", "caught", "false_alarms")}} for d, c in sorted(days.items())
        ],
        "examples": examples,
    }


def changed(was: list[str | None], becomes: list[str], outcome: list[bool | None]) -> Any:
    found = Counter(
        (first, second, kind)
        for first, second, fraud in zip(was, becomes, outcome, strict=True)
        if first is not None and first != second
        for kind in ("events", *(["frauds"] if fraud is True else ["honest"] if fraud is False else []))
    )
    pairs = sorted({key[:2] for key in found}, key=lambda pair: [HARD.index(action) for action in pair])
    lines = [{"from": a, "to": b, **{k: found[a, b, k] for k in ("events", "frauds", "honest")}} for a, b in pairs]
    return {"events": sum(action is not None for action in was), "changed": lines}


def actions(rules: RuleSet, results: np.ndarray, before: list[str] | None = None) -> list[str]:
    """The same as a decision would say: asked for by `conclude` for each event."""
    from haechi.events import Event
    from haechi.rules.conclusion import conclude

    found = []
    for number, column in enumerate(results.T.tolist()):
        event = Event(id="e", kind="x", time_us=START_US, entities={})
        said = conclude(rules, event, [(i, r) for i, r in enumerate(column) if r in (HIT, UNDECIDED)], ())
        found.append(said.resolve("allow" if before is None else before[number]))  # type: ignore[arg-type]
    return found


def test_immature_labels_are_warned_of_and_nothing_is_said_of_frauds() -> None:
    rules, table, results = judged(60, 3)
    nothing = Tally(rules, 0)
    assert nothing.report()["warnings"] == ["no event lies in this span"]
    early = Tally(rules, int(table["time_us"].min()) - 1)  # type: ignore[arg-type]
    early.add(table, results)
    report = early.report()
    assert report["warnings"][0].startswith("no label is mature yet")
    assert all(one["confusion"] is None and one["precision"] is None for one in report["rules"])
    few = Tally(rules, 2**62)
    few.add(table.with_columns(label=pl.when(pl.int_range(pl.len()) < 5).then(0).otherwise(-1).cast(pl.Int8)), results)
    assert few.report()["warnings"] == [
        "only 8% of the events have a mature label: judge an earlier span, or wait",
        "there is no confirmed fraud in this span: recall cannot be told",
    ]
    for frauds, counted in ((1, "one confirmed fraud"), (9, "9 confirmed frauds"), (10, "")):
        some = Tally(rules, 2**62)
        label = pl.when(pl.int_range(pl.len()) < frauds).then(1).otherwise(0).cast(pl.Int8)
        some.add(table.with_columns(label=label), results)
        told = f"only {counted} in this span: precision and recall say nothing yet; judge a longer span"
        assert some.report()["warnings"] == [told] * bool(counted)


def test_a_frame_without_labels_amounts_and_people_is_counted_too() -> None:
    rules, table, results = judged(60, 3)
    bare = Tally(rules, 2**62)
    bare.add(table.drop("label"), results)
    assert bare.report()["rules"][0]["hits"] == int((results[0] == HIT).sum())
    plain = Tally(rules, 2**62)
    plain.add(table.drop("amount", "currency", "entity:customer"), results)
    assert plain.report()["rules"][0]["money_caught"] == {}
    home = Tally(rules, 2**62)
    home.add(table.drop("currency"), results)
    assert set(home.report()["rules"][0]["money_caught"]) <= {"KRW"}


def test_a_rule_that_was_asked_about_no_event_is_told() -> None:
    rules, table, results = judged(40, 3)
    tally = Tally(rules, int(table["time_us"].max()))  # type: ignore[arg-type]
    results = results.copy()
    results[0] = OUT
    tally.add(table, results)
    said = f"{rules.rules[0].ref} was asked about no event: none in this span is of its kinds, "
    assert [one.startswith(said) for one in tally.report()["warnings"]].count(True) == 1
