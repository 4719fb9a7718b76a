"""What the room refuses, as a tree.

* SecurityError
  x BadKey                what was presented opens nothing
    + MalformedKey        it does not even look like one of our keys
    + WrongKey            it looks like one, but it is unknown, wrong or revoked: never said which
  x MissingScope          a sound key, but not for this
  x UnknownScope          a scope nobody has defined
  x WeakEntropy           the random bytes handed in are too few to make a key of
"""

from __future__ import annotations


class SecurityError(Exception):
    """Something was not allowed, or could not be checked."""


class BadKey(SecurityError):
    """The key that was presented opens nothing."""


class MalformedKey(BadKey):
    """The text is not shaped like one of our keys."""


class WrongKey(BadKey):
    """The key is unknown, wrong or revoked; which of them is nobody's business."""


class MissingScope(SecurityError):
    """The key is sound, but it was not given this scope."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"this key lacks the scope '{scope}': ask for a key made with it")
        self.scope = scope


class UnknownScope(SecurityError):
    """Nobody has defined this scope."""


class WeakEntropy(SecurityError):
    """The random bytes handed in do not make a safe key."""
