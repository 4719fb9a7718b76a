"""What can go wrong while the house learns.

* LearningError
  * BadProtocol - the evaluation asked for cannot be run on these events
  * LeakFound - a label would have been used before anybody could know it
  * ModelNotFound - the registry has no such model
  * NotPromoted - a model that may not become champion
  * DamagedRegistry - the registry's files are not what was written
  * DamagedDataSet - a data set's files are not what was written, or not for these features
  * DataSetNotFound - there is no such data set
  * NotScreened - a data set from which nothing may be learned as it is
  * TrainingFailed - a training's process ended without a model
"""

from __future__ import annotations


class LearningError(Exception):
    """Learning cannot go on; the message is one line and says what to do."""


class BadProtocol(LearningError):
    """The evaluation asked for does not fit the events."""


class LeakFound(LearningError):
    """A label was about to be used before it was known: a fault of ours, never to be worked around."""


class ModelNotFound(LearningError):
    """There is no such model."""


class NotPromoted(LearningError):
    """The model is too weak to decide."""


class DamagedRegistry(LearningError):
    """A file of the registry is not what was written."""


class DamagedDataSet(LearningError):
    """A data set is not what was written, or was made for other features."""


class DataSetNotFound(LearningError):
    """There is no such data set."""


class NotScreened(LearningError):
    """Screening found something from which no model may learn."""


class TrainingFailed(LearningError):
    """A training's process ended without a model; nothing was changed."""
