"""A trained model as one file: all that scoring and explaining need, and the proof that it still scores the same.

The file is a magic line, the SHA-256 of the body and the body, MessagePack of plain values (no pickle: loading a model
runs no code of its maker). The same data, settings and seed give the same bytes. When it is read, the checksum is
tested and the probe rows are scored again: a model that no longer says what it said when it was trained is refused.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import msgspec
import numpy as np

from haechi.detectors.boosting import SEALED_PROOF_ROWS, blend, library_scores, proof_rows
from haechi.detectors.calibration import Calibration
from haechi.detectors.errors import DamagedArtifact
from haechi.detectors.forest import Forest, Rows, Scores, View, prove_equal
from haechi.detectors.linear import Linear

MAGIC = b"HAECHI-MODEL 1\n"
PROBE_ROWS = 256
VERSION_CHARS = 12


@dataclass(frozen=True)
class Fitted:
    """What a training made: trees over some columns, as LightGBM's texts, or a linear model and no trees."""

    texts: tuple[str, ...]
    view: View
    linear: Linear | None = None

    @property
    def model(self) -> Forest | Linear:
        """What scores with it."""
        return self.linear or blend(self.texts, self.view)

    def library_scores(self, rows: Rows) -> Scores:
        """What the model must say: the trees by LightGBM itself; a linear model has no second opinion."""
        if self.linear is not None:
            return self.linear.score(rows)
        return library_scores(self.texts, np.ascontiguousarray(rows[:, self.view.chosen]))


@dataclass(frozen=True)
class Artifact:
    """A model with its features' names, its reference row and its calibration."""

    fitted: Fitted
    names: tuple[str, ...]
    roles: tuple[str, ...]
    spec_hash: str
    reference: Rows
    calibration: Calibration
    probe: Rows
    probe_scores: Scores
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def model(self) -> Forest | Linear:
        """What to score with, proven on the probe rows."""
        model = self.fitted.model
        prove_equal(model, self.probe_scores, self.probe)
        return model

    def encode(self) -> bytes:
        """The file's bytes."""
        linear = self.fitted.linear
        body = msgspec.msgpack.encode(
            {
                "texts": self.fitted.texts,
                "chosen": self.fitted.view.chosen.tolist(),
                "names": self.names,
                "roles": self.roles,
                "spec_hash": self.spec_hash,
                "reference": _bytes(self.reference, "<f4"),
                "calibration": self.calibration.document(),
                "probe": _bytes(self.probe, "<f4"),
                "probe_scores": _bytes(self.probe_scores, "<f8"),
                "settings": self.settings,
                **({"linear": linear.document()} if linear else {}),
            }
        )
        return MAGIC + hashlib.sha256(body).digest() + body

    @property
    def version(self) -> str:
        """A name made from the content: equal models have equal versions."""
        return hashlib.sha256(self.encode()).hexdigest()[:VERSION_CHARS]

    def write(self, path: Path) -> None:
        """Write the file so that a crash leaves the old one or the new one, never half of it."""
        write_whole(path, self.encode())

    @classmethod
    def decode(cls, data: bytes, where: str = "the model") -> Artifact:
        """Read a file's bytes; raise DamagedArtifact for anything that is not what was written."""
        head, body = len(MAGIC) + 32, data[len(MAGIC) + 32 :]
        if not data.startswith(MAGIC):
            raise DamagedArtifact(f"{where} is not a Haechi model: train one, or give another path")
        if hashlib.sha256(body).digest() != data[len(MAGIC) : head]:
            raise DamagedArtifact(f"{where} fails its checksum: restore it from a backup or train again")
        return _artifact(msgspec.msgpack.decode(body))

    @classmethod
    def read(cls, path: Path) -> Artifact:
        """Read a model file."""
        try:
            data = path.read_bytes()
        except OSError as error:
            raise DamagedArtifact(f"{path} cannot be read ({error.strerror}): train a model first") from error
        return cls.decode(data, str(path))


def seal(
    fitted: Fitted,
    rows: Rows,
    *,
    names: tuple[str, ...],
    roles: tuple[str, ...],
    spec_hash: str,
    reference: Rows,
    calibration: Calibration,
    settings: dict[str, Any],
    seed: int,
) -> Artifact:
    """Make an artifact: trees must score the given training rows as LightGBM does, strange values included."""
    proof = proof_rows(rows, SEALED_PROOF_ROWS, seed=seed)
    scores = fitted.library_scores(proof)
    prove_equal(fitted.model, scores, proof)
    chosen = np.random.default_rng(seed).permutation(len(proof))[:PROBE_ROWS]
    return Artifact(fitted, names, roles, spec_hash, reference, calibration, proof[chosen], scores[chosen], settings)


def write_whole(path: Path, data: bytes) -> None:
    """Write through a temporary neighbour and a rename, both synced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".draft")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _bytes(values: np.ndarray, kind: str) -> bytes:
    return np.ascontiguousarray(values, dtype=kind).tobytes()


def _artifact(body: dict[str, Any]) -> Artifact:
    features = len(body["names"])
    probe = np.frombuffer(body["probe"], "<f4").reshape(-1, features)
    return Artifact(
        fitted=Fitted(
            tuple(body["texts"]),
            View(np.array(body["chosen"], dtype=np.int64), features),
            Linear.read(body["linear"], features) if "linear" in body else None,
        ),
        names=tuple(body["names"]),
        roles=tuple(body["roles"]),
        spec_hash=body["spec_hash"],
        reference=cast(Rows, np.frombuffer(body["reference"], "<f4")),
        calibration=Calibration.read(body["calibration"]),
        probe=cast(Rows, probe),
        probe_scores=cast(Scores, np.frombuffer(body["probe_scores"], "<f8")),
        settings=body["settings"],
    )
