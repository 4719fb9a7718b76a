"""The house as the console sees it: what api's front is for machines, this is for people."""

from __future__ import annotations

from haechi.app import OpenHouse
from haechi.cases import CaseDesk
from haechi.front import HouseFront
from haechi.security import StoredKey

__all__ = ["Backstage"]

SUPERVISED = "supervised"


class Backstage:
    """What stands behind the console; every call comes from one of its threads."""

    def __init__(self, opened: OpenHouse, front: HouseFront) -> None:
        self._opened, self._front = opened, front
        self.timezone = getattr(opened.schema.time, "timezone", "") or "UTC"

    @property
    def cases(self) -> CaseDesk:
        """What people do."""
        return self._front.cases

    def key(self, digest: bytes) -> StoredKey | None:
        """Find an API key by its hash."""
        return self._opened.key(digest)

    def trouble(self) -> list[str]:
        """What does not work as it should."""
        found = []
        if self._opened.store.journal.broken is not None:
            found.append("journal")
        if not any(one.name == SUPERVISED for one in self._opened.house.detectors):
            found.append("model")
        return found
