"""The action with the lowest expected cost: examples, and what must hold for every policy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haechi.decision import ACTIONS, Policy, combined_risk, weigh
from haechi.events import Signal

from .house_for_tests import event

SHARES = st.floats(0, 1)
RISING = st.lists(SHARES, min_size=3, max_size=3).map(sorted)
MONEY = st.integers(0, 10**7)


def signals(*scores: float) -> list[Signal]:
    return [Signal(f"d{i}", score, "1") for i, score in enumerate(scores)]


@st.composite
def policies(draw) -> Policy:
    stops, bothers, from_risk = draw(RISING), draw(RISING), draw(RISING)
    actions = {
        name: {"stops": stops[i], "bothers": bothers[i], "from_risk": from_risk[i]}
        for i, name in enumerate(ACTIONS[1:])
    }
    prices = {
        "friction": {name: draw(MONEY) for name in ACTIONS[1:]}, "bothered": draw(MONEY), "assumed_amount": draw(MONEY),
    }  # fmt: skip
    trust = {"d0": draw(SHARES)} if draw(st.booleans()) else {}
    return Policy.parse(
        {"actions": actions, "prices": {"KRW": prices}, "trust": trust, "unrecovered_share": draw(SHARES)}
    )


def severity(scores: list[float], amount: int | None, policy: Policy, may_hold: bool = True) -> int:
    weighed = weigh(event(amount=amount), signals(*scores), policy, may_hold=may_hold)
    return ACTIONS.index(weighed.action)


@given(policies(), st.lists(SHARES, min_size=1, max_size=4), st.data(), MONEY, st.booleans())
def test_a_higher_signal_never_makes_the_action_milder(policy, scores, data, amount, may_hold) -> None:
    which = data.draw(st.integers(0, len(scores) - 1))
    higher = [*scores]
    higher[which] = data.draw(st.floats(scores[which], 1))
    assert severity(higher, amount, policy, may_hold) >= severity(scores, amount, policy, may_hold)
    before, after = (weigh(event(amount=amount), signals(*s), policy) for s in (scores, higher))
    assert after.risk >= before.risk
    assert after.expected_loss >= before.expected_loss


@given(policies(), st.lists(SHARES, min_size=1, max_size=4), SHARES, MONEY)
def test_one_more_signal_never_makes_the_action_milder(policy, scores, another, amount) -> None:
    assert severity([*scores, another], amount, policy) >= severity(scores, amount, policy)


@given(policies(), SHARES, MONEY, MONEY)
def test_a_higher_amount_never_makes_the_action_milder(policy, score, amount, more) -> None:
    assert severity([score], amount + more, policy) >= severity([score], amount, policy)


@given(policies(), SHARES, MONEY)
def test_no_other_permitted_action_is_cheaper(policy, score, amount) -> None:
    chosen = weigh(event(amount=amount), signals(score), policy)
    loss = chosen.risk * amount * policy.unrecovered_share
    costs = {
        s.action: loss * s.passes + s.friction + (1 - chosen.risk) * s.bother
        for s in policy.steps["KRW"]
        if chosen.risk >= s.from_risk
    }
    assert costs[chosen.action] == min(costs.values())


@pytest.mark.parametrize(
    ("score", "amount", "action"),
    [
        (0.0, 7_000, "allow"),
        (0.004, 10_000_000, "allow"),  # below the risk at which anything may be done
        (0.02, 500_000, "challenge"),
        (0.02, 2_000, "allow"),  # the check costs more than it saves
        (0.93, 7_000, "hold"),
        (0.3, 1_000_000, "hold"),
        (0.99, 1_000_000, "block"),
    ],
)
def test_the_default_policy_in_won(score, amount, action) -> None:
    assert weigh(event(amount=amount), signals(score), Policy()).action == action


def test_euros_have_prices_of_their_own() -> None:
    weighed = weigh(event(amount=50_000, currency="EUR"), signals(0.3), Policy())
    assert (weighed.action, weighed.expected_loss) == ("hold", 15_000)
    assert weighed.urgency == 100.0


def test_an_event_without_an_amount_is_weighed_with_the_assumed_one() -> None:
    assert weigh(event(amount=None), signals(0.5), Policy()).expected_loss == 150_000


def test_an_amount_without_a_currency_is_in_the_banks_own() -> None:
    assert weigh(event(currency=""), signals(0.5), Policy()).expected_loss == 3_500


def test_a_currency_without_prices_falls_back_on_the_assumed_amount() -> None:
    assert weigh(event(currency="GBP", amount=9), signals(0.5), Policy()).expected_loss == 150_000


def test_a_review_that_costs_nothing_still_ranks() -> None:
    policy = Policy.parse({"prices": {"KRW": {"friction": {"hold": 0}}}})
    assert weigh(event(), signals(0.5), policy).urgency == 3_500


def test_the_highest_signal_counts_and_trust_turns_it_down() -> None:
    assert combined_risk(signals(0.2, 0.7, 0.4), Policy()) == 0.7
    assert combined_risk(signals(0.2, 0.7, 0.4), Policy.parse({"trust": {"d1": 0.5}})) == 0.4
    assert combined_risk([], Policy()) == 0.002


def test_without_room_for_a_review_the_next_best_action_is_taken() -> None:
    assert weigh(event(amount=20_000), signals(0.93), Policy(), may_hold=False).action == "block"
    assert weigh(event(amount=1_000_000), signals(0.3), Policy(), may_hold=False).action == "challenge"


@given(SHARES, st.dictionaries(st.sampled_from(["fixed", "minimum"]), st.sampled_from(ACTIONS)))
def test_a_floor_stands_whatever_the_risk(risk: float, floor: dict) -> None:
    alone = weigh(event(), signals(risk), Policy())
    agreed = weigh(event(), signals(risk), Policy(), floor=floor)
    least = ACTIONS.index(floor.get("minimum", "allow"))
    assert ACTIONS.index(agreed.action) == max(ACTIONS.index(floor.get("fixed", alone.action)), least)
    assert agreed[1:] == alone[1:], "the risk stays what the signals say"


def test_money_that_comes_in_is_not_lost_by_letting_it_in() -> None:
    salary = event(kind="deposit", amount=1_303_980)
    assert weigh(salary, signals(0.02), Policy()) == ("allow", 0.02, 0, 0.0)
    assert weigh(event(kind="transfer", amount=1_303_980), signals(0.02), Policy()).action == "challenge"
    watched = Policy.parse({"at_stake": {"deposit": 1.0}})
    assert weigh(salary, signals(0.02), watched).action == "challenge", "a bank that hunts mules says otherwise"


@pytest.mark.parametrize("kind", ["login", "device", "payee", "limit_change"])
def test_what_moves_no_money_is_asked_about_only_when_it_is_likely(kind: str) -> None:
    quiet = event(kind=kind, amount=None)
    assert weigh(quiet, signals(0.05), Policy()).action == "allow"
    assert weigh(quiet, signals(0.2), Policy()).action == "challenge"
    assert weigh(event(kind="payment", amount=None), signals(0.05), Policy()).action != "allow"
    watched = Policy.parse({"at_stake": {kind: 1.0}})
    assert weigh(quiet, signals(0.05), watched).action != "allow", "a bank whose labels name such events says otherwise"


def test_a_rule_holds_whatever_is_at_stake() -> None:
    assert weigh(event(kind="deposit"), signals(0.9), Policy(), floor={"minimum": "hold"}).action == "hold"
