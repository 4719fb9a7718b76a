"""Every policy that ever decided, in full, under the name that its decisions give it: what an audit reads them by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import msgspec

from haechi.decision.policy import Policy

__all__ = ["Kept", "keep", "kept"]


class Kept(msgspec.Struct, frozen=True):
    """A policy as it decided; plain values, so that it can be read whatever later policies may say."""

    since_us: int  # when a home was first opened with it
    policy: dict[str, Any]
    otherwise: dict[str, Any]  # what it says that the defaults of then do not, by dotted name


class Meta(Protocol):
    """Where a home keeps what it knows about itself."""

    def get(self, name: str) -> str | None:
        """The value of a name; None when it was never set."""

    def set(self, name: str, value: str) -> None:
        """Give a name a value, durably."""


def keep(meta: Meta, policy: Policy, now_us: int) -> None:
    """Write a policy down before it decides anything; once, so that nothing that was kept ever changes."""
    name = _name(policy.version)
    if meta.get(name) is None:
        told, usual = msgspec.to_builtins(policy), dict(_flat(msgspec.to_builtins(Policy())))
        otherwise = {key: value for key, value in _flat(told) if key not in usual or usual[key] != value}
        meta.set(name, msgspec.json.encode(Kept(now_us, told, otherwise), order="deterministic").decode())


def kept(meta: Meta, version: str) -> Kept | None:
    """The policy of a version (`versions.policy` of a decision); None for one that never decided here."""
    found = meta.get(_name(version))
    return None if found is None else msgspec.json.decode(found, type=Kept)


def _name(version: str) -> str:
    return f"policy:{version}"


def _flat(tables: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tables.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield before + name, value
