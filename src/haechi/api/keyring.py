"""Who is calling: keys are checked once against the store and then remembered by their hash for a few seconds."""

from __future__ import annotations

from collections.abc import Callable

from haechi.api.errors import Forbidden, Unauthorised
from haechi.security import (
    TOKEN_CHARACTERS,
    BadKey,
    MissingScope,
    StoredKey,
    key_digest,
    parse_key,
    require_scope,
    verify_key,
)

REMEMBERED_S = 2.0
REMEMBERED_MAX = 4_096
_PREFIX = b"Bearer "


class Keyring:
    """Turns an Authorization header into a checked key.

    What is remembered is the hash of the whole token, never the token. Looking a hash up in a dictionary tells an
    attacker nothing: to steer the comparison he would have to choose SHA-256 outputs. A key revoked by this process is
    forgotten at once (`forget`), one revoked by another process within REMEMBERED_S.
    """

    def __init__(self, find: Callable[[bytes], StoredKey | None], clock: Callable[[], float]) -> None:
        self._find = find
        self._clock = clock
        self._known: dict[bytes, tuple[StoredKey, float]] = {}

    def admit(self, authorization: bytes | None, scope: str, other: str | None = None) -> StoredKey:
        """Let a caller in for this scope, or for the other one; raises Unauthorised or Forbidden."""
        if authorization is None or authorization[:7] != _PREFIX:
            raise Unauthorised(
                "send your API key as `Authorization: Bearer hk_...`; `haechi init` printed the first one"
            )
        token = authorization[7:]
        if len(token) != TOKEN_CHARACTERS:
            raise Unauthorised("this is not an API key: it must read hk_<16 hex digits>_<64 hex digits>")
        remembered = self._known.get(key_digest(token))
        fresh = remembered is not None and remembered[1] > self._clock()
        key = remembered[0] if remembered is not None and fresh else self._verify(token)
        try:
            require_scope(key, other if other in key.scopes else scope)
        except MissingScope as reason:
            raise Forbidden(str(reason)) from None
        return key

    def forget(self) -> None:
        """Ask the store again for every key: call it when a key was made or revoked."""
        self._known.clear()

    def _verify(self, token: bytes) -> StoredKey:
        try:
            presented = parse_key(token)
            key = verify_key(presented, self._find(presented.digest))
        except BadKey as reason:
            self._known.pop(key_digest(token), None)
            raise Unauthorised(str(reason)) from None
        if len(self._known) >= REMEMBERED_MAX:
            self._known.clear()
        self._known[presented.digest] = (key, self._clock() + REMEMBERED_S)
        return key
