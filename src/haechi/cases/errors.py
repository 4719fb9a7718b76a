"""What can go wrong where people work.

CasesError
├── Unknown       there is no such alert, case, challenge, refund, warning or webhook
├── NotAllowed    its state, its holder or four eyes do not allow this
├── Stale         somebody changed it since it was looked at
└── BadAsk        what was asked for makes no sense
"""

from __future__ import annotations


class CasesError(Exception):
    """What was asked for is not done; the message says what would be."""


class Unknown(CasesError):
    """There is no such thing."""


class NotAllowed(CasesError):
    """Its state, its holder or four eyes do not allow this."""


class Stale(CasesError):
    """Somebody changed it since it was looked at."""


class BadAsk(CasesError):
    """What was asked for makes no sense."""
