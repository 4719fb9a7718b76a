"""What can go wrong while a detector is trained, kept or loaded.

* DetectorError
  * UntrainableSet - too few frauds or legitimate events to learn from
  * UnsupportedForest - a model with something our forest cannot walk exactly
  * ForestMismatch - our forest and LightGBM disagree on a score
  * DamagedArtifact - a stored model that is not what was written
  * ForeignFeatures - a model that was trained on other features
"""

from __future__ import annotations


class DetectorError(Exception):
    """Something is wrong with a detector; the message is one line and says what to do."""


class UntrainableSet(DetectorError):
    """The training set cannot teach what fraud looks like."""


class UnsupportedForest(DetectorError):
    """The model holds something that our forest does not walk."""


class ForestMismatch(DetectorError):
    """Our forest and the library that trained it do not agree bit for bit."""


class DamagedArtifact(DetectorError):
    """A stored model fails its checksum or its own probe rows."""


class ForeignFeatures(DetectorError):
    """The model expects other features than those it is given."""
