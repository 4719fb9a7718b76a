"""Watch: what happens now, on a wall or beside the work."""

from __future__ import annotations

from haechi.console.page import Asked, Page, Rail, Shown


def watch(asked: Asked) -> Shown:
    """The wall."""
    return Shown("watch.html", {})


PAGES = (Page("/watch", watch, rail=Rail("watch", 10, key="w")),)
