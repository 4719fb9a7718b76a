"""The models of any past moment: a decision names them, and the registry keeps them all."""

from __future__ import annotations

import re

from haechi.decision import Decision, Detector, House
from haechi.features import Spec
from haechi.learning.life.standing import Place, Standing
from haechi.learning.registry import Registry
from haechi.lifecycle.taking import deciders, model_names

__all__ = ["PastModels"]

SETS_AT_ONCE = 8
# supervised-CHAMPION, or supervised-CHAMPION+CANARY@SHARE; whatever follows needs no label and is made anew.
_NAMED = re.compile(r"supervised-([0-9a-f]+)(?:\+([0-9a-f]+)@([0-9]+))?(?:,|$)")


class PastModels:
    """Loads the models that past decisions name, one set after the other as they come."""

    def __init__(self, registry: Registry, spec: Spec) -> None:
        self._registry, self._spec = registry, spec
        self._sets: dict[str, list[Detector]] = {}

    def put_into(self, house: House, decision: Decision) -> None:
        """Give a house the models by which this decision was taken; one whose models are gone keeps its own."""
        named = decision.versions.get("model", "")
        if named == house.versions.get("model"):
            return
        found = self._set(named)
        if model_names(found) == named:
            house.detectors = found
            house.versions = {**house.versions, "model": named}

    def _set(self, named: str) -> list[Detector]:
        if named not in self._sets:
            if len(self._sets) >= SETS_AT_ONCE:
                self._sets.pop(next(iter(self._sets)))
            self._sets[named] = deciders(self._registry, self._spec, self._standing(named))
        return self._sets[named]

    def _standing(self, named: str) -> Standing:
        """What stood then, as far as the registry still has it."""
        found = _NAMED.match(named)
        kept = {entry.version for entry in self._registry.entries()}
        if found is None or found[1] not in kept:
            return Standing()
        canary = {found[2]: Place("canary", int(found[3]))} if found[2] in kept else {}
        return Standing(champions=(found[1],), places=canary)
