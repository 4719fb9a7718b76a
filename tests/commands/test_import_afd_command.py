"""An Amazon Fraud Detector project becomes a schema, rules and lists; what does not map is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from haechi.commands.afd import Untranslatable, translate
from haechi.events import Schema
from haechi.rules import read_pack

from .line import Said

NAMES = {"amount": "amount", "country": "country", "ip": "ip", "email": "email", "n": "n"}
PROJECT = {
    "GetEventTypes": {"eventTypes": [
        {"name": "purchase", "eventVariables": ["price", "country", "ip_address", "age_days", "email"],
         "labels": ["fraud", "legit"], "entityTypes": ["customer"]},
        {"name": "login", "eventVariables": [], "labels": [], "entityTypes": []}]},
    "GetVariables": {"variables": [
        {"name": "price", "dataType": "FLOAT", "variableType": "PRICE", "dataSource": "EVENT"},
        {"name": "country", "dataType": "STRING", "variableType": "CATEGORICAL", "dataSource": "EVENT"},
        {"name": "ip_address", "dataType": "STRING", "variableType": "IP_ADDRESS", "dataSource": "EVENT"},
        {"name": "age_days", "dataType": "INTEGER", "variableType": "NUMERIC", "dataSource": "EVENT"},
        {"name": "email", "dataType": "STRING", "variableType": "FREE_FORM_TEXT", "dataSource": "EVENT"},
        {"name": "purchase_insightscore", "dataType": "FLOAT", "dataSource": "MODEL_SCORE"}]},
    "GetLabels": {"labels": [{"name": "fraud"}, {"name": "legit"}]},
    "GetOutcomes": {"outcomes": [{"name": "block_it"}, {"name": "approve_it"}, {"name": "ask_marie"}]},
    "GetDetectors": {"detectors": [{"detectorId": "d", "eventTypeName": "purchase"}]},
    "GetDetectorVersion": {"detectorId": "d", "detectorVersionId": "1", "status": "ACTIVE",
                           "ruleExecutionMode": "FIRST_MATCHED",
                           "rules": [{"detectorId": "d", "ruleId": "abroad", "ruleVersion": "1"},
                                     {"detectorId": "d", "ruleId": "known_ip", "ruleVersion": "1"}]},
    "GetRules": {"ruleDetails": [
        {"ruleId": "abroad", "detectorId": "d", "ruleVersion": "1", "outcomes": ["block_it"],
         "expression": '$price > 100 and $country == "y" and not ($age_days in [1, 2])', "description": "Far away"},
        {"ruleId": "abroad", "detectorId": "d", "ruleVersion": "2", "outcomes": ["block_it"],
         "expression": "$price > 1"},
        {"ruleId": "known_ip", "detectorId": "d", "ruleVersion": "1", "outcomes": ["approve_it"],
         "expression": "$ip_address in @good_ips"},
        {"ruleId": "score", "detectorId": "d", "ruleVersion": "1", "outcomes": ["block_it"],
         "expression": "$purchase_insightscore > 900"},
        {"ruleId": "marie", "detectorId": "d", "ruleVersion": "1", "outcomes": ["ask_marie"],
         "expression": 'regex_match(".*@gmail\\\\.com", $email)'}]},
    "GetListsMetadata": {"lists": [{"name": "good_ips"}, {"name": "lost"}]},
    "GetListElements": {"name": "good_ips", "elements": ["10.0.0.1", "10.0.0.2"]},
}  # fmt: skip


@pytest.fixture
def export(tmp_path: Path) -> Path:
    folder = tmp_path / "export"
    folder.mkdir()
    for name, answer in PROJECT.items():
        (folder / f"{name}.json").write_text(json.dumps(answer))
    return folder


def test_a_project_becomes_a_schema_rules_and_lists(haechi: Callable[..., Said], export: Path, tmp_path: Path) -> None:
    said = haechi("import-afd", export, "--to", tmp_path / "ours", "--outcome", "ask_marie=hold", "--json")
    assert said.status == 0, said.err
    told = json.loads(said.out)
    pack = read_pack((tmp_path / "ours" / "rules.toml").read_text())
    rules = {rule.id: rule for rule in pack.rules}
    assert sorted(rules) == ["abroad", "known_ip", "marie"]
    assert rules["abroad"].condition == 'amount > 100 USD and country == "y" and not (age_days in [1, 2])'
    assert (rules["abroad"].effect.minimum, rules["abroad"].name["en"]) == ("block", "Far away")
    assert rules["abroad"].priority > rules["known_ip"].priority
    assert (rules["known_ip"].condition, rules["known_ip"].effect.fixed) == ('in_list("good_ips", ip)', "allow")
    assert rules["marie"].condition == r'matches(email, "^(?:.*@gmail\.com)$")'
    assert Schema.read(tmp_path / "ours" / "schema.toml").entity_names == ("customer", "ip")
    assert (tmp_path / "ours" / "lists" / "good_ips.csv").read_text().splitlines()[1] == "10.0.0.1,imported"
    missed = "\n".join(told["unmapped"])
    for part in ("stops at the first rule", "purchase_insightscore", "'login'", "list 'lost'", "'score'"):
        assert part in missed
    assert (tmp_path / "ours" / "report.txt").read_text().count("NOT MAPPED") == len(told["unmapped"])


def test_an_outcome_nobody_knows_is_asked_for_and_a_wrong_action_is_refused(
    haechi: Callable[..., Said], export: Path, tmp_path: Path
) -> None:
    said = haechi("import-afd", export, "--to", tmp_path / "ours")
    assert "--outcome ask_marie=hold" in said.out
    wrong = haechi("import-afd", export, "--to", tmp_path / "ours", "--outcome", "ask_marie=shout")
    assert wrong.status == 2
    (tmp_path / "empty").mkdir()
    empty = haechi("import-afd", tmp_path / "empty", "--to", tmp_path / "ours")
    assert (empty.status, "JSON files" in empty.err) == (1, True)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("$amount >= 10.5 OR !($n < 3)", "amount >= 10.5 USD or not (n < 3)"),
        ('$country not in ["a", "b"]', 'country not in ["a", "b"]'),
        ("$ip not in @Bad_IPs", 'not in_list("bad_ips", ip)'),
        ("100 < $amount", "100 USD < amount"),
        ("$ip == null and $n != null", "not known(ip) and known(n)"),
        (
            'regex_match(".*@(a|b)\\.com", lowercase($email)) and $n > 1',
            r'matches(email, "(?i)^(?:.*@(a|b)\.com)$") and n > 1',
        ),
        ('!regex_match("\\D+", lowercase($email))', r'not matches(email, "(?i)^(?:\D+)$")'),
        ("$n + 2 * 3 % 4 == 5", "n + 2 * 3 % 4 == 5"),
        ('$country == "say \\"x\\""', 'country == "say \\"x\\""'),
    ],
)
def test_expressions_are_said_in_our_words(theirs: str, ours: str) -> None:
    assert translate(theirs, NAMES) == ours


@pytest.mark.parametrize(
    "theirs",
    [
        "$unknown > 1",
        "lowercase($email) == 1",
        "$n ~ 3",
        "when($n)",
        'regex_match("A", lowercase($email))',
        'regex_match("a", $n, 3)',
        "@list == 1",
    ],
)
def test_what_cannot_be_said_is_refused(theirs: str) -> None:
    with pytest.raises(Untranslatable):
        translate(theirs, NAMES)
