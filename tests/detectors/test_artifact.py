"""A sealed model reads back as it was written, byte for byte, and a damaged one never loads."""

from __future__ import annotations

import hashlib

import msgspec
import numpy as np
import pytest

from haechi.detectors import Artifact, Calibration, DamagedArtifact, ForestMismatch, View
from haechi.detectors.artifact import MAGIC, Fitted, seal, write_whole
from haechi.detectors.boosting import fit, prepare
from haechi.detectors.logistic import fit_logistic

from .making import TINY, rows

NAMES = tuple(f"feature {i}" for i in range(8))


def sealed(seed: int = 0) -> Artifact:
    x, y = rows()
    chosen = np.array([0, 3, 4, 5, 7])
    texts = tuple(
        fit(TINY, prepare(np.ascontiguousarray(x[:, chosen]), y, np.ones(len(y)), seed=s, plan=TINY), seed=s)
        for s in (seed, seed + 1)
    )
    return seal(
        Fitted(texts, View(chosen, 8)), x, names=NAMES, roles=("contrast",) * 8, spec_hash="abc",
        settings={"seed": seed}, reference=np.nanmedian(x, axis=0), calibration=Calibration("platt", 0.9, -0.1),
        seed=seed,
    )  # fmt: skip


def test_reads_back_what_was_written(tmp_path) -> None:
    artifact, x = sealed(), rows()[0]
    artifact.write(tmp_path / "models" / "one")
    again = Artifact.read(tmp_path / "models" / "one")
    assert again.encode() == artifact.encode()
    assert again.version == artifact.version
    assert len(again.version) == 12
    assert again.calibration == artifact.calibration
    assert np.array_equal(again.model.score(x), artifact.model.score(x))
    assert not list(tmp_path.glob("**/*.draft"))


def linear() -> Artifact:
    x, y = rows()
    chosen = np.array([0, 3, 4, 5, 7])
    return seal(
        Fitted((), View(chosen, 8), fit_logistic(x, y, np.ones(len(y)), chosen)), x, names=NAMES,
        roles=("contrast",) * 8, spec_hash="abc", settings={}, reference=np.nanmedian(x, axis=0),
        calibration=Calibration(), seed=0,
    )  # fmt: skip


def test_a_linear_model_is_kept_in_the_same_file(tmp_path) -> None:
    artifact, x = linear(), rows()[0]
    artifact.write(tmp_path / "one")
    again = Artifact.read(tmp_path / "one")
    assert again.encode() == artifact.encode() == linear().encode()
    assert np.array_equal(again.model.score(x), artifact.model.score(x))
    body = msgspec.msgpack.decode(artifact.encode()[len(MAGIC) + 32 :])
    assert body["texts"] == []
    assert "linear" not in msgspec.msgpack.decode(sealed().encode()[len(MAGIC) + 32 :]), "trees are kept as ever"
    body["linear"]["shift"] += 1e-6
    forged = msgspec.msgpack.encode(body)
    with pytest.raises(ForestMismatch, match="our model says"):
        _ = Artifact.decode(MAGIC + hashlib.sha256(forged).digest() + forged).model


def test_same_data_and_seed_give_the_same_bytes() -> None:
    assert sealed().encode() == sealed().encode()
    assert sealed().version != sealed(1).version


@pytest.mark.parametrize("at", [20, 60, 5000, -1])
def test_a_flipped_bit_is_found(tmp_path, at) -> None:
    data = bytearray(sealed().encode())
    data[at] ^= 1
    with pytest.raises(DamagedArtifact, match="fails its checksum"):
        Artifact.decode(bytes(data))


def test_other_files_and_missing_ones_are_named(tmp_path) -> None:
    with pytest.raises(DamagedArtifact, match="not a Haechi model"):
        Artifact.decode(b"PK\x03\x04")
    with pytest.raises(DamagedArtifact, match="cannot be read"):
        Artifact.read(tmp_path / "nothing")


def test_a_model_that_scores_differently_than_when_it_was_sealed_is_refused() -> None:
    data = sealed().encode()
    body = msgspec.msgpack.decode(data[len(MAGIC) + 32 :])
    scores = np.frombuffer(body["probe_scores"]).copy()
    scores[0] += 1e-6
    forged = msgspec.msgpack.encode(body | {"probe_scores": scores.tobytes()})
    artifact = Artifact.decode(MAGIC + hashlib.sha256(forged).digest() + forged)
    with pytest.raises(ForestMismatch, match="row 0"):
        _ = artifact.model


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch) -> None:
    path = tmp_path / "model"
    write_whole(path, b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
