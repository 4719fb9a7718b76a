"""Every attack is refused in words, or runs within limits; none raises in a decision."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from haechi.events import Event
from haechi.features import Exact, Known, Memory
from haechi.rules import BadRule, RulesError
from haechi.rules.check import check
from haechi.rules.names import Names
from haechi.rules.ruleset import RuleSet

from .attacks import BOMBS, every_attack
from .making import START_US, bank, history, lists, names, rule

ATTACKS = every_attack()
# Suggestions compare a strange name with every known one; a tenth of the names keeps these thousands of refusals quick.
FEW = replace(names(), symbols=dict(list(names().symbols.items())[::-1][:80]))
SECONDS_MAX = 0.5  # far above what any takes; a bomb would take minutes
LONG = "a" * 3_999 + "!"


@pytest.fixture(scope="module")
def asked() -> list[tuple[Event, Known]]:
    """A few events with what was known, among them one with nothing and one with hostile texts."""
    _, spec = bank()
    memory = Memory(spec)
    memory.keep_windows(Exact([], spec))
    hostile = {"customer": LONG, "payee": "'; DROP TABLE rules; --", "device": LONG, "account": "\x00\u202e"}
    found = [*history(20, 3), Event(id="bare", kind="", time_us=START_US, entities={})]
    found.append(Event(id="hostile", kind="\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
                       time_us=START_US, entities=hostile, amount=10**15, currency="EUR",
                       numbers={"risk": -1e308, "duration_s": 1e-308}))  # fmt: skip
    seen = [(event, memory.look_and_learn(event)) for event in found[-6:]]
    RuleSet.compile([rule("hour > 3")], names(), lists()).decide(*seen[0])  # loads the machine
    return seen


def test_there_are_enough_attacks() -> None:
    assert len(ATTACKS) >= 1_500


def decided(condition: str, asked: list[tuple[Event, Known]]) -> bool:
    """Whether a condition was accepted; then it was also asked about every event."""
    begun = time.process_time()
    rules = RuleSet.compile([rule(condition)], FEW, lists())
    for event, known in asked:
        outcome = rules.decide(event, known)
        assert len(outcome.lines) <= 1
    assert time.process_time() - begun < SECONDS_MAX
    for error in rules.broken.values():
        assert 0 <= error.position <= len(condition)
        assert str(error)
        assert "\n" not in str(error)
        assert error.pointer().count("\n") == 1 or not condition.strip() or len(condition) > 4_000
    return not rules.broken


def test_every_attack_is_refused_or_runs_within_limits(asked: list[tuple[Event, Known]]) -> None:
    accepted = [attack for attack in ATTACKS if decided(attack, asked)]
    assert not [a for a in accepted if "__" in a.split("'")[0].split('"')[0]], "no name begins with an underscore"
    assert len(accepted) < len(ATTACKS) / 3


def texts() -> Iterator[str]:
    yield from ("a" * n + "!" for n in (10, 100, 1_000, 3_999))


@pytest.mark.parametrize("bomb", BOMBS[:12])
def test_no_regular_expression_explodes(bomb: str) -> None:
    from haechi.rules.patterns import BadPattern, asks

    begun = time.process_time()
    try:
        ask = asks("matches", bomb)
    except BadPattern:
        return
    answers = [ask(text) for text in texts()]
    assert len(answers) == 4
    assert time.process_time() - begun < SECONDS_MAX


def test_dividing_by_nothing_is_undecided(asked: list[tuple[Event, Known]]) -> None:
    for condition in ("hour / (hour - hour) > 1", "hour % (hour - hour) >= 0", "risk / 0 > 1", "risk * risk > 1"):
        rules = RuleSet.compile([rule(condition)], names(), lists())
        assert not rules.broken
        results = {line["result"] for event, known in asked for line in rules.decide(event, known).lines}
        assert "undecided" in results


def test_a_name_that_is_a_bomb_itself_is_refused() -> None:
    schema, spec = bank()
    for text in ("a" * 3_000 + " > 3", "customer." + "x." * 1_500 + "x"):
        begun = time.process_time()
        with pytest.raises(BadRule):
            check(text, Names.of(schema, spec))
        assert time.process_time() - begun < SECONDS_MAX


def test_every_refusal_is_one_of_ours() -> None:
    assert issubclass(BadRule, RulesError)
    rng = np.random.default_rng(5)
    for _ in range(300):
        text = bytes(rng.integers(1, 256, 40).tolist()).decode("latin-1")
        with pytest.raises(BadRule):
            check(text, names())
