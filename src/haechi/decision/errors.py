"""What can go wrong when an event is decided.

DecisionError
  x BadPolicy   the [policy] part of haechi.toml cannot be used
  x Conflict    the event id is already known, with other content
"""

from __future__ import annotations


class DecisionError(Exception):
    """Deciding is not possible; the message says what to do."""


class BadPolicy(DecisionError):
    """The [policy] part of haechi.toml cannot be used."""


class Conflict(DecisionError):
    """The event id is already known, with other content."""
