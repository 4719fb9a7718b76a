"""Where everything stands inside a record: block offsets in bytes, records rounded to whole cache lines."""

from __future__ import annotations

from dataclasses import dataclass

from haechi.features import control as at
from haechi.features.behaviour import EVERYBODY, GROUPS_MAX, PEERS
from haechi.features.blocks import crowd, moments, pairs, panes, profile, rank, rates, ring, surprise_layout, verdicts
from haechi.features.spec import Entity, Spec

__all__ = ["Layout", "Shelf", "lay_out"]


@dataclass(frozen=True)
class Shelf:
    """One kind of record: its name, its size and the offsets of its blocks."""

    name: str
    record_bytes: int
    hot_max: int
    cold_max: int
    blocks: dict[str, int]


@dataclass(frozen=True)
class Layout:
    """All shelves of a spec: an entity's record, its panes when it has a ring, and the values of categories."""

    shelves: tuple[Shelf, ...]

    def number(self, name: str) -> int:
        """Which shelf a name stands on."""
        return next(i for i, s in enumerate(self.shelves) if s.name == name)

    def shelf(self, name: str) -> Shelf:
        """The shelf of a name."""
        return self.shelves[self.number(name)]


def lay_out(spec: Spec) -> Layout:
    """Give every block of every entity its bytes."""
    shelves = []
    for entity in spec.entities:
        shelves.append(_record(entity, spec))
        if entity.ring:
            blocks = {"panes": at.HEAD_BYTES}
            size = _lines(at.HEAD_BYTES + panes.WINDOW_BYTES * len(spec.windows))
            shelves.append(Shelf(f"{entity.name}.panes", size, entity.hot_max, entity.cold_max, blocks))
    if spec.categories or spec.attributes:
        size = _lines(at.HEAD_BYTES + verdicts.BYTES)
        blocks = {"verdicts": at.HEAD_BYTES}
        shelves.append(Shelf("values", size, spec.values_hot_max, spec.values_hot_max, blocks))
    if spec.behaviour:
        for name, size in ((PEERS, surprise_layout.PEERS_BYTES), (EVERYBODY, surprise_layout.EVERYBODY_BYTES)):
            most = GROUPS_MAX + at.LINE_BYTES if name == PEERS else at.LINE_BYTES
            blocks = {"behaviour": at.HEAD_BYTES}
            shelves.append(Shelf(name, _lines(at.HEAD_BYTES + size), most, most, blocks))
    return Layout(tuple(shelves))


def _record(entity: Entity, spec: Spec) -> Shelf:
    windows = len(spec.windows)
    wanted: list[tuple[str, int]] = [("moments", moments.BYTES)]
    if entity.ring:
        wanted += [("ring", ring.BYTES), ("rank", rank.BYTES)]
    else:
        wanted += [("panes", panes.WINDOW_BYTES * windows), ("rates", rates.WINDOW_BYTES * windows)]
    if entity.profile:
        wanted.append(("profile", profile.BYTES))
    wanted += [(f"pair:{p.target}", pairs.bytes_of(p.slots)) for p in entity.pairs]
    if entity.crowd:
        wanted.append(("crowd", crowd.BYTES))
    if entity.verdicts:
        wanted.append(("verdicts", verdicts.BYTES))
    if entity.role == "subject":
        wanted += [(f"attribute:{a}", 8) for a in spec.attributes]
        wanted += [("behaviour", surprise_layout.BYTES)] if spec.behaviour else []
    blocks, offset = {}, at.HEAD_BYTES
    for name, size in wanted:
        blocks[name] = offset
        offset += (size + 7) // 8 * 8
    return Shelf(entity.name, _lines(offset), entity.hot_max, entity.cold_max, blocks)


def _lines(size: int) -> int:
    return (size + at.LINE_BYTES - 1) // at.LINE_BYTES * at.LINE_BYTES
