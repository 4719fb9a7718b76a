"""What is said in calls and written in messages: Korean sentences from templates, in the words of a fixed cast."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Container
from functools import cache
from importlib import resources

import numpy as np

from haechi.town.dice import Ints, Purpose, generator

CASTS = 96  # sets of words: in one story the same caller keeps the same name, office and offer
ALIGNED = {"officer": "office"}  # words that belong to the word at the same place of another list
BY_SEX = "parent"  # its words are told by the sex of whom they address: casts with even numbers to women
_SLOT = re.compile(r"\{(\w+)\}")
_OPEN = re.compile(r"<(\w+)>")  # what only the event knows: a sum, a shop, a card


class Speech:
    """Every sentence of the town, numbered: by kind, then by cast, then by template."""

    def __init__(self, texts: dict[str, list[str]], words: dict[str, list[str]]) -> None:
        rng = generator(0, Purpose.VARIANTS, 2)
        casts = [_cast(words, number, rng) for number in range(CASTS)]
        self.sentences: list[str] = []
        self._first: dict[str, int] = {}
        self._templates = {kind: len(templates) for kind, templates in texts.items()}
        for kind, templates in texts.items():
            self._first[kind] = len(self.sentences)
            self.sentences += [_filled(template, cast) for cast in casts for template in templates]

        self.open = np.array(["<" in sentence for sentence in self.sentences])  # which wait for what an event says

    def of(self, which: Ints, kinds: tuple[str, ...], rng: np.random.Generator) -> Ints:
        """A sentence for each: `which` numbers its kind."""
        first = np.array([self._first[kind] for kind in kinds])[which]
        count = np.array([self._templates[kind] * CASTS for kind in kinds])[which]
        found: Ints = first + (rng.random(len(which)) * count).astype(np.int64)
        return found

    def one(self, kind: str, rng: np.random.Generator, cast: int, told: Container[int] = ()) -> int:
        """The number of a sentence of a kind in a cast's words, if there is one, that was not told yet."""
        first, count = self._first[kind] + cast % CASTS * self._templates[kind], self._templates[kind]
        new = [number for number in range(first, first + count) if number not in told]
        return new[int(rng.integers(0, len(new)))] if new else first + int(rng.integers(0, count))

    def kind_of(self, number: int) -> str:
        """The kind of a sentence."""
        return max((first, kind) for kind, first in self._first.items() if first <= number)[1]


@cache
def speech() -> Speech:
    """The speech of every town."""
    told = tomllib.loads(resources.files("haechi.town").joinpath("speech.toml").read_text("utf-8"))
    return Speech(told["texts"], told["words"])


def _cast(words: dict[str, list[str]], number: int, rng: np.random.Generator) -> dict[str, str]:
    """One word of each list."""
    place = {name: int(rng.integers(0, len(choice))) for name, choice in words.items()}
    place |= {name: place[other] for name, other in ALIGNED.items()} | {BY_SEX: number % 2}
    return {name: choice[place[name]] for name, choice in words.items()}


def _filled(template: str, cast: dict[str, str]) -> str:
    """A template with its words."""
    return _SLOT.sub(lambda slot: cast[slot.group(1)], template)


def filled(sentence: str, told: dict[str, str]) -> str:
    """A sentence with what its event says."""
    return _OPEN.sub(lambda slot: told[slot.group(1)], sentence)
