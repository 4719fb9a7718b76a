"""A page: an address, a right, and a plain function from what was asked to what is shown.

The function runs in a thread beside the decisions: it may read the store, and it never touches the event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from haechi.console.behind import Behind
from haechi.console.words import Words


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in, and what she may do: her rights are the scopes of an API key."""

    name: str
    rights: frozenset[str]

    def may(self, right: str) -> bool:
        """Whether this right is hers."""
        return right in self.rights


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a form."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Asked:
    """One request, read and checked: the person may do this, and her form is her own."""

    behind: Behind
    person: Person
    words: Words
    now_us: int
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    place: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, list[str]] = field(default_factory=dict)
    files: Mapping[str, Upload] = field(default_factory=dict)
    theme: str = "auto"
    hint: bool = True  # until she says that she knows how it goes
    goes_on: bool = True  # to the next alert after a verdict, until she chooses to stay
    csrf: str = ""
    once: Callable[[], str] = lambda: ""

    @property
    def language(self) -> str:
        """The language to speak."""
        return self.words.language


@dataclass(frozen=True, slots=True)
class Shown:
    """A template with what it shows."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True, slots=True)
class Moved:
    """After a form: the page to go on with, on this host."""

    to: str


@dataclass(frozen=True, slots=True)
class Download:
    """A file to keep; it is never opened inside the console."""

    name: str
    media_type: str
    content: bytes


class Act(Protocol):
    """What a page is made of."""

    def __call__(self, asked: Asked, /) -> Shown | Moved | Download:
        """Do what was asked for; raises errors.Refused and what the desks raise."""
        ...


@dataclass(frozen=True, slots=True)
class Rail:
    """A page's line in the rail on the left: `name` finds its words and its icon, `count` says how much waits."""

    name: str
    place: int
    count: Callable[[Behind], int] | None = None
    key: str = ""  # pressed after g
    shown: Callable[[Behind], bool] = lambda behind: True


@dataclass(frozen=True, slots=True)
class Page:
    """One address of the console; `right` is the scope of an API key that its person must have, or the other one."""

    path: str
    act: Act
    right: str = "read"
    method: Literal["GET", "POST"] = "GET"
    rail: Rail | None = None
    is_upload: bool = False
    other_right: str = ""
