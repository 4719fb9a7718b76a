"""What a model is made of: one page that names its data, its settings, its libraries and the hash of every file.

The manifest is written once and never changed; what a model is used for stands in the registry. Its own hash covers all
of it but the signatures, so that a signature can be added by whoever holds a key.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

FORMAT = 1
MANIFEST = "manifest.json"


class Signature(msgspec.Struct, frozen=True):
    """Who vouches for a manifest, with which kind of key."""

    key_id: str
    algorithm: str
    value: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """One model: lineage from its data set to its files."""

    version: str
    made_us: int
    dataset: str = ""  # the data set's hash; empty when it was trained without one
    events_hash: str = ""
    labels_hash: str = ""
    spec_hash: str = ""
    until: str = ""
    seed: int = 0
    config: dict[str, Any] = {}
    parent: str = ""  # the champion when it was made
    libraries: dict[str, str] = {}
    files: dict[str, str] = {}  # name: sha256
    intended_use: str = "fraud risk of one event; no credit decision"
    format: int = FORMAT
    signatures: tuple[Signature, ...] = ()

    def signed_bytes(self) -> bytes:
        """What a signature covers: everything but the signatures, keys in order."""
        return msgspec.json.encode(msgspec.structs.replace(self, signatures=()), order="deterministic")

    @property
    def hash(self) -> str:
        """SHA-256 of what a signature covers."""
        return hashlib.sha256(self.signed_bytes()).hexdigest()

    def encode(self) -> bytes:
        """The file, for people too."""
        return msgspec.json.format(msgspec.json.encode(self, order="deterministic"), indent=1)

    @classmethod
    def decode(cls, data: bytes) -> Manifest:
        """Read a file; raises msgspec.DecodeError for anything else."""
        return msgspec.json.decode(data, type=cls)
