"""Models come into force in a running house: made ready in the caller's thread, swapped between two decisions."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import numpy as np

from haechi.decision import Detector, House
from haechi.decision.house import RowDetector
from haechi.detectors import Isolation, Supervised, behaviours, fresh
from haechi.detectors.abreast import WIDTHS
from haechi.detectors.artifact import Artifact
from haechi.features import Spec
from haechi.features.course import warm_up
from haechi.learning.life.canary import Canary
from haechi.learning.life.standing import Standing
from haechi.learning.registry import Registry

__all__ = ["Taking", "deciders", "fits", "model_names", "rehearse", "unlabelled"]

log = logging.getLogger("haechi")
Run = Callable[[Callable[[], None]], object]


def unlabelled(spec: Spec) -> list[Detector]:
    """The detectors that need no label from the first day on."""
    found: list[Detector] = [*behaviours(spec)]
    if found:
        found.append(Isolation(fresh(spec)))
    return found


def deciders(registry: Registry, spec: Spec, standing: Standing) -> list[Detector]:
    """The detectors that decide: the champion, for a share of subjects the canary, and those that need no label."""
    others = unlabelled(spec)
    if standing.champion is None:
        return others
    champion = Supervised(registry.load(standing.champion), spec)
    if standing.canary is None:
        return [champion, *others]
    canary, share_ppm = standing.canary
    return [Canary(champion, Supervised(registry.load(canary), spec), share_ppm), *others]


def fits(spec: Spec) -> Callable[[Artifact], object]:
    """A check that raises when a model cannot judge the rows of these features."""
    return lambda artifact: Supervised(artifact, spec)


def model_names(detectors: Sequence[Detector]) -> str:
    """How decisions name the models that could judge."""
    return ",".join(f"{d.name}-{d.version}" for d in detectors)


def rehearse(detectors: Sequence[Detector], spec: Spec) -> None:
    """Compile or load everything that decisions need, one alone or many in a turn, before the first has to wait."""
    event, known = warm_up(spec)
    for detector in detectors:
        detector.explain(event, known, detector.judge(event, known))
        if isinstance(detector, RowDetector):
            for width in WIDTHS:
                detector.judge_rows(np.stack([known.row] * width), *np.empty((2, width)))


class Taking:
    """Swaps the detectors of one house."""

    def __init__(self, house: House, spec: Spec, registry: Registry, *, fixed: bool = False) -> None:
        """`fixed`: the house was given its detectors by hand, and keeps them."""
        self._house, self._spec, self._registry, self._fixed = house, spec, registry, fixed
        self._run: Run = lambda call: call()

    def decide_through(self, run: Run) -> None:
        """Swap through this from now on: `loop.call_soon_threadsafe`."""
        self._run = run

    def publish(self, standing: Standing) -> None:
        """Bring what stands into force; what is loaded is tried first, so that no decision has to wait."""
        if self._fixed:
            return
        found = deciders(self._registry, self._spec, standing)
        if model_names(found) == self._house.versions.get("model"):
            return
        rehearse(found, self._spec)

        def swap() -> None:
            # One decision sees the old detectors with the old name, the next one the new ones with theirs.
            self._house.detectors = found
            self._house.versions = {**self._house.versions, "model": model_names(found)}
            log.info("from now on decides: %s", model_names(found))

        self._run(swap)
