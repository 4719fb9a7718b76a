"""How we get better: data sets by replay, protocols, figures, training and the registry of models."""

from haechi.learning.dataset import Columns, Events, Source
from haechi.learning.errors import (
    BadProtocol,
    DamagedRegistry,
    LeakFound,
    LearningError,
    ModelNotFound,
    NotPromoted,
)
from haechi.learning.evaluate import Settings, evaluate
from haechi.learning.protocol import Folds, RandomSplit, TimeSplit, read_duration, read_split
from haechi.learning.registry import Entry, Registry
from haechi.learning.source import ReplaySource
from haechi.learning.train import Trained, train

__all__ = [
    "BadProtocol",
    "Columns",
    "DamagedRegistry",
    "Entry",
    "Events",
    "Folds",
    "LeakFound",
    "LearningError",
    "ModelNotFound",
    "NotPromoted",
    "RandomSplit",
    "Registry",
    "ReplaySource",
    "Settings",
    "Source",
    "TimeSplit",
    "Trained",
    "evaluate",
    "read_duration",
    "read_split",
    "train",
]
