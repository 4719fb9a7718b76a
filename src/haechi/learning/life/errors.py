"""What can go wrong in the life of a model.

LifeError
├── NoSuchModel    there is no such model or change
└── NotAllowed     its place, its gates or four eyes do not allow this
"""

from __future__ import annotations

from haechi.learning.errors import LearningError

__all__ = ["LifeError", "NoSuchModel", "NotAllowed"]


class LifeError(LearningError):
    """What was asked for is not done; the message says what would be."""


class NoSuchModel(LifeError):
    """There is no such model or change."""


class NotAllowed(LifeError):
    """Its place, its gates or four eyes do not allow this."""
