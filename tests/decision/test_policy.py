"""A policy is read with defaults and refused in one line."""

from __future__ import annotations

import pytest

from haechi.decision import BadPolicy, Policy


def test_a_missing_policy_is_the_default(tmp_path) -> None:
    path = tmp_path / "haechi.toml"
    path.write_text("[server]\nport = 1\n")
    assert Policy.read(path) == Policy()
    assert {"KRW", "EUR", "USD"} == set(Policy().steps)


def test_the_documented_policy_is_the_default(tmp_path) -> None:
    import haechi.decision.policy as module

    example = module.__doc__.split("\n\n", 2)[2]
    path = tmp_path / "haechi.toml"
    path.write_text("\n".join(line.removeprefix("    ") for line in example.splitlines()))
    assert Policy.read(path) == Policy()


def test_what_is_left_out_keeps_its_default() -> None:
    policy = Policy.parse({"prices": {"KRW": {"friction": {"hold": 7}}}, "actions": {"hold": {"stops": 0.8}}})
    assert policy.prices["KRW"].friction.hold == 7
    assert policy.prices["KRW"].friction.block == 3_000
    assert policy.actions.hold.stops == 0.8
    assert policy.actions.hold.from_risk == 0.05


def test_a_new_currency_needs_all_its_prices() -> None:
    prices = {"friction": {"challenge": 1, "hold": 2, "block": 3}, "bothered": 4, "assumed_amount": 5}
    assert "GBP" in Policy.parse({"prices": {"GBP": prices}, "currency": "GBP"}).steps
    with pytest.raises(BadPolicy, match=r"missing required field `bothered` - at `policy\.prices"):
        Policy.parse({"prices": {"GBP": {"friction": prices["friction"]}}})


def test_another_policy_has_another_version() -> None:
    assert Policy().version == Policy.parse({}).version
    assert Policy().version != Policy.parse({"deadline_ms": 5}).version
    assert len(Policy().version) == 12


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        ({"unrecovered_share": 1.5}, "Expected `float` <= 1.0 - at `policy.unrecovered_share`"),
        ({"unrecovered_share": "most"}, "Expected `float`, got `str` - at `policy.unrecovered_share`"),
        ({"unrecovered": 1}, "unknown field `unrecovered`"),
        ({"alert_budget_per_day": 0}, "policy.alert_budget_per_day"),
        ({"deadline_ms": 0}, "policy.deadline_ms"),
        ({"actions": {"jail": {}}}, "unknown field `jail`"),
        ({"prices": 3}, "Expected `object`, got `int` - at `policy.prices`"),
        ({"prices": {"KRW": {"bothered": 0.5}}}, "policy.prices"),
        ({"currency": "GBP"}, "give it a table [policy.prices.GBP]"),
        ({"trust": {"graph": float("nan")}}, "Expected `float` >= 0.0 - at `policy.trust"),
        ({"actions": {"hold": {"stops": 0.1}}}, "policy.actions.hold.stops is 0.1 but challenge has 0.7"),
        ({"actions": {"block": {"from_risk": 0.01}}}, "policy.actions.block.from_risk is 0.01 but hold has 0.05"),
    ],
)
def test_a_wrong_policy_is_refused_in_one_line(tables, says) -> None:
    with pytest.raises(BadPolicy) as error:
        Policy.parse(tables)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_a_policy_that_is_no_table_is_refused(tmp_path) -> None:
    path = tmp_path / "haechi.toml"
    path.write_text("policy = 3\n")
    with pytest.raises(BadPolicy, match=r"\[policy\] must be a table"):
        Policy.read(path)


@pytest.mark.parametrize("content", [b"[policy\n", b"\xff\xfe"])
def test_an_unreadable_file_is_named(tmp_path, content) -> None:
    path = tmp_path / "haechi.toml"
    path.write_bytes(content)
    with pytest.raises(BadPolicy, match=r"cannot read .*haechi\.toml"):
        Policy.read(path)
    with pytest.raises(BadPolicy, match="No such file"):
        Policy.read(tmp_path / "none.toml")
