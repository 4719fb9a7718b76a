"""When the bank learns whether a payment was fraud: hours to weeks later, sometimes never."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from haechi.town.parameters import Parameters

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
NEVER = -1
REPORT_SPREAD = 1.3  # of the logarithm of the delay


def known_at(
    parameters: Parameters, time_us: npt.NDArray[np.int64], fraud: npt.NDArray[np.bool_], rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """The time at which each payment's label arrives, or NEVER."""
    n = len(time_us)
    hours = parameters.report_delay_median_hours * np.exp(REPORT_SPREAD * rng.standard_normal(n))
    reported = (np.clip(hours, 1.0, 24.0 * parameters.report_delay_days_max) * HOUR_US).astype(np.int64)
    delay = np.where(fraud, reported, parameters.settled_after_days * DAY_US)
    return np.where(rng.random(n) < parameters.never_labelled_share, NEVER, time_us + delay)
