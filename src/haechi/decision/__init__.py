"""What we do now: one event becomes one decision with its reasons. Read decide.py first."""

from __future__ import annotations

from haechi.decision.budget import Budget
from haechi.decision.decide import answer, decide
from haechi.decision.decision import ACTIONS, Action, Decision
from haechi.decision.errors import BadPolicy, Conflict, DecisionError
from haechi.decision.house import Agreed, Desk, Detector, House, Memory, Rules
from haechi.decision.policy import Policy
from haechi.decision.recall import Answer, recall
from haechi.decision.weigh import Weighed, combined_risk, weigh

__all__ = [
    "ACTIONS",
    "Action",
    "Agreed",
    "Answer",
    "BadPolicy",
    "Budget",
    "Conflict",
    "Decision",
    "DecisionError",
    "Desk",
    "Detector",
    "House",
    "Memory",
    "Policy",
    "Rules",
    "Weighed",
    "answer",
    "combined_risk",
    "decide",
    "recall",
    "weigh",
]
