"""Every visible sentence, in Korean and in English: words/<language>/<part>.toml, found by `part.name`.

A text may hold {values}. One that depends on a count has the forms `one` and `other`, chosen by the value `n`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from haechi.console.refusals import refused

LANGUAGES = ("en", "ko")
NAMES = {"en": "English", "ko": "한국어"}


class Words:
    """The words of one language; call it with the name of a text and its values."""

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language, self._texts = language, texts

    def __call__(self, name: str, /, **values: Any) -> str:
        """One text; a name that nobody wrote is a mistake of ours and raises KeyError."""
        if "n" in values:
            form = f"{name}.{'one' if values['n'] == 1 else 'other'}"
            name = form if form in self._texts else name
            values["n"] = f"{values['n']:,}"
        return self._texts[name].format_map(values) if values else self._texts[name]

    def has(self, name: str) -> bool:
        """Whether there is such a text."""
        return name in self._texts

    def any(self, name: str, otherwise: str) -> str:
        """A text, or a word as it came: for what a bank names itself."""
        return self._texts.get(name, otherwise)

    def pick(self, text: Mapping[str, str]) -> str:
        """The side of a text in both languages that this one reads."""
        return text.get(self.language) or text.get("en") or next(iter(text.values()), "")

    def refused(self, said: str) -> str:
        """What a desk refuses, in this language; as it came where nobody translated it."""
        return refused(said, self.language)


def flat(table: Mapping[str, Any], before: str) -> dict[str, str]:
    """A table of tables as one, names joined by dots."""
    found: dict[str, str] = {}
    for name, value in table.items():
        found |= flat(value, f"{before}{name}.") if isinstance(value, Mapping) else {before + name: value}
    return found


@cache
def words(language: str) -> Words:
    """The words of a language, read once."""
    texts: dict[str, str] = {}
    for file in (resources.files("haechi.console") / "words" / language).iterdir():
        if file.name.endswith(".toml"):
            texts |= flat(tomllib.loads(file.read_text("utf-8")), file.name.removesuffix(".toml") + ".")
    return Words(language, texts)


def spoken(asked: str | None, kept: str | None, accepted: str) -> str:
    """The language to speak: asked for in the address, kept in a cookie, or the first that the browser accepts."""
    for said in (asked, kept, *(part.split(";")[0].strip()[:2].lower() for part in accepted[:200].split(","))):
        if said in LANGUAGES:
            return str(said)
    return "en"
