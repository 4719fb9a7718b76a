"""What the demonstration says of its model: better, worse, or not told apart."""

from __future__ import annotations

import pytest

from haechi.commands.telling import learned


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
        "labelled": 23_139, "frauds": 72, "ap": 0.26, "baseline_logistic": {"ap": 0.27},
        "protocol": {"rehearsals": 3},
        "by_fold": [{"ap": 0.2 + d, "baseline_logistic": {"ap": 0.2}} for d in differences],
    }  # fmt: skip
    assert said in learned(report)
    assert ("rehearsals:" in learned(report)) == (differences[0] < 0)
