"""Reading LightGBM's own model text, without LightGBM.

The text is what the artifact keeps: it is stable, human-readable and needs no pickle. Only what a fraud score needs is
accepted: one sum of trees with constant leaves under a sigmoid. Anything else is refused by name.
"""

from __future__ import annotations

from dataclasses import dataclass

from haechi.detectors.errors import UnsupportedForest

OBJECTIVES = ("binary", "cross_entropy")


@dataclass(frozen=True)
class Tree:
    """One tree as LightGBM writes it: inner nodes by index, a leaf as the complement of its index."""

    leaves: int
    split_feature: list[int]
    threshold: list[float]
    decision_type: list[int]
    left: list[int]
    right: list[int]
    leaf_value: list[float]
    leaf_count: list[float]
    cat_boundaries: list[int]
    cat_threshold: list[int]

    def category_words(self, number: int) -> list[int]:
        """The bit words of one set of categories."""
        return self.cat_threshold[self.cat_boundaries[number] : self.cat_boundaries[number + 1]]


@dataclass(frozen=True)
class Model:
    """A whole model: its trees, and how their sum becomes log-odds."""

    trees: list[Tree]
    feature_names: list[str]
    sigmoid: float
    averaged: bool

    @property
    def feature_count(self) -> int:
        """How many features a row must have."""
        return len(self.feature_names)


def read_model(text: str) -> Model:
    """Parse a model text; raise UnsupportedForest for what our forest cannot walk exactly."""
    head, *blocks = text.split("\nTree=")
    fields, flags = _fields(head)
    if not blocks:
        raise UnsupportedForest("the model has no trees: train it again with more rows")
    if fields.get("num_tree_per_iteration", "1") != "1":
        raise UnsupportedForest("the model has several classes: train with objective=binary")
    # The tree blocks end where the summary of the whole model begins.
    blocks[-1] = blocks[-1].split("\nend of trees")[0]
    sigmoid = _sigmoid(fields.get("objective", ""))
    names = fields["feature_names"].split()
    return Model([_tree(block) for block in blocks], names, sigmoid, "average_output" in flags)


def _fields(block: str) -> tuple[dict[str, str], set[str]]:
    """The `name=value` lines of a block, and its bare words."""
    lines = [line.strip() for line in block.splitlines() if line.strip()]
    pairs = dict(line.split("=", 1) for line in lines if "=" in line)
    return pairs, {line for line in lines if "=" not in line}


def _sigmoid(objective: str) -> float:
    """The factor from raw score to log-odds."""
    kind, *settings = objective.split() or [""]
    if kind not in OBJECTIVES:
        raise UnsupportedForest(f"objective {kind or 'none'!r} is not known: train with {' or '.join(OBJECTIVES)}")
    values = dict(s.split(":", 1) for s in settings if ":" in s)
    return float(values.get("sigmoid", "1"))


def _tree(block: str) -> Tree:
    """One tree from its lines."""
    fields, _ = _fields(block)
    if fields.get("is_linear", "0") != "0":
        raise UnsupportedForest("the model has linear leaves: train with linear_tree=false")

    def numbers(name: str) -> list[float]:
        return [float(word) for word in fields.get(name, "").split()]

    def integers(name: str) -> list[int]:
        return [int(word) for word in fields.get(name, "").split()]

    leaves = int(fields["num_leaves"])
    return Tree(
        leaves=leaves,
        split_feature=integers("split_feature"),
        threshold=numbers("threshold"),
        decision_type=integers("decision_type"),
        left=integers("left_child"),
        right=integers("right_child"),
        leaf_value=numbers("leaf_value"),
        leaf_count=numbers("leaf_count") or [1.0] * leaves,
        cat_boundaries=integers("cat_boundaries"),
        cat_threshold=integers("cat_threshold"),
    )
