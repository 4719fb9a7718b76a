"""What the desks refuse, in the reader's language: their English sentences are found by their shape.

words/refusals.<language>.toml has each sentence with {} where a desk puts something in; what stands there is looked up
in turn. A sentence that nobody translated stays as it came, and tests/console/test_refusals.py names it.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

from haechi.events.wording import with_particle

SAID_CHARS_MAX = 2_000
DEPTH_MAX = 12
PARTICLE = re.compile(r"(\S+)(을/를|이/가|은/는|과/와|으로/로)")


@cache
def sentences(language: str) -> dict[str, str]:
    """Every sentence that a language has, by its English shape; none for English."""
    file = resources.files("haechi.console") / "words" / f"refusals.{language}.toml"
    return tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}


@cache
def _shapes(language: str) -> list[tuple[re.Pattern[str], str]]:
    """Patterns with their sentences, those that say most themselves first."""
    found = sorted(sentences(language).items(), key=lambda one: -len(one[0].replace("{}", "")))
    return [(re.compile("(.*?)".join(map(re.escape, shape.split("{}"))), re.S), text) for shape, text in found]


def refused(said: str, language: str, depth: int = 0) -> str:
    """A refusal in a language; as it came where the language does not have it."""
    if depth >= DEPTH_MAX or len(said) > SAID_CHARS_MAX:
        return said
    for shape, text in _shapes(language):
        if match := shape.fullmatch(said):
            told = text.format(*(refused(part, language, depth + 1) for part in match.groups()))
            return PARTICLE.sub(lambda found: with_particle(*found.groups()), told)
    return said
