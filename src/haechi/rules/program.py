"""From checked conditions to one program for the machine: every different part of all rules gets one register."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from haechi.rules.expression import Constant, Expression, Input, Leaf, Operation, Word
from haechi.rules.machine import SIGNS

__all__ = ["Program", "assemble"]

ALONE = ("abs", "not", "known")


@dataclass(frozen=True)
class Program:
    """Registers in order: inputs, constants, then what is worked out. `roots`: where each condition's truth stands."""

    inputs: tuple[Input, ...]
    constants: np.ndarray
    code: np.ndarray
    registers: int
    roots: tuple[int, ...]


def assemble(conditions: Sequence[Expression], inputs: Sequence[Input], number: Callable[[Word], float]) -> Program:
    """Lay conditions out in one line; `inputs` fixes the first registers, `number` is what a word is compared as."""
    line = _Line(tuple(inputs), number)
    for condition in conditions:
        line.collect(condition)
    roots = tuple(line.place(condition) for condition in conditions)
    code = np.array(_by_kind(line.code), np.int32).reshape(-1, 4)
    return Program(line.inputs, np.array(list(line.constants), np.float64), code, line.next, roots)


def _by_kind(code: Sequence[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Instructions of one kind in a row, as far as what they need allows: the processor guesses the next one right."""
    level: dict[int, int] = {}
    keyed = []
    for step in code:
        level[step[3]] = 1 + max(level.get(step[1], 0), level.get(step[2], 0))
        keyed.append((level[step[3]], step))
    return [step for _, step in sorted(keyed, key=lambda k: (k[0], k[1][0]))]


class _Line:
    """Registers handed out so far."""

    def __init__(self, inputs: tuple[Input, ...], number: Callable[[Word], float]) -> None:
        self.inputs, self.number = inputs, number
        self.known: dict[Input, int] = {i: at for at, i in enumerate(inputs)}
        self.constants: dict[float, int] = {}
        self.placed: dict[Expression, int] = {}
        self.same: dict[tuple[int, int, int], int] = {}
        self.code: list[tuple[int, int, int, int]] = []
        self.next = len(inputs)

    def collect(self, expression: Expression) -> None:
        """Constants stand before everything that is worked out, so they are handed out first."""
        if isinstance(expression, Operation):
            for part in expression.parts:
                self.collect(part)
        elif not isinstance(expression, Leaf):
            value = expression.value if isinstance(expression, Constant) else self.number(expression)
            if value not in self.constants:
                self.constants[value] = self.next
                self.next += 1
            self.placed[expression] = self.constants[value]

    def place(self, expression: Expression) -> int:
        """The register of an expression, working it out when it is new."""
        if isinstance(expression, Leaf):
            return self.known[expression.input]
        found = self.placed.get(expression)
        if found is None:
            assert isinstance(expression, Operation)
            found = self.placed[expression] = self._work_out(expression)
        return found

    def _work_out(self, expression: Operation) -> int:
        places = [self.place(part) for part in expression.parts]
        what = SIGNS.index(expression.sign)
        if expression.sign in ALONE:
            return self._say(what, places[0], places[0])
        left = places[0]
        for right in places[1:]:
            left = self._say(what, left, right)
        return left

    def _say(self, what: int, left: int, right: int) -> int:
        key = (what, left, right)
        if key not in self.same:
            self.same[key] = self.next
            self.code.append((*key, self.next))
            self.next += 1
        return self.same[key]
