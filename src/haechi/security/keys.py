"""API keys: who may call, and what for.

A key reads ``hk_<id>_<secret>``: 8 random bytes name it, 32 random bytes open the door. Only a hash is kept.

Plain SHA-256 is right here, and a slow password hash would be wrong: slowness protects secrets that people choose and
others can guess, but 256 random bits cannot be guessed at any speed, and the check runs on each request (0.6 us against
50 ms). No keyed hash either: whoever steals the stored hashes still has to find 256 bits, so a second secret to guard
would buy nothing. The id names a key in logs and lists without giving it away; the store finds a key by its hash.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest

from haechi.security.errors import MalformedKey, MissingScope, UnknownScope, WeakEntropy, WrongKey

ID_BYTES = 8
SECRET_BYTES = 32
ENTROPY_BYTES = ID_BYTES + SECRET_BYTES
TOKEN_CHARACTERS = len("hk__") + 2 * ENTROPY_BYTES

SCOPES = {
    "decide": "ask for decisions, one by one or in batches",
    "events": "send events to learn from, without a decision",
    "labels": "tell which events were fraud",
    "read": "look at decisions, alerts and metrics",
    "rules:write": "write rules, ask for changes of rules and lists, snooze",
    "rules:approve": "agree to what others ask for, or reject it",
    "cases:write": "work on alerts, cases and refunds",
    "cases:approve": "agree to what others close or refund, or reject it",
    "models:write": "train models, ask for their steps, roll back",
    "models:approve": "agree to the steps that others ask for, or reject them",
    "admin": "make and revoke keys",
}

# The version stands in front of what is hashed: another way of hashing gets another word and cannot be confused.
_CONTEXT = b"haechi api key 1\x00"
_SHAPE = re.compile(rb"hk_([0-9a-f]{%d})_[0-9a-f]{%d}" % (2 * ID_BYTES, 2 * SECRET_BYTES))
_NOBODY = bytes(32)


@dataclass(frozen=True, slots=True)
class StoredKey:
    """What we keep of a key: enough to check it, not enough to use it."""

    digest: bytes
    scopes: frozenset[str]
    name: str = ""
    created_us: int = 0
    revoked_us: int | None = None


@dataclass(frozen=True, slots=True)
class NewKey:
    """A fresh key: the token is shown once, the stored part is kept."""

    token: str
    stored: StoredKey


@dataclass(frozen=True, slots=True)
class UnverifiedKey:
    """A key as presented: well-formed, and nothing else is known about it yet."""

    id: str
    digest: bytes


def parse_scopes(words: Iterable[str]) -> frozenset[str]:
    """Take scope names by their word, or say which of them nobody has defined."""
    scopes = frozenset(words)
    if strange := sorted(scopes - SCOPES.keys()):
        raise UnknownScope(f"unknown scope {', '.join(strange)}: choose from {', '.join(SCOPES)}")
    return scopes


def make_key(entropy: bytes, *, scopes: Iterable[str], name: str = "", created_us: int = 0) -> NewKey:
    """Make a key from 40 random bytes; without scopes it opens nothing."""
    if len(entropy) != ENTROPY_BYTES:
        raise WeakEntropy(f"a key needs {ENTROPY_BYTES} random bytes, got {len(entropy)}")
    if len(set(entropy)) < ID_BYTES:
        raise WeakEntropy("these bytes are not random: take them from the system's generator")
    key_id = entropy[:ID_BYTES].hex()
    token = f"hk_{key_id}_{entropy[ID_BYTES:].hex()}"
    stored = StoredKey(key_digest(token.encode()), parse_scopes(scopes), name, created_us)
    return NewKey(token, stored)


def key_digest(token: bytes) -> bytes:
    """The only form of a key that is ever written down."""
    return sha256(_CONTEXT + token).digest()


def parse_key(token: bytes) -> UnverifiedKey:
    """Read a key as presented; raises MalformedKey, never repeats the secret."""
    shape = _SHAPE.fullmatch(token)
    if shape is None:
        raise MalformedKey("this is not an API key: it must read hk_<16 hex digits>_<64 hex digits>")
    return UnverifiedKey(shape[1].decode(), key_digest(token))


def verify_key(presented: UnverifiedKey, stored: StoredKey | None) -> StoredKey:
    """Check a presented key against what the store keeps of it, in the same time whatever comes out."""
    digest = _NOBODY if stored is None else stored.digest
    same = compare_digest(presented.digest, digest)
    if stored is None or not same or stored.revoked_us is not None:
        raise WrongKey("unknown or revoked API key: check it, or make a new one with `haechi key add`")
    return stored


def require_scope(stored: StoredKey, scope: str) -> None:
    """Let a key pass only for what it was made for; no scope implies another."""
    if scope not in stored.scopes:
        raise MissingScope(scope)
