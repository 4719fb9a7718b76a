"""What a page can refuse, each with the status and the words of the page that says so.

Refused
├── Missing      there is nothing at this address
├── Forbidden    this person may not
├── Stale        somebody changed it meanwhile, or it may not be done any more
├── BadForm      what was filled in makes no sense
├── TooLarge     more than we take
└── TooMuch      too many at once
"""

from __future__ import annotations


class Refused(Exception):
    """A page says no; `name` finds its words, the message is a detail in English."""

    status, name = 400, "bad"


class Missing(Refused):
    """There is nothing at this address."""

    status, name = 404, "missing"


class Forbidden(Refused):
    """This person may not."""

    status, name = 403, "forbidden"


class Stale(Refused):
    """Somebody changed it meanwhile, or it may not be done any more."""

    status, name = 409, "stale"


class BadForm(Refused):
    """What was filled in makes no sense."""


class TooLarge(Refused):
    """More than we take."""

    status, name = 413, "large"


class TooMuch(Refused):
    """Too many at once."""

    status, name = 503, "busy"
