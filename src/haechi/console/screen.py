"""From a template and values to the bytes of a page; everything is escaped, whoever wrote it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any
from urllib.parse import quote, urlencode

import jinja2

from haechi.console.page import Asked, Page
from haechi.console.said import Say
from haechi.console.words import LANGUAGES, NAMES

THEMES = ("auto", "light", "dark")


@cache
def static_files() -> dict[str, bytes]:
    """What the browser gets beside pages: styles, scripts, icons; read once."""
    folder = resources.files("haechi.console") / "static"
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.name.endswith((".css", ".js", ".svg"))}


@cache
def edition() -> str:
    """A short name of exactly these files: they may be kept for good under it."""
    digest = sha256()
    for name, content in sorted(static_files().items()):
        digest.update(name.encode() + b"\x00" + content)
    return digest.hexdigest()[:12]


def address(path: str, **query: Any) -> str:
    """An address of the console: its path percent-encoded, its query without what is empty."""
    asked = urlencode([(name, value) for name, value in query.items() if value not in (None, "")])
    return quote(path, safe="/~") + (f"?{asked}" if asked else "")


def with_query(path: str, query: Mapping[str, str], **changes: str) -> str:
    """The same page, asked for otherwise."""
    return address(path, **{**{k: v for k, v in query.items() if k != "said"}, **changes})


@cache
def templates() -> jinja2.Environment:
    """The templates of all pages, compiled when the first page is to be made ready: no reader waits for that."""
    loader = jinja2.PackageLoader("haechi.console", "templates")
    found = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        auto_reload=False, cache_size=200,
    )  # fmt: skip
    found.globals.update(
        address=address, with_query=with_query, languages=LANGUAGES, language_names=NAMES, themes=THEMES,
        static=lambda name: f"/static/{edition()}/{name}",
    )  # fmt: skip
    for name in found.list_templates():
        found.get_template(name)
    return found


class Screen:
    """Makes pages."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self._environment = templates()
        self._rails = sorted(
            (page for page in pages if page.rail), key=lambda page: page.rail.place if page.rail else 0
        )

    def make(self, template: str, asked: Asked, values: Mapping[str, Any]) -> bytes:
        """Fill in a template for a person who is signed in."""
        rails = [
            page for page in self._rails
            if asked.person.may(page.right) and page.rail and page.rail.shown(asked.behind)
        ]  # fmt: skip
        return self._fill(template, {**_common(asked), "rails": rails, **values})

    def plain(self, template: str, asked: Asked, values: Mapping[str, Any]) -> bytes:
        """Fill in a template for somebody who is not."""
        return self._fill(template, {**_common(asked), "rails": (), **values})

    def part(self, template: str, asked: Asked, values: Mapping[str, Any]) -> str:
        """Fill in a fragment that a page includes and a feed sends."""
        return self._environment.get_template(template).render({**_common(asked), **values})

    def _fill(self, template: str, values: Mapping[str, Any]) -> bytes:
        return self._environment.get_template(template).render(values).encode()


def say_of(asked: Asked) -> Say:
    """How values are said to whoever asks."""
    return Say(asked.words, asked.behind.timezone, asked.behind.policy.currency)


def _common(asked: Asked) -> dict[str, Any]:
    return {
        "t": asked.words, "say": say_of(asked), "asked": asked, "person": asked.person,
        "language": asked.language, "theme": asked.theme, "now_us": asked.now_us, "said": asked.query.get("said", ""),
    }  # fmt: skip
