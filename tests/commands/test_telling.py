"""What the demonstration says of its model: better, worse, or not told apart."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from haechi.commands.telling import learned, where_to_look


@pytest.mark.parametrize(
    ("differences", "said"),
    [
        ((0.1, 0.12, 0.11), "on 3 rehearsals"),
        ((-0.1, -0.12, -0.11), "it does not decide"),
        ((-0.18, 0.04, 0.1), "cannot be told apart (-0.01, give or take 0.09)"),
    ],
)
def test_a_model_is_told_beside_its_baseline(differences: tuple[float, ...], said: str) -> None:
    report = {
        "labelled": 23_139, "frauds": 72, "ap": 0.26, "baseline": {"name": "surprise", "ap": 0.27},
        "protocol": {"rehearsals": 3}, "chosen": {"model": "linear"},
        "evidence": {"finalists": {"linear": {"ap": 0.26}, "small 2/3": {"ap": 0.063}}},
        "by_fold": [{"ap": 0.2 + d, "baseline": {"ap": 0.2}} for d in differences],
    }  # fmt: skip
    assert said in learned(report)
    assert "model linear, average precision 0.260 (surprise alone 0.270, small 2/3 0.063)" in learned(report)
    assert ("rehearsals:" in learned(report)) == (differences[0] < 0)


@pytest.mark.parametrize("password", ["abc-def", ""])
def test_only_a_server_that_stays_is_shown_to_look_at(password: str) -> None:
    out = io.StringIO()
    where_to_look(Console(file=out), 8080, "hk_1", "demo-home", "e-1", password)
    assert ("/watch     the console; one-time password abc-def" in out.getvalue()) == bool(password)
    assert ("haechi serve --home demo-home --port 8080" in out.getvalue()) != bool(password)
