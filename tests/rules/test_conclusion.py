"""What hits ask of a decision: lanes, shares, snoozes, weights, typologies, the order of actions."""

from __future__ import annotations

from typing import Any

import pytest

from haechi.events import Event
from haechi.features import Memory
from haechi.rules import Effect, Outcome, Rule, Typology
from haechi.rules.conclusion import in_canary
from haechi.rules.lists import Lists
from haechi.rules.ruleset import RULES_MAX, RuleSet

from .making import START_US, bank, names, rule

YES, NO, UNKNOWN = "lon > 100", "lon < 100", "risk > 3"
EVENT = Event(
    id="e", kind="transfer", time_us=START_US, entities={"customer": "c"}, amount=5, currency="KRW", lat=1.0, lon=127.0
)


def asked(*rules: Rule, event: Event = EVENT, **more: Any) -> Outcome:
    _, spec = bank()
    return RuleSet.compile(rules, names(), **more).decide(event, Memory(spec).look_and_learn(event))


def acts(name: str, priority: int = 500, condition: str = YES, **effect: Any) -> Rule:
    return rule(condition, id=name, priority=priority, effect=Effect(**effect))


def test_hits_and_what_is_undecided_are_named_and_misses_are_not() -> None:
    said = asked(
        rule(YES, id="a", version=3), rule(NO, id="b"), rule(UNKNOWN, id="c"), rule(YES, id="d", kinds=("login",))
    )
    assert said.lines == [
        {"rule": "a", "version": 3, "result": "hit", "lane": "live"},
        {"rule": "c", "version": 1, "result": "undecided", "lane": "live"},
    ]
    assert said.score == 0.5


def test_drafts_and_retired_rules_are_not_asked() -> None:
    assert asked(rule(YES, lane="draft"), rule(YES, id="b", lane="retired")).lines == []


def test_a_shadow_is_recorded_and_does_nothing() -> None:
    said = asked(rule(YES, lane="shadow", effect=Effect(fixed="block")))
    assert said.lines[0]["lane"] == "shadow"
    assert (said.score, said.fixed, said.minimum) == (None, None, "allow")


def test_a_canary_acts_for_always_the_same_share_of_subjects() -> None:
    canary = rule(YES, lane="canary", canary_share=0.3)
    people = [f"c{i}" for i in range(400)]
    inside = [p for p in people if in_canary(canary, p)]
    assert 80 < len(inside) < 160
    other = rule(YES, id="other", lane="canary", canary_share=0.3)
    assert inside != [p for p in people if in_canary(other, p)]
    for person, lane, score in (
        (inside[0], "canary", 0.5),
        (next(p for p in people if p not in inside), "shadow", 0.0),
    ):
        event = Event(id="e", kind="x", time_us=START_US, entities={"customer": person}, lon=127.0, lat=0.0)
        said = asked(canary, event=event)
        assert (said.lines[0]["lane"], said.score) == (lane, score)
    nobody = Event(id="e", kind="x", time_us=START_US, entities={}, lon=127.0, lat=0.0)
    assert asked(canary, event=nobody).lines[0]["lane"] in ("canary", "shadow")


def test_a_rule_holds_from_its_first_to_before_its_last_moment() -> None:
    for start, end, hits in ((0, 1, 1), (1, 2, 0), (-1, 0, 0), (0, None, 1), (None, 0, 0)):
        more = {"valid_from_us": None if start is None else START_US + start}
        more |= {"valid_until_us": None if end is None else START_US + end}
        assert len(asked(rule(YES, **more)).lines) == hits


def test_a_snoozed_hit_is_recorded_and_does_nothing_until_the_snooze_ends() -> None:
    for until, snoozed in ((START_US + 1, True), (START_US, False)):
        said = asked(rule(YES), snoozes={"r": {("customer", "c"): until}})
        assert said.lines[0].get("snoozed", False) is snoozed
        assert said.score == (0.0 if snoozed else 0.5)
    assert asked(rule(YES), snoozes={"r": {("customer", "d"): START_US + 1}}).score == 0.5
    _, spec = bank()
    awake = RuleSet.compile([rule(YES)], names())
    asleep = awake.with_snoozes({"r": {("customer", "c"): START_US + 1}})
    assert asleep.decide(EVENT, Memory(spec).look_and_learn(EVENT)).score == 0.0


