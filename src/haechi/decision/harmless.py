"""Harmless: which of many events are allowed without weighing, told from the columns of what was heard.

An event is, when every score is sound, its risk below the first risk of each action, and no view asks for one by
itself. weigh.py says the same of each (tests/decision/test_harmless.py); whatever this does not call harmless is weighed there.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from haechi.decision.policy import Policy

__all__ = ["Harmless"]

Floats = npt.NDArray[np.float64]


class Harmless:
    """What one policy lets pass of what these detectors say."""

    def __init__(self, policy: Policy, detectors: Sequence[str]) -> None:
        self.limit = min(step.from_risk for step in policy.steps[policy.currency][1:])
        self._trust = np.array([policy.trust.get(name, 1.0) for name in detectors]).reshape(-1, 1)
        views = [policy.views.get(name) for name in detectors]
        self._budget = np.array([np.inf if view is None else view.one_in for view in views]).reshape(-1, 1)

    def risks(self, scores: Floats, one_in: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
        """Of each event its risk, where somebody gave a probability, and whether it is harmless.

        scores, one_in: float64 [detectors, events].
        """
        risks = np.where(one_in == 0.0, scores * self._trust, -1.0).max(axis=0, initial=-1.0)
        quiet = ((scores >= 0.0) & (scores <= 1.0) & (one_in < self._budget)).all(axis=0)
        return risks, quiet & (risks >= 0.0) & (risks < self.limit)
