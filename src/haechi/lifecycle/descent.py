"""What stands behind a model: its data set, the hashes of what is in it, and who told the labels."""

from __future__ import annotations

from typing import Any

from haechi.api import model_shapes as shapes
from haechi.events.times import moment
from haechi.learning.errors import LearningError
from haechi.learning.frozen import DataSets
from haechi.learning.registry import Registry

__all__ = ["made_of"]


def made_of(registry: Registry, datasets: DataSets, model: str) -> shapes.MadeOf | None:
    """Read a model's manifest and the card of its data set; a data set that is gone leaves its hashes."""
    found = registry.manifest(model)
    if found is None:
        return None
    card = _card(datasets, found.dataset)
    return shapes.MadeOf(
        moment(found.made_us), found.until, found.parent, found.dataset, found.events_hash, found.labels_hash,
        card.get("label_sources", {}), card.get("told_by", {}),
    )  # fmt: skip


def _card(datasets: DataSets, name: str) -> dict[str, Any]:
    try:
        return datasets.find(name).card if name else {}
    except LearningError:
        return {}
