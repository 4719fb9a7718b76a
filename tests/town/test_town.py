"""The same seed is the same town, and the town is no toy."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from haechi.town import ImpossibleTown, Parameters, Town, simulate

SMALL = Parameters(customers=200, shops=40, days=4)
DIGEST = """
import hashlib, msgspec
from haechi.town import Parameters, simulate
h = hashlib.sha256()
for day in simulate(Parameters(customers=200, shops=40, days=4), 9):
    h.update(msgspec.json.encode([day.rows(), day.labels(), day.truth()]))
print(h.hexdigest())
"""


def test_the_same_seed_gives_the_same_bytes_in_any_process() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", DIGEST], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1
    assert len(digests.pop().strip()) == len(hashlib.sha256().hexdigest())


def test_another_seed_gives_another_town() -> None:
    assert next(simulate(SMALL, 1)).rows() != next(simulate(SMALL, 2)).rows()


def test_a_day_is_the_same_wherever_the_simulation_starts() -> None:
    days = list(simulate(SMALL, 9))
    assert [d.rows() for d in simulate(SMALL, 9, first_day=2)] == [d.rows() for d in days[2:]]
    assert Town(replace(SMALL, days=40), 9).day(3).rows() == days[3].rows()


@pytest.mark.parametrize("seed", [-1, 1.5, "one", True])
def test_a_seed_is_a_whole_number(seed) -> None:
    with pytest.raises(ImpossibleTown, match="seed must be a whole number from 0 on"):
        Town(SMALL, seed)


@pytest.mark.parametrize("first_day", [-1, 4])
def test_the_first_day_lies_within_the_days(first_day) -> None:
    with pytest.raises(ImpossibleTown, match="first_day must be between 0 and 3"):
        simulate(SMALL, 1, first_day=first_day)


def test_a_day_without_payments_is_a_day() -> None:
    days = [day for seed in range(30) for day in simulate(Parameters(customers=1, shops=20, days=5), seed)]
    empty = next(day for day in days if len(day) == 0)
    assert empty.labels() == empty.truth() == []


def test_no_single_field_gives_fraud_away() -> None:
    """A town in which the amount alone finds the fraud would be a toy: area under the curve stays below 0.75."""
    days = list(simulate(Parameters(customers=1_500, shops=600, days=60), 4))
    fraud = np.concatenate([d.fraud for d in days])
    assert 0.001 < fraud.mean() < 0.02
    kinds = np.bincount(np.concatenate([d.fraud_kind for d in days]), minlength=4)
    assert (kinds[1:] > 0).all()
    for field in ("amount", "channel", "time_us"):
        value = np.concatenate([getattr(d, field) for d in days])
        value = value % 86_400_000_000 if field == "time_us" else value
        assert 0.25 < _auc(value, fraud) < 0.75


def _auc(value: np.ndarray, positive: np.ndarray) -> float:
    _, place, count = np.unique(value, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]
    n = positive.sum()
    return float((rank[positive].sum() - n * (n + 1) / 2) / (n * (len(value) - n)))
