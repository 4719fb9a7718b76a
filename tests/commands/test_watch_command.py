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
        "features": [
            {"name": "amount", "psi_day": 0.3, "js_day": None, "psi_days": [0.1, None, 0.3]},
            {"name": "channel", "psi_day": None, "js_day": None, "psi_days": [0.1, None]},
            {"name": "weekday", "psi_day": 7.0, "js_day": 0.7, "psi_days": [7.1, 6.9, 7.0, 7.0]},
        ],
        "performance": [week],
        "decides": {"at": "today", "what": "rollback", "person": "alarm", "agreed": [], "why": "inputs moved"},
        "suspects": [{"entity": "payee:m-1", "expected_frauds": 1.25, "customers": 3, "events": ["a", "b", "c"]}],
    })  # fmt: skip
    said = capsys.readouterr().out
    assert "still learning what is quiet: 3 of 14 days" in said
    assert "raised  inputs 9.0 of 4.0 since now: amount, customer.gap\n" in said
    assert "raised  new_typology 9.0 of 4.0 since now: payment: amount, such as a, b\n" in said
    assert "raised  latency 9.0 of 4.0 since now\n" in said
    assert "it decides since today: ROLLED BACK by alarm: inputs moved\n" in said
    assert "amount: PSI 0.300 today, usually 0.100" in said
    assert said.index("amount: PSI") < said.index("weekday: PSI"), "what moved stands above what is always far"
    assert "channel" not in said
    assert "too few events to tell drift" not in said
    assert "AP 0.400 estimated, - by what is known" in said
    assert "PSI: how far a day lies from the training's days" in said
    assert "to review together: payee:m-1, where 3 customers meet, 1.2 frauds are expected: a, b, c" in said


def test_a_day_of_few_events_is_told_to_be_one(capsys) -> None:
    tell({
        "champion": "abc", "reference": "2024-09-01", "learning_days": 14, "quiet_days": 14, "alarms": [],
        "days": [{"day": "2024-10-02", "events": 10, "alert_rate": 0.01, "p99_us": 90.0, "psi_max": None}],
        "features": [{"name": "amount", "psi_day": None, "js_day": None, "psi_days": [0.1, None]}],
        "performance": [], "suspects": [],
    })  # fmt: skip
    said = capsys.readouterr().out
    assert "the newest day holds too few events to tell drift" in said
    assert "amount" not in said


def test_what_is_to_be_reviewed_does_not_push_alarms_off_the_screen(capsys) -> None:
    one = {"entity": "payee:m-1", "expected_frauds": 1.25, "customers": 3, "events": ["a", "b", "c", "d", "e"]}
    tell({
        "champion": None, "reference": None, "learning_days": 14, "quiet_days": 14, "alarms": [], "days": [],
        "features": [], "performance": [], "suspects": [one] * 12,
    })  # fmt: skip
    said = capsys.readouterr().out
    assert said.count("payee:m-1") == said.count(": a, b, c and 2 more\n") == 10
    assert "2 more to review together: --json has them all" in said
    assert "PSI" not in said, "no day, no figure to explain"
