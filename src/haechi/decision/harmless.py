"""Harmless: which of many events are allowed without weighing, told from the columns of what was heard.

An event is, when every score is sound, its risk below the first risk of each action, and no view asks for one by
itself. weigh.py says the same of each (tests/decision/test_harmless.py); what this does not call harmless is weighed
there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from haechi.decision.policy import Policy
from haechi.features.jit import brief

__all__ = ["Harmless"]

Floats = npt.NDArray[np.float64]


class Harmless:
    """What one policy lets pass of what these detectors say."""

    def __init__(self, policy: Policy, detectors: Sequence[str]) -> None:
        self.limit = min(step.from_risk for step in policy.steps[policy.currency][1:])
        self._trust = np.array([policy.trust.get(name, 1.0) for name in detectors])
        views = [policy.views.get(name) for name in detectors]
        self._budgets = np.array([np.inf if view is None else view.one_in for view in views])

    def risks(self, scores: Floats, one_in: Floats) -> list[float]:
        """Of each harmless event its risk, and a negative number of the others.

        scores, one_in: float64 [detectors, events].
        """
        risks = np.empty(scores.shape[1])
        _weigh(scores, one_in, self._trust, self._budgets, self.limit, risks)
        found: list[float] = risks.tolist()
        return found


@brief  # type: ignore[untyped-decorator]
def _weigh(scores: Any, one_in: Any, trust: Any, budgets: Any, limit: float, risks: Any) -> None:
    for i in range(len(risks)):
        risk, quiet = -1.0, True
        for k in range(len(trust)):
            score = scores[k, i]
            quiet &= 0.0 <= score <= 1.0 and one_in[k, i] < budgets[k]
            if one_in[k, i] == 0.0:
                risk = max(risk, score * trust[k])
        risks[i] = risk if quiet and risk < limit else -1.0
