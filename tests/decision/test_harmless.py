"""What is called harmless is what weighing would allow without asking what is at stake."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from haechi.decision.harmless import Harmless
from haechi.decision.heard import Heard, Signals
from haechi.decision.policy import Policy
from haechi.decision.weigh import combined_risk, weigh_stake

NAMES = ("supervised", "other", "behaviour", "behaviour.habit", "isolation")
POLICIES = (
    Policy.parse({}),
    Policy.parse({"trust": {"supervised": 0.5}, "actions": {"challenge": {"from_risk": 0.04}}}),
)
probability = st.tuples(st.one_of(st.sampled_from([0.0, 0.005, 0.01, 1.0]), st.floats(0, 0.02)), st.just(0.0))
rarity = st.floats(1, 3_000).map(lambda one_in: (1 - 1 / one_in, one_in))
signals = st.tuples(probability, st.one_of(probability, rarity), rarity, rarity, rarity)


@given(st.lists(signals, min_size=1, max_size=5), st.sampled_from(POLICIES))
def test_it_is_allowed_with_that_risk_whatever_is_at_stake(events, policy) -> None:
    scores, one_in = np.array(events).transpose(2, 1, 0)
    risks = Harmless(policy, NAMES).risks(scores, one_in)
    for i, risk in enumerate(risks):
        said = list(Signals(Heard([(name, "1") for name in NAMES], scores, one_in), i))
        if risk >= 0.0:
            assert risk == combined_risk(said, policy)
            assert weigh_stake(said, policy, "payment", "KRW", 10**12).action == "allow"
        else:
            limit = min(step.from_risk for step in policy.steps["KRW"][1:])
            asked = any(s.one_in >= policy.views[s.detector].one_in for s in said if s.detector in policy.views)
            assert asked or combined_risk(said, policy) >= limit


def test_what_nobody_gives_a_probability_for_or_is_unsound_is_weighed() -> None:
    scores = np.array([[0.5, 0.001, 1.5, np.nan], [0.0, 0.0, 0.0, 0.0]])
    one_in = np.array([[2.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]])
    risks = Harmless(POLICIES[0], ("supervised", "behaviour")).risks(scores, one_in)
    assert [risk >= 0.0 for risk in risks] == [False, True, False, False]
    assert Harmless(POLICIES[0], ()).risks(np.empty((0, 1)), np.empty((0, 1))) == [-1.0]


def test_signals_made_of_columns_are_a_sequence() -> None:
    heard = Heard([("a", "1"), ("b", "2")], np.array([[0.1], [0.2]]), np.array([[0.0], [3.0]]))
    said = Signals(heard, 0)
    assert (len(said), said[1].score, said[1].one_in, said[-1].detector) == (2, 0.2, 3.0, "b")
    assert [s.detector for s in said] == [s.detector for s in said[:]] == ["a", "b"]
