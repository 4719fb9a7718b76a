"""Rules and typologies as values and as files: what holds together, what is refused and how it is told."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from haechi.rules import BadRuleFile, Effect, Rule, Typology, check_rule, check_typology, read_pack, write_pack
from haechi.rules.files import FILE_BYTES_MAX, Pack, Test

from .making import rule

TEXT = {"en": "a", "ko": "가"}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"id": "A"}, "id must be"),
        ({"id": "a" * 65}, "id must be"),
        ({"id": ""}, "id must be"),
        ({"id": "a b"}, "id must be"),
        ({"version": 0}, "version must be"),
        ({"name": {"en": "a"}}, "name needs a text in en and in ko"),
        ({"reason": {"en": "a", "ko": " "}}, "reason needs a text"),
        ({"reason": {"en": "a", "ko": "가" * 501}}, "reason needs a text"),
        ({"effect": Effect()}, "exactly one of weight"),
        ({"effect": Effect(weight=0.5, fixed="block")}, "exactly one of weight"),
        ({"effect": Effect(weight=1.0)}, "weight is a probability"),
        ({"effect": Effect(weight=float("nan"))}, "weight is a probability"),
        ({"effect": Effect(minimum="allow")}, "no action is milder than allow"),
        ({"kinds": ("a", "a")}, "kinds must be"),
        ({"tags": ("",)}, "tags must be"),
        ({"reviewers": tuple(map(str, range(101)))}, "reviewers must be"),
        ({"priority": 1_001}, "priority must lie"),
        ({"valid_from_us": 5, "valid_until_us": 5}, "valid_until must be later"),
        ({"canary_share": 0.0}, "canary_share must be"),
        ({"canary_share": float("nan")}, "canary_share must be"),
    ],
)
def test_a_rule_that_does_not_hold_together_says_which_field(more: dict[str, Any], told: str) -> None:
    with pytest.raises(BadRuleFile, match=told):
        check_rule(rule("hour > 3", **more))


@pytest.mark.parametrize("condition", ["", "  ", "x" * 4_001])
def test_a_condition_has_a_length(condition: str) -> None:
    with pytest.raises(BadRuleFile, match="1 to 4,000 characters"):
        check_rule(rule(condition))


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"rules": {}}, "rules must name"),
        ({"rules": {"a": 0.0}}, "every weight must be"),
        ({"alert": 4.0}, "alert must be above 0 and at most 3"),
        ({"alert": 0.0}, "alert must be"),
        ({"block": 4.0}, "block must be"),
        ({"block": 0.5, "alert": 1.0}, "block must not be below alert"),
    ],
)
def test_a_typology_that_does_not_hold_together_says_which_field(more: dict[str, Any], told: str) -> None:
    given: dict[str, Any] = {"id": "t", "name": TEXT, "rules": {"a": 1.0, "b": 2.0}, "alert": 1.0, "block": 3.0}
    assert check_typology(Typology(**given)).ref == "t@1"
    assert check_typology(Typology(**{**given, "block": None})).block is None
    with pytest.raises(BadRuleFile, match=told):
        check_typology(Typology(**{**given, **more}))


def test_a_file_reads_back_as_it_was_written() -> None:
    full = Rule(
        id="a-b_c", version=3, name={"en": 'quote " and \\', "ko": "이름\x7f"}, reason={"en": "line\nline", "ko": "가"},
        condition='matches(device, "^a\\d+$")\nand hour > 3', effect=Effect(minimum="hold"), kinds=("transfer",),
        priority=1, author="kim", reviewers=("lee",), tags=("x",), valid_from_us=1_700_000_000_000_001,
        valid_until_us=1_800_000_000_000_000, lane="canary", canary_share=0.25,
    )  # fmt: skip
    typology = Typology(id="t", name=TEXT, rules={"a-b_c": 1.5}, alert=1.0, block=1.5, lane="live")
    test = Test(
        rule="a-b_c", expect="miss", name="n", lists={"w": ["x"]}, events=[{"kind": "a", "amount": 1, "x": True}]
    )
    pack = Pack(rules=(full, rule("hour > 3")), typologies=(typology,), tests=(test,), title=TEXT, sources=("s",))
    assert read_pack(write_pack(pack)) == pack
    assert read_pack(write_pack(Pack())) == Pack()


GOOD = write_pack(Pack(rules=(rule("hour > 3"),)))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[rules", "is not TOML"),
        ("[[rules]]id = 'a'name", "ends of lines are gone: with curl, send it with --data-binary"),
        ("[[rules]]\nid = 'a'\n[[rules]]\nid = 'b'", "rule 'a'.*rule 'b'"),
        ("x = 1", "has 'x'; a file holds"),
        ("rules = 3", r"write \[\[rules\]\] above each"),
        ("rules = [3]", r"write \[\[rules\]\] above each"),
        ("[[rules]]\nid = 'a'", "rule 'a'.*missing required field"),
        (GOOD.replace("condition", "conditoin"), "rule 'r'.*unknown field"),
        (GOOD + GOOD, "the rule 'r' twice"),
        (GOOD + 'valid_from = "2026-01-01"', "valid_from must be a time with a zone"),
        (GOOD + "valid_until = 2026-01-01T00:00:00", "valid_until must be a time with a zone"),
        (GOOD + "[[tests]]\nrule='x'\nexpect='hit'\nevents=[]", "tests the rule 'x', which is not in it"),
        (GOOD + "[[tests]]\nrule='r'\nexpect='maybe'\nevents=[]", "test of rule 'r'.*Invalid enum"),
        ("title = 3", "Expected `object`"),
        ("#" * (FILE_BYTES_MAX + 1), "is larger than"),
        ("\n".join(["[[tests]]\nrule='x'"] * 2_001), "more than 2,000 tests"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(text: str, told: str) -> None:
    with pytest.raises(BadRuleFile, match=told):
        read_pack(text)


def test_a_rule_is_a_value() -> None:
    one = rule("hour > 3")
    assert one.ref == "r@1"
    assert msgspec.structs.replace(one, version=2) != one
