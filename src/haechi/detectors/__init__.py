"""What looks wrong: detectors, each a pure function of an event and of what was known before it."""

from haechi.detectors.artifact import Artifact
from haechi.detectors.behaviour import Behaviour, behaviours
from haechi.detectors.calibration import Calibration, calibrate
from haechi.detectors.contract import Detector
from haechi.detectors.errors import (
    DamagedArtifact,
    DetectorError,
    ForeignFeatures,
    ForestMismatch,
    UnsupportedForest,
    UntrainableSet,
)
from haechi.detectors.forest import Forest, View
from haechi.detectors.isolation import Isolation, fresh
from haechi.detectors.supervised import Supervised

__all__ = [
    "Artifact",
    "Behaviour",
    "Calibration",
    "DamagedArtifact",
    "Detector",
    "DetectorError",
    "ForeignFeatures",
    "Forest",
    "ForestMismatch",
    "Isolation",
    "Supervised",
    "UnsupportedForest",
    "UntrainableSet",
    "View",
    "behaviours",
    "calibrate",
    "fresh",
]
