"""A model that scores many rows at once, to the bit as the detector scores them one by one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from haechi.detectors.artifact import Artifact
from haechi.detectors.errors import ForeignFeatures
from haechi.detectors.stack import Stack
from haechi.features import Spec

__all__ = ["Scorer"]

Rows = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float64]


class Scorer:
    """The probabilities of one model, many rows at a time; compiled code that lets go of the interpreter's lock."""

    def __init__(self, artifact: Artifact, spec: Spec) -> None:
        """Load a model for rows of the features of `spec`; a model of other features is refused."""
        if artifact.names != spec.names:
            raise ForeignFeatures(
                f"model {artifact.version} was trained on other features than this home's memory has: it would need a "
                "memory of its own; train it again with today's features.toml"
            )
        self.version = artifact.version
        self._model, self._calibration = artifact.model, artifact.calibration
        told = artifact.settings.get("stack")
        self._stack = Stack.read(told) if told else None
        self._bits = [spec.index(name) for name in self._stack.columns] if self._stack else []

    def probabilities(self, rows: Rows) -> Scores:
        """Calibrated probabilities of fraud; rows [n, features]."""
        raw = self._model.score(rows)
        one = self._calibration.apply_one
        found = np.fromiter((one(score) for score in raw.tolist()), np.float64, len(raw))
        return found if self._stack is None else self._stack.apply(found, rows[:, self._bits].astype(np.float64))
