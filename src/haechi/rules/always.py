"""Find conditions that are always true or always false, by the ranges of their inputs and by comparing bounds.

"Always" is meant for events whose fields are known; a missing one leaves any condition undecided.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf, isnan

from haechi.rules.expression import Constant, Expression, Leaf, Operation, Word

__all__ = ["outcomes", "values"]

Range = tuple[float, float]
BOTH = frozenset({True, False})
_OPPOSITE = {"and": "or", "or": "and"}


def outcomes(expression: Expression) -> frozenset[bool]:
    """Which of true and false a condition can become at all."""
    if isinstance(expression, Operation):
        if expression.sign in ("and", "or"):
            return _joined(expression)
        if expression.sign == "not":
            return frozenset(not o for o in outcomes(expression.parts[0]))
        if expression.sign in ("<", "<=", "=="):
            return _compared(expression)
    return BOTH


def values(expression: Expression) -> Range:
    """The smallest and the largest value that a calculation can have."""
    if isinstance(expression, Constant):
        return expression.value, expression.value
    if isinstance(expression, Leaf):
        return expression.low, expression.high
    if isinstance(expression, Word) or expression.sign not in _RANGES:
        return -inf, inf
    ranges = [values(part) for part in expression.parts]
    low, high = _RANGES[expression.sign](ranges)
    return (-inf if isnan(low) else low), (inf if isnan(high) else high)


def _joined(expression: Operation) -> frozenset[bool]:
    """`and` is false when a part is, or when two parts exclude each other; `or` is the same upside down."""
    decides = expression.sign == "or"
    parts = [outcomes(part) for part in expression.parts]
    if any(part == {decides} for part in parts):
        return frozenset({decides})
    if all(part == {not decides} for part in parts):
        return frozenset({not decides})
    return frozenset({decides}) if _exclude(_atoms(expression, expression.sign, False, decides)) else BOTH


def _atoms(expression: Expression, sign: str, inverted: bool, invert: bool) -> list[tuple[Operation, bool]]:
    """The comparisons that must hold together (the second says: must not hold); for `or`, those of its opposite."""
    if isinstance(expression, Operation):
        if expression.sign == "not":
            return _atoms(expression.parts[0], _OPPOSITE[sign], not inverted, invert)
        if expression.sign == sign:
            return [atom for part in expression.parts for atom in _atoms(part, sign, inverted, invert)]
        if expression.sign in ("<", "<=", "=="):
            return [(expression, inverted != invert)]
    return []


@dataclass
class _Bounds:
    """What a set of comparisons leaves for one value."""

    low: float = -inf
    high: float = inf
    low_open: bool = False
    high_open: bool = False
    equal: set[object] = field(default_factory=set)
    unequal: set[object] = field(default_factory=set)

    def above(self, value: float, is_open: bool) -> None:
        if (value, is_open) > (self.low, self.low_open):
            self.low, self.low_open = value, is_open

    def below(self, value: float, is_open: bool) -> None:
        if (-value, is_open) > (-self.high, self.high_open):
            self.high, self.high_open = value, is_open

    @property
    def empty(self) -> bool:
        if self.low > self.high or (self.low == self.high and (self.low_open or self.high_open)):
            return True
        return len(self.equal) > 1 or bool(self.equal & self.unequal)


def _exclude(atoms: Sequence[tuple[Operation, bool]]) -> bool:
    """Whether no value can meet all these comparisons with constants."""
    bounds: dict[Expression, _Bounds] = {}
    for atom, inverted in atoms:
        left, right = atom.parts
        if isinstance(right, Constant | Word):
            low, high = values(left)
            _bound(bounds.setdefault(left, _Bounds(low, high)), atom.sign, right, inverted, left_of=True)
        elif isinstance(left, Constant):
            low, high = values(right)
            _bound(bounds.setdefault(right, _Bounds(low, high)), atom.sign, left, inverted, left_of=False)
    return any(b.empty for b in bounds.values())


def _bound(bounds: _Bounds, sign: str, constant: Constant | Word, inverted: bool, left_of: bool) -> None:
    if sign == "==":
        value = constant.text if isinstance(constant, Word) else constant.value
        (bounds.unequal if inverted else bounds.equal).add(value)
        if isinstance(constant, Constant) and not inverted:
            bounds.above(constant.value, False)
            bounds.below(constant.value, False)
        return
    assert isinstance(constant, Constant)
    is_open = (sign == "<") != inverted
    if left_of != inverted:
        bounds.below(constant.value, is_open)
    else:
        bounds.above(constant.value, is_open)


def _compared(expression: Operation) -> frozenset[bool]:
    left, right = expression.parts
    if left == right:
        return frozenset({expression.sign != "<"})
    (a, b), (c, d) = values(left), values(right)
    if expression.sign == "==":
        never = b < c or d < a
        always = a == b == c == d
    else:
        strict = expression.sign == "<"
        always = b < c if strict else b <= c
        never = a >= d if strict else a > d
    return frozenset({True}) if always else frozenset({False}) if never else BOTH


def _sum(ranges: Sequence[Range]) -> Range:
    return ranges[0][0] + ranges[1][0], ranges[0][1] + ranges[1][1]


def _difference(ranges: Sequence[Range]) -> Range:
    return ranges[0][0] - ranges[1][1], ranges[0][1] - ranges[1][0]


def _product(ranges: Sequence[Range]) -> Range:
    corners = [_times(a, b) for a in ranges[0] for b in ranges[1]]
    return min(corners), max(corners)


def _times(a: float, b: float) -> float:
    # Nothing times something very large is nothing: inputs are finite, however large.
    return 0.0 if a == 0.0 or b == 0.0 else a * b


def _quotient(ranges: Sequence[Range]) -> Range:
    (a, b), (c, d) = ranges
    if c <= 0.0 <= d:
        return (0.0, inf) if a >= 0.0 and c >= 0.0 else (-inf, inf)
    return _product([(a, b), (1 / d, 1 / c)])


def _rest(ranges: Sequence[Range]) -> Range:
    c, d = ranges[1]
    return (0.0, d) if c > 0.0 else (-inf, inf)


def _size(ranges: Sequence[Range]) -> Range:
    low, high = ranges[0]
    return (0.0 if low <= 0.0 <= high else min(abs(low), abs(high))), max(abs(low), abs(high))


_RANGES: dict[str, Callable[[Sequence[Range]], Range]] = {
    "+": _sum,
    "-": _difference,
    "*": _product,
    "/": _quotient,
    "%": _rest,
    "abs": _size,
    "min": lambda ranges: (min(r[0] for r in ranges), min(r[1] for r in ranges)),
    "max": lambda ranges: (max(r[0] for r in ranges), max(r[1] for r in ranges)),
}
