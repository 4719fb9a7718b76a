"""What the terminal says of a backtest."""

from __future__ import annotations

import pytest

from haechi.commands.backtest_command import show


def test_a_report_names_days_examples_and_what_would_be_decided(capsys: pytest.CaptureFixture[str]) -> None:
    days = [{"day": f"2024-09-0{n}", "hits": n, "caught": 0, "false_alarms": n} for n in (1, 2)]
    rule = {
        "rule": "a-rule-with-a-rather-long-name@12", "hits": 3, "undecided": 1, "precision": None, "recall": 0.5,
        "confusion": {"caught": 1, "false_alarms": 2}, "money_caught": {"KRW": 7000}, "customers_bothered": 2,
        "by_day": days, "examples": {"frauds": ["e-1"], "others": ["e-2", "e-3", "e-4", "e-5"]},
    }  # fmt: skip
    quiet = {**rule, "rule": "quiet@1", "hits": 0, "by_day": [], "examples": {"frauds": [], "others": []}}
    both = {"rules": [rule["rule"], "quiet@1"], "both": 0, "only_first": 3, "only_second": 0}
    show({
        "events": 9, "mature_labels": 8, "frauds": 1, "warnings": ["wait"], "rules": [rule, quiet], "overlap": [both],
        "actions": {"allow": 6, "challenge": 0, "hold": 3, "block": 0},
        "decided": {"events": 4, "changed": [{"from": "allow", "to": "hold", "events": 3, "frauds": 1, "honest": 2}]},
    })  # fmt: skip
    said = capsys.readouterr()
    assert "9 events judged, 8 with a mature label, 1 fraud\n" in said.out
    assert "a-rule-with-a-rather-long-name@12" in said.out
    assert (
        "a-rule-with-a-rather-long-name@12: hits on 2 days from 2024-09-01 to 2024-09-02, at most 2 (2024-09-02); "
        "for example caught e-1; not known as fraud e-2, e-3, e-4\n" in said.out
    )
    assert "quiet@1: hits" not in said.out
    assert "nothing else asked, the decisions would be: allow 6, hold 3\n" in said.out
    assert "of 4 decisions taken here they would have changed: 3 from allow to hold (1 frauds, 2 honest)\n" in said.out
    assert said.err == "warning: wait\n"


def test_a_span_in_which_nothing_can_lie_is_refused() -> None:
    from haechi.rulebook.backtesting import check_span
    from haechi.rules import BadRule

    for since_us, until_us in ((None, None), (1, None), (None, 1), (1, 2)):
        check_span(since_us, until_us)
    for until_us in (1, 2):
        with pytest.raises(BadRule, match="until lies before since"):
            check_span(2, until_us)
