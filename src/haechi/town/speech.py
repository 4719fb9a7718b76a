"""What is said in calls and written in messages: Korean sentences from templates, a fixed number of each kind."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

import numpy as np

from haechi.town.dice import Ints, Purpose, generator

VARIANTS = 96  # sentences of each kind
_SLOT = re.compile(r"\{(\w+)\}")


class Speech:
    """Every sentence of the town, numbered."""

    def __init__(self, texts: dict[str, list[str]], words: dict[str, list[str]]) -> None:
        rng = generator(0, Purpose.VARIANTS, 2)
        self.sentences: list[str] = []
        self._first: dict[str, int] = {}
        for kind, templates in texts.items():
            self._first[kind] = len(self.sentences)
            for number in range(VARIANTS):
                self.sentences.append(_filled(templates[number % len(templates)], words, rng))

    def of(self, which: Ints, kinds: tuple[str, ...], rng: np.random.Generator) -> Ints:
        """A sentence for each: `which` numbers its kind."""
        first = np.array([self._first[kind] for kind in kinds])[which]
        found: Ints = first + rng.integers(0, VARIANTS, len(which))
        return found

    def one(self, kind: str, rng: np.random.Generator) -> int:
        """The number of one sentence of a kind."""
        return self._first[kind] + int(rng.integers(0, VARIANTS))

    def kind_of(self, number: int) -> str:
        """The kind of a sentence."""
        return max((first, kind) for kind, first in self._first.items() if first <= number)[1]


@cache
def speech() -> Speech:
    """The speech of every town."""
    told = tomllib.loads(resources.files("haechi.town").joinpath("speech.toml").read_text("utf-8"))
    return Speech(told["texts"], told["words"])


def _filled(template: str, words: dict[str, list[str]], rng: np.random.Generator) -> str:
    """A template with a word in each slot; the same slot twice gets the same word."""
    chosen: dict[str, str] = {}

    def word(slot: re.Match[str]) -> str:
        name = slot.group(1)
        if name not in chosen:
            chosen[name] = words[name][int(rng.integers(0, len(words[name])))]
        return chosen[name]

    return _SLOT.sub(word, template)
