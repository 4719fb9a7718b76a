"""What is watched, told in lines: alarms, days, what moved, how good the champion is, whom to look at together."""

from __future__ import annotations

from haechi.commands.watch_command import tell


def test_all_of_it_is_told(capsys) -> None:
    week = {"week": "2024-10-01", "estimated_ap": 0.4, "known_ap": None}
    alarm = {"state": "raised", "name": "inputs", "value": 9.0, "threshold": 4.0, "raised": "now", "over": None,
             "told": {"moved": [{"name": "amount", "by": 9.0}, {"name": "customer.gap", "by": 5.0}]}}  # fmt: skip
    kind = {**alarm, "name": "new_typology", "told": {"moved": [], "kind": "payment: amount", "examples": ["a", "b"]}}
    tell({
        "champion": "abc", "reference": "2024-09-01", "learning_days": 3, "quiet_days": 14,
        "alarms": [alarm, kind, {**alarm, "name": "latency", "told": {}}],
        "days": [{"day": "2024-10-02", "events": 10, "alert_rate": 0.01, "p99_us": 90.0, "psi_max": None}],
        "features": [{"name": "amount", "psi_day": 0.3, "js_day": None}], "performance": [week],
        "suspects": [{"entity": "payee:m-1", "expected_frauds": 1.25, "customers": 3, "events": ["a", "b", "c"]}],
    })  # fmt: skip
    said = capsys.readouterr().out
    assert "still learning what is quiet: 3 of 14 days" in said
    assert "raised  inputs 9.0 of 4.0 since now: amount, customer.gap\n" in said
    assert "raised  new_typology 9.0 of 4.0 since now: payment: amount, such as a, b\n" in said
    assert "raised  latency 9.0 of 4.0 since now\n" in said
    assert "amount: PSI 0.300" in said
    assert "AP 0.400 estimated, - by what is known" in said
    assert "to review together: payee:m-1, where 3 customers meet, 1.2 frauds are expected: a, b, c" in said
