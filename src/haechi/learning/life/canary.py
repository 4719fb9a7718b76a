"""A canary decides for a share of subjects, always the same ones; the champion decides for everybody else."""

from __future__ import annotations

from typing import Protocol

from xxhash import xxh3_64_intdigest

from haechi.events import Event, Reason, Signal
from haechi.features import Known
from haechi.learning.life.standing import WHOLE_PPM

__all__ = ["Canary", "chosen"]


class Model(Protocol):
    """A supervised detector."""

    @property
    def name(self) -> str:
        """What signals call it."""
        ...

    @property
    def version(self) -> str:
        """Which model it is."""
        ...

    def judge(self, event: Event, known: Known) -> Signal:
        """The calibrated probability of fraud."""
        ...

    def explain(self, event: Event, known: Known, signal: Signal, top: int = 5) -> tuple[Reason, ...]:
        """The reasons behind it."""
        ...


class Canary:
    """Two models as one detector; each signal carries the version of the model that judged."""

    def __init__(self, champion: Model, canary: Model, share_ppm: int) -> None:
        self.name = champion.name
        self.version = f"{champion.version}+{canary.version}@{share_ppm}"
        self._champion, self._canary, self._share_ppm = champion, canary, share_ppm
        self._salt = canary.version.encode()

    def judge(self, event: Event, known: Known) -> Signal:
        """The probability, by whichever model this subject has."""
        return self._of(event).judge(event, known)

    def explain(self, event: Event, known: Known, signal: Signal, top: int = 5) -> tuple[Reason, ...]:
        """The reasons of the model that judged."""
        model = self._canary if signal.version == self._canary.version else self._champion
        return model.explain(event, known, signal, top)

    def _of(self, event: Event) -> Model:
        subject = next(iter(event.entities.items()), None)
        is_canary = subject is not None and chosen(f"{subject[0]}:{subject[1]}", self._salt, self._share_ppm)
        return self._canary if is_canary else self._champion


def chosen(subject: str, salt: bytes, share_ppm: int) -> bool:
    """Whether a subject is among the share; another canary (another salt) has other subjects."""
    return xxh3_64_intdigest(salt + b"\0" + subject.encode("utf-8", "surrogatepass")) % WHOLE_PPM < share_ppm
