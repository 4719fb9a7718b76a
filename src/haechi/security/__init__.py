"""What must not leak: keys, who may do what, and later pseudonyms, the vault and the audit log."""

from haechi.security.errors import (
    BadKey,
    MalformedKey,
    MissingScope,
    SecurityError,
    UnknownScope,
    WeakEntropy,
    WrongKey,
)
from haechi.security.keys import (
    ENTROPY_BYTES,
    SCOPES,
    TOKEN_CHARACTERS,
    NewKey,
    StoredKey,
    UnverifiedKey,
    key_digest,
    make_key,
    parse_key,
    parse_scopes,
    require_scope,
    verify_key,
)

__all__ = [
    "ENTROPY_BYTES",
    "SCOPES",
    "TOKEN_CHARACTERS",
    "BadKey",
    "MalformedKey",
    "MissingScope",
    "NewKey",
    "SecurityError",
    "StoredKey",
    "UnknownScope",
    "UnverifiedKey",
    "WeakEntropy",
    "WrongKey",
    "key_digest",
    "make_key",
    "parse_key",
    "parse_scopes",
    "require_scope",
    "verify_key",
]
