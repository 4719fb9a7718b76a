"""What surprise costs is measured on any number of events."""

from __future__ import annotations

import pytest

from haechi.bench.behaviour import measure_behaviour


@pytest.mark.nightly  # two kernels of the full recipe are compiled for it
def test_few_events_are_measured_too() -> None:
    found = measure_behaviour(events=400, customers=50)
    assert found.us_per_event > 0
    assert found.bytes_per_customer <= 1_024
    assert 0 < found.reasons_us_p50 <= found.reasons_us_p99
