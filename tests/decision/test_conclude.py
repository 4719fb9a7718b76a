"""A decision carries all its evidence."""

from __future__ import annotations

from haechi.decision import Policy
from haechi.decision.conclude import conclude
from haechi.events import Signal

from .house_for_tests import Detector, Said, Told, event, house, reason


def test_a_currency_without_prices_is_named() -> None:
    decision = conclude(event(currency="GBP"), Told(), [Signal("supervised", 0.5, "1")], [], house())
    assert decision.degraded == ["policy.prices.GBP"]


def test_versions_include_the_policys() -> None:
    home = house()
    decision = conclude(event(), Told(), [Signal("supervised", 0.5, "1")], [], home)
    assert decision.versions == {"features": "f1", "model": "m1", "rules": "", "policy": home.policy.version}


RULE = reason("rules.school-hours", 1.0, "a minor during school hours", "수업 시간 중의 미성년자")


def concluded(score: float, agreed: Said | None, home=None):
    home = home or house([Detector(score, (reason("amount", 0.5),))])
    return conclude(event(), Told(), [Signal("supervised", score, "1")], [], home, agreed)


def test_what_rules_agreed_on_stands_above_costs_and_says_why() -> None:
    held = concluded(0.001, Said(floor={"minimum": "hold"}, told=(RULE,)))
    assert (held.action, held.needs_a_person, held.floor) == ("hold", True, {"minimum": "hold"})
    assert held.sentence["en"] == "Held a payment of 7,000 won: a minor during school hours; and amount is unusual."
    assert held.rules == [{"rule": "r", "version": 1, "result": "hit"}]
    assert held.versions["rules"] == "r1"


def test_a_rule_that_fixes_allow_lets_pass_what_a_model_would_stop_and_says_so() -> None:
    assert concluded(0.99, None).action != "allow"
    allowed = concluded(0.99, Said(floor={"fixed": "allow"}, told=(RULE,)))
    assert (allowed.action, allowed.needs_a_person, allowed.reasons) == ("allow", False, [RULE])
    assert allowed.sentence["en"] == "Allowed: a minor during school hours."
    assert allowed.score == 0.99


def test_a_rule_decides_where_nobody_else_could_judge() -> None:
    blocked = conclude(event(), Told(), [], [], house(), Said(floor={"fixed": "block"}, told=(RULE,)))
    assert (blocked.action, blocked.sentence["en"]) == (
        "block",
        "Blocked a payment of 7,000 won: a minor during school hours.",
    )


def test_what_a_rule_holds_is_reviewed_even_when_the_budget_is_used_up() -> None:
    home = house([Detector(0.99)], Policy.parse({"alert_budget_per_day": 1}))
    assert concluded(0.99, None, home).needs_a_person
    assert not concluded(0.6, Said(), home).needs_a_person
    held = concluded(0.6, Said(floor={"minimum": "hold"}), home)
    assert (held.action, held.needs_a_person) == ("hold", True)
