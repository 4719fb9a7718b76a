"""A small share of what would be stopped is let through, by chance that can be repeated, and the decision says so."""

from __future__ import annotations

import pytest

from haechi.decision import Policy
from haechi.decision.conclude import conclude
from haechi.decision.errors import BadPolicy
from haechi.events import Signal

from .house_for_tests import Detector, Said, Told, event, house

SHARE = 0.1


def decided(number: int, policy: Policy, score: float = 0.99, agreed: Said | None = None):
    home = house([Detector(score)], policy)
    return conclude(event(id=f"e-{number}"), Told(), [Signal("supervised", score, "1")], [], home, agreed)


def test_about_the_share_is_let_through_and_says_what_was_not_done() -> None:
    policy = Policy.parse({"release_share": SHARE, "release_loss_max": 10**9})
    told = [decided(n, policy) for n in range(600)]
    let = [d for d in told if d.released]
    assert 30 <= len(let) <= 95
    assert {(d.action, d.needs_a_person) for d in let} == {("allow", False)}
    (stopped,) = {d.action for d in told if not d.released}
    assert {d.released for d in let} == {stopped} <= {"hold", "block"}
    assert [d.released for d in told] == [decided(n, policy).released for n in range(600)], "a replay decides the same"


def test_another_policy_draws_anew() -> None:
    one = Policy.parse({"release_share": SHARE, "release_loss_max": 10**9})
    other = Policy.parse({"release_share": SHARE, "release_loss_max": 10**8})
    assert [decided(n, one).released for n in range(200)] != [decided(n, other).released for n in range(200)]


@pytest.mark.parametrize(
    ("policy", "score", "agreed"),
    [
        ({}, 0.99, None),
        ({"release_share": 0.2, "release_loss_max": 0}, 0.99, None),
        ({"release_share": 0.2, "release_loss_max": 10**9}, 0.0001, None),
        ({"release_share": 0.2, "release_loss_max": 10**9}, 0.99, Said(floor={"minimum": "hold"})),
    ],
    ids=["off unless asked for", "too dear", "allowed anyway", "asked for by a rule"],
)
def test_what_is_never_released(policy, score, agreed) -> None:
    assert not any(decided(n, Policy.parse(policy), score, agreed).released for n in range(100))


def test_a_large_share_is_no_policy() -> None:
    with pytest.raises(BadPolicy, match="release_share"):
        Policy.parse({"release_share": 0.5})
