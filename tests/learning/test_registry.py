"""Models in a home: kept whole, checked before use, promoted on purpose, and never half written."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from haechi.detectors import Artifact, Calibration, View
from haechi.detectors.artifact import Fitted, seal
from haechi.detectors.boosting import Plan, fit, prepare
from haechi.learning import registry as registry_file
from haechi.learning.errors import DamagedRegistry, ModelNotFound, NotPromoted
from haechi.learning.manifest import Manifest, Signature
from haechi.learning.registry import Registry

GOOD = {"ap": 0.7, "beats_baseline": True}


def model(seed: int) -> Artifact:
    r = np.random.default_rng(seed)
    x = r.normal(size=(300, 3)).astype(np.float32)
    y = (x[:, 0] > 1).astype(np.int8)
    plan = Plan("tiny", 5, 4, 0.1, 5)
    text = fit(plan, prepare(x, y, np.ones(300), seed=seed, plan=plan), seed=seed)
    return seal(
        Fitted((text,), View.whole(3)), x, names=("a", "b", "c"), roles=("contrast",) * 3, spec_hash="s",
        reference=x[0], calibration=Calibration(), settings={}, seed=seed,
    )  # fmt: skip


def test_a_challenger_becomes_champion_and_the_old_one_retires(tmp_path) -> None:
    registry = Registry(tmp_path / "models")
    assert registry.champion() is None
    first, second = model(1), model(2)
    registry.register(first, GOOD, now_us=1)
    registry.register(second, GOOD, now_us=2)
    assert [e.status for e in registry.entries()] == ["challenger", "challenger"]
    registry.promote(first.version, now_us=3, by="kim")
    registry.promote(second.version, now_us=4, by="lee")
    assert [e.status for e in registry.entries()] == ["retired", "champion"]
    assert registry.champion().encode() == second.encode()
    assert registry.report(first.version) == GOOD
    assert registry.entries()[1].promoted_by == "lee"
    assert registry.register(second, GOOD, now_us=9).status == "champion"
    assert len(registry.entries()) == 2


def test_a_model_that_the_baseline_beats_is_promoted_only_on_purpose(tmp_path) -> None:
    registry, weak = Registry(tmp_path), model(1)
    registry.register(weak, {"beats_baseline": False}, now_us=1)
    with pytest.raises(NotPromoted, match="does not beat its baseline"):
        registry.promote(weak.version, now_us=2, by="kim")
    assert registry.promote(weak.version, now_us=2, by="kim", even_if_weak=True).status == "champion"


def test_unknown_models_are_named_with_those_there_are(tmp_path) -> None:
    registry = Registry(tmp_path)
    with pytest.raises(ModelNotFound, match="there are: none"):
        registry.load("abc")
    registry.register(model(1), GOOD, now_us=1)
    with pytest.raises(ModelNotFound, match=model(1).version):
        registry.promote("abc", now_us=1, by="kim")


@pytest.mark.parametrize("name", ["registry.json", "model.haechi", "report.json"])
def test_a_damaged_file_is_named(tmp_path, name) -> None:
    registry = Registry(tmp_path)
    version = registry.register(model(1), GOOD, now_us=1).version
    [path] = tmp_path.rglob(name)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    read = registry.report if name == "report.json" else registry.load
    with pytest.raises(DamagedRegistry, match=f"{name} fails its checksum"):
        read(version)
    path.unlink()
    with pytest.raises(ModelNotFound if name == "registry.json" else DamagedRegistry):
        read(version)


def test_a_crash_while_registering_leaves_what_was_there(tmp_path, monkeypatch) -> None:
    registry = Registry(tmp_path)
    first = registry.register(model(1), GOOD, now_us=1)
    whole = registry_file.write_whole

    def crash(path, data) -> None:
        if path.name == "registry.json":
            raise OSError(28, "No space left on device")
        whole(path, data)

    monkeypatch.setattr(registry_file, "write_whole", crash)
    with pytest.raises(OSError, match="No space left"):
        registry.register(model(2), GOOD, now_us=2)
    monkeypatch.undo()
    assert registry.entries() == [first]
    assert registry.register(model(2), GOOD, now_us=3).status == "challenger"
    assert len(registry.entries()) == 2


def test_a_manifest_names_the_data_and_every_file_and_can_be_signed_later(tmp_path) -> None:
    registry = Registry(tmp_path)
    first, second = model(1), model(2)
    registry.register(first, GOOD, now_us=1, page="<html>")
    registry.promote(first.version, now_us=2, by="kim")
    registry.register(second, GOOD, now_us=3, lineage=Manifest(version="", made_us=0, dataset="d1", seed=4))
    told = registry.manifest(second.version)
    assert (told.version, told.dataset, told.seed, told.parent) == (second.version, "d1", 4, first.version)
    assert told.files["model.haechi"] == registry.entries()[1].model_sha256
    assert registry.entries()[1].dataset == "d1"
    assert registry.page(first.version) == b"<html>"
    assert registry.page(second.version) is None
    signed = msgspec.structs.replace(told, signatures=(Signature("k", "ed25519", "00"),))
    assert signed.hash == told.hash
    assert Manifest.decode(signed.encode()) == signed
    path = tmp_path / second.version / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b"d1", b"d2"))
    with pytest.raises(DamagedRegistry, match="fails its checksum"):
        registry.manifest(second.version)


def test_a_model_from_before_there_were_manifests_has_none(tmp_path) -> None:
    registry, old = Registry(tmp_path), model(1)
    entry = registry.register(old, GOOD, now_us=1)
    with registry._locked():
        registry._write([msgspec.structs.replace(entry, manifest_sha256="")])
    assert registry.manifest(old.version) is None
    assert registry.page(old.version) is None