def test_weights_join_as_independent_chances() -> None:
    said = asked(acts("a", weight=0.5), acts("b", weight=0.2), acts("c", weight=0.9, condition=NO))
    assert said.score == pytest.approx(0.6)
    assert asked(acts("a", weight=0.5, condition=NO)).score == 0.0
    assert asked(acts("a", minimum="hold")).score is None
    only_logins = rule(YES, kinds=("login",))
    assert asked(only_logins).score is None


@pytest.mark.parametrize(
    ("rules", "fixed", "minimum", "when_allowed", "when_blocked"),
    [
        ((), None, "allow", "allow", "block"),
        ((acts("a", minimum="challenge"), acts("b", minimum="hold")), None, "hold", "hold", "block"),
        ((acts("a", fixed="allow"),), "allow", "allow", "allow", "allow"),
        ((acts("a", 600, fixed="allow"), acts("b", 500, minimum="hold")), "allow", "allow", "allow", "allow"),
        ((acts("a", 500, fixed="allow"), acts("b", 600, minimum="hold")), "allow", "hold", "hold", "hold"),
        ((acts("a", fixed="allow"), acts("b", fixed="hold")), "hold", "allow", "hold", "hold"),
        ((acts("a", 600, fixed="allow"), acts("b", 500, fixed="block")), "allow", "allow", "allow", "allow"),
    ],
)
def test_the_higher_priority_goes_first(
    rules: tuple[Rule, ...], fixed: str | None, minimum: str, when_allowed: str, when_blocked: str
) -> None:
    said = asked(*rules)
    assert (said.fixed, said.minimum) == (fixed, minimum)
    assert (said.resolve("allow"), said.resolve("block")) == (when_allowed, when_blocked)


@pytest.mark.parametrize(
    ("weights", "lane", "reached", "minimum"),
    [((1.0, 0.5), "live", None, "allow"), ((2.0, 0.5), "live", "alert", "hold"), ((2.0, 2.0), "live", "block", "block"),
     ((2.0, 2.0), "shadow", "block", "allow"), ((2.0, 2.0), "draft", None, "allow")],
)  # fmt: skip
def test_a_typology_adds_up_the_weights_of_its_hits(
    weights: tuple[float, float], lane: Any, reached: str | None, minimum: str
) -> None:
    typology = Typology(
        id="t",
        name={"en": "t", "ko": "t"},
        rules={"a": weights[0], "b": weights[1], "c": 9.0},
        alert=2.0,
        block=4.0,
        lane=lane,
    )
    rules = [acts("a", weight=0.1), acts("b", weight=0.1), acts("c", weight=0.1, condition=NO)]
    said = asked(*rules, typologies=[typology])
    assert [t["reached"] for t in said.typologies] == ([reached] if reached else [])
    assert said.minimum == minimum
    allowed = asked(*rules, acts("d", fixed="allow"), typologies=[typology])
    assert allowed.resolve("allow") == "allow"


def test_a_shadow_typology_counts_hits_in_shadow_and_a_live_one_does_not() -> None:
    one = Typology(id="t", name={"en": "t", "ko": "t"}, rules={"r": 1.0}, alert=1.0, lane="shadow")
    live = Typology(id="u", name={"en": "t", "ko": "t"}, rules={"r": 1.0}, alert=1.0, lane="live")
    said = asked(rule(YES, lane="shadow"), typologies=[one, live])
    assert [t["typology"] for t in said.typologies] == ["t"]


def test_a_version_names_every_rule_and_nothing_else() -> None:
    one, other = rule(YES, id="a"), rule(NO, id="b")
    version = RuleSet.compile([one, other], names()).version
    assert version == RuleSet.compile([other, one], names(), Lists.of({"x": ["y"]})).version
    assert version != RuleSet.compile([one], names()).version
    assert version != RuleSet.compile([one, rule(NO, id="b", version=2)], names()).version


def test_a_rule_that_no_longer_fits_is_left_out_and_named() -> None:
    rules = RuleSet.compile([rule(YES, id="a"), rule("gone > 3", id="b")], names())
    assert [r.id for r in rules.rules] == ["a"]
    assert "nothing is called 'gone'" in str(rules.broken["b@1"])
    again = RuleSet.compile([rule(YES, id="a"), rule("gone > 3", id="b")], names(), before=rules)
    assert again.checked[YES] is rules.checked[YES]


def test_there_is_a_limit_on_rules() -> None:
    with pytest.raises(Exception, match="the limit is 5,000"):
        RuleSet.compile([rule(YES, id=f"r{i}") for i in range(RULES_MAX + 1)], names())
