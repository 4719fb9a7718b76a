"""Markup from Python: every text is escaped where it enters, in both languages, so no event can write into the page."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import NamedTuple

VOID = {"meta", "input", "br"}


class Html(str):
    """Text that is markup already; any other text is escaped on its way in."""

    __slots__ = ()


class Word(NamedTuple):
    """The same thing said in Korean and in English."""

    ko: str
    en: str

    def __add__(self, other: object) -> Word:
        """One after the other, in each language."""
        assert isinstance(other, Word | str)
        return Word(self.ko + other, self.en + other) if isinstance(other, str) else Word(
            self.ko + other.ko, self.en + other.en)  # fmt: skip


Child = Html | Word | str | None


def el(tag: str, /, *children: Child, **attributes: object) -> Html:
    """An element; `class_` becomes class, `stroke_width` stroke-width; None and False leave an attribute out."""
    told = "".join(_attribute(key, value) for key, value in attributes.items() if value not in (None, False))
    if tag in VOID:
        return Html(f"<{tag}{told}>")
    inside = "".join(_inside(child, tag) for child in children if child is not None)
    return Html(f"<{tag}{told}>{inside}</{tag}>")


def many(parts: Iterable[Html]) -> Html:
    """Elements one after the other."""
    return Html("".join(parts))


def number(value: float) -> str:
    """A coordinate: at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


def _inside(child: Html | Word | str, parent: str) -> str:
    if isinstance(child, Word):
        if child.ko == child.en:
            return escape(child.en)
        tag = "tspan" if parent in ("text", "tspan") else "span"
        return f'<{tag} lang="ko">{escape(child.ko)}</{tag}><{tag} lang="en">{escape(child.en)}</{tag}>'
    return child if isinstance(child, Html) else escape(child)


def _attribute(key: str, value: object) -> str:
    name = key.removesuffix("_").replace("_", "-")
    if value is True:
        return f" {name}"
    text = number(value) if isinstance(value, float) else str(value)
    return f' {name}="{escape(text, quote=True)}"'
