"""Models in a home: every trained one is kept, one is the champion that decides, the others challenge it.

```
models/
  registry.json          who is what; the first line is its checksum
  9c1f.../model.haechi   the sealed model
  9c1f.../report.json    how it did
  9c1f.../report.html    the same for people, in one file
  9c1f.../manifest.json  what it is made of
```

Every file appears whole or not at all, and each is checked by its checksum before it is believed.
"""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import msgspec

from haechi.detectors.artifact import Artifact, write_whole
from haechi.learning.errors import DamagedRegistry, ModelNotFound, NotPromoted
from haechi.learning.manifest import MANIFEST, Manifest

Status = Literal["challenger", "champion", "retired"]
MODEL, REPORT, PAGE, INDEX, LOCK = "model.haechi", "report.json", "report.html", "registry.json", "registry.lock"


class Entry(msgspec.Struct, frozen=True):
    """One model: its version, what it is now, and who made it so when."""

    version: str
    status: Status
    registered_us: int
    model_sha256: str
    report_sha256: str
    beats_baseline: bool
    promoted_us: int | None = None
    promoted_by: str = ""
    promoted_why: str = ""
    dataset: str = ""
    manifest_sha256: str = ""  # empty for a model from before there were manifests


class Registry:
    """The models of one home."""

    def __init__(self, folder: Path) -> None:
        """Open the folder; it is made when the first model is registered."""
        self.folder = folder

    def register(
        self, artifact: Artifact, report: dict[str, Any], *, now_us: int, lineage: Manifest | None = None,
        page: str = "",
    ) -> Entry:  # fmt: skip
        """Keep a model as challenger with its report, its manifest and its page; the same model is the same entry.

        `lineage` says what it was made from; version, files and parent are filled in here.
        """
        files = {MODEL: artifact.encode(), REPORT: msgspec.json.format(msgspec.json.encode(report), indent=1)}
        if page:
            files[PAGE] = page.encode()
        with self._locked():
            entries = self.entries()
            if artifact.version in {e.version for e in entries}:
                return self._entry(artifact.version)
            manifest = _filled(lineage, artifact, files, entries, now_us)
            files[MANIFEST] = manifest.encode()
            entry = Entry(
                version=artifact.version,
                status="challenger",
                registered_us=now_us,
                model_sha256=_digest(files[MODEL]),
                report_sha256=_digest(files[REPORT]),
                beats_baseline=bool(report.get("beats_baseline", False)),
                dataset=manifest.dataset,
                manifest_sha256=_digest(files[MANIFEST]),
            )
            for name, data in files.items():
                write_whole(self.folder / entry.version / name, data)
            self._write([*entries, entry])
        return entry

    def promote(
        self, version: str, *, now_us: int, by: str, why: str = "", even_if_weak: bool = False
    ) -> Entry:  # fmt: skip
        """Make a model the champion and retire the one before; a model that a plain baseline beats is refused."""
        with self._locked():
            wanted = self._entry(version)
            self.load(version)
            if not wanted.beats_baseline and not even_if_weak:
                raise NotPromoted(
                    f"model {version} does not beat its baseline on its own rehearsals: look at its report, "
                    "and promote it with even_if_weak only when you know why"
                )
            champion = msgspec.structs.replace(
                wanted, status="champion", promoted_us=now_us, promoted_by=by, promoted_why=why
            )  # fmt: skip
            self._write([champion if e.version == version else _stepped_down(e) for e in self.entries()])
        return champion

    def entries(self) -> list[Entry]:
        """Every model, oldest first."""
        path = self.folder / INDEX
        if not path.exists():
            return []
        digest, _, body = path.read_bytes().partition(b"\n")
        if digest.decode("ascii", "replace") != _digest(body):
            raise DamagedRegistry(f"{path} fails its checksum: restore it from a backup, or remove it and train again")
        return msgspec.json.decode(body, type=list[Entry])

    def champion(self) -> Artifact | None:
        """The model that decides, or None before the first promotion."""
        found = [e.version for e in self.entries() if e.status == "champion"]
        return self.load(found[0]) if found else None

    def load(self, version: str) -> Artifact:
        """Read a model, checked."""
        entry = self._entry(version)
        return Artifact.decode(self._file(version, MODEL, entry.model_sha256), f"model {version}")

    def report(self, version: str) -> dict[str, Any]:
        """Read a model's report, checked."""
        entry = self._entry(version)
        found: dict[str, Any] = msgspec.json.decode(self._file(version, REPORT, entry.report_sha256))
        return found

    def manifest(self, version: str) -> Manifest | None:
        """Read what a model is made of, checked; None for a model from before there were manifests."""
        entry = self._entry(version)
        if not entry.manifest_sha256:
            return None
        return Manifest.decode(self._file(version, MANIFEST, entry.manifest_sha256))

    def page(self, version: str) -> bytes | None:
        """Read a model's report for people, checked; None where it has none."""
        manifest = self.manifest(version)
        if manifest is None or PAGE not in manifest.files:
            return None
        return self._file(version, PAGE, manifest.files[PAGE])

    def _entry(self, version: str) -> Entry:
        entries = {e.version: e for e in self.entries()}
        if version not in entries:
            there = ", ".join(entries) or "none; train one with `haechi train`"
            raise ModelNotFound(f"there is no model {version!r}; there are: {there}")
        return entries[version]

    def _file(self, version: str, name: str, digest: str) -> bytes:
        path = self.folder / version / name
        try:
            data = path.read_bytes()
        except OSError as error:
            raise DamagedRegistry(f"{path} cannot be read ({error.strerror}): restore it from a backup") from error
        if _digest(data) != digest:
            raise DamagedRegistry(f"{path} fails its checksum: restore it from a backup, or train again")
        return data

    def _write(self, entries: list[Entry]) -> None:
        body = msgspec.json.format(msgspec.json.encode(entries), indent=1)
        write_whole(self.folder / INDEX, _digest(body).encode() + b"\n" + body)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time, across processes; the lock goes with its holder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / LOCK).open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _filled(
    lineage: Manifest | None, artifact: Artifact, files: dict[str, bytes], entries: list[Entry], now_us: int
) -> Manifest:
    parent = next((e.version for e in entries if e.status == "champion"), "")
    return msgspec.structs.replace(
        lineage or Manifest(version="", made_us=now_us),
        version=artifact.version,
        made_us=now_us,
        spec_hash=artifact.spec_hash,
        parent=parent,
        files={name: _digest(data) for name, data in files.items()},
    )


def _stepped_down(entry: Entry) -> Entry:
    return msgspec.structs.replace(entry, status="retired") if entry.status == "champion" else entry


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
