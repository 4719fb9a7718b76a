"""A key opens what it was made for, and only its hash is ever kept."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haechi import security
from haechi.security import (
    ENTROPY_BYTES,
    SCOPES,
    TOKEN_CHARACTERS,
    BadKey,
    MalformedKey,
    MissingScope,
    UnknownScope,
    WeakEntropy,
    WrongKey,
    key_digest,
    make_key,
    parse_key,
    parse_scopes,
    require_scope,
    verify_key,
)

ENTROPY = bytes(range(ENTROPY_BYTES))


def test_the_door_lists_its_names_sorted() -> None:
    assert security.__all__ == sorted(security.__all__, key=lambda n: (not n.isupper(), not n[0].isupper(), n))
    assert all(hasattr(security, name) for name in security.__all__)


def test_a_new_key_opens_the_door_and_its_secret_is_not_kept() -> None:
    key = make_key(ENTROPY, scopes=["decide"], name="gateway", created_us=7)
    assert key.token == f"hk_{ENTROPY[:8].hex()}_{ENTROPY[8:].hex()}"
    assert len(key.token) == TOKEN_CHARACTERS
    assert verify_key(parse_key(key.token.encode()), key.stored) is key.stored
    assert (key.stored.name, key.stored.created_us, key.stored.scopes) == ("gateway", 7, {"decide"})
    assert key.token.split("_")[2] not in repr(key.stored)
    assert key.stored.digest == key_digest(key.token.encode())


def test_the_hash_never_changes_by_accident() -> None:
    token = make_key(ENTROPY, scopes=[]).token.encode()
    assert key_digest(token).hex() == "570a28d91206961e16c5e766f8fcb1956a999c96eeb99cc22d6468f333b600ed"


@pytest.mark.parametrize("length", [0, ENTROPY_BYTES - 1, ENTROPY_BYTES + 1])
def test_too_little_or_too_much_entropy_makes_no_key(length: int) -> None:
    with pytest.raises(WeakEntropy, match=f"needs 40 random bytes, got {length}"):
        make_key(bytes(length), scopes=[])


def test_bytes_that_are_not_random_make_no_key() -> None:
    with pytest.raises(WeakEntropy, match="not random"):
        make_key(bytes(ENTROPY_BYTES), scopes=[])


@pytest.mark.parametrize("place", [3, 18, 20, 83])
def test_a_key_with_one_wrong_digit_is_refused(place: int) -> None:
    key = make_key(ENTROPY, scopes=["decide"])
    digit = "0" if key.token[place] != "0" else "1"
    presented = parse_key((key.token[:place] + digit + key.token[place + 1 :]).encode())
    with pytest.raises(WrongKey, match="unknown or revoked"):
        verify_key(presented, key.stored)


def test_unknown_revoked_and_other_keys_are_refused_with_the_same_words() -> None:
    key = make_key(ENTROPY, scopes=["decide"])
    presented = parse_key(key.token.encode())
    said = set()
    for stored in (None, replace(key.stored, revoked_us=1), replace(key.stored, digest=bytes(32))):
        with pytest.raises(WrongKey) as refusal:
            verify_key(presented, stored)
        said.add(str(refusal.value))
    assert len(said) == 1


def test_an_all_zero_hash_does_not_stand_for_nobody() -> None:
    presented = replace(parse_key(make_key(ENTROPY, scopes=[]).token.encode()), digest=bytes(32))
    with pytest.raises(WrongKey):
        verify_key(presented, None)


@pytest.mark.parametrize(
    "text", [b"", b"hk_", b"hk_12_34", b"HK_" + b"0" * 16 + b"_" + b"0" * 64, b"hk_" + b"g" * 16 + b"_" + b"0" * 64]
)
def test_text_that_is_no_key_is_refused_without_repeating_it(text: bytes) -> None:
    with pytest.raises(MalformedKey) as refusal:
        parse_key(text)
    assert "must read hk_" in str(refusal.value)


def test_a_line_break_behind_a_key_is_not_forgiven() -> None:
    with pytest.raises(MalformedKey):
        parse_key(make_key(ENTROPY, scopes=[]).token.encode() + b"\n")


@given(st.binary(max_size=200))
def test_no_bytes_at_all_bring_down_the_parser(text: bytes) -> None:
    with pytest.raises(BadKey):
        parse_key(text)


@given(st.binary(min_size=40, max_size=40).filter(lambda b: len(set(b)) >= 8))
def test_every_random_key_verifies_and_no_other_does(entropy: bytes) -> None:
    key = make_key(entropy, scopes=SCOPES)
    other = make_key(bytes([entropy[0] ^ 1]) + entropy[1:], scopes=SCOPES)
    verify_key(parse_key(key.token.encode()), key.stored)
    with pytest.raises(WrongKey):
        verify_key(parse_key(other.token.encode()), key.stored)


def test_deny_by_default_and_no_scope_implies_another() -> None:
    for granted in SCOPES:
        stored = make_key(ENTROPY, scopes=[granted]).stored
        require_scope(stored, granted)
        for other in SCOPES.keys() - {granted}:
            with pytest.raises(MissingScope, match=other):
                require_scope(stored, other)
    with pytest.raises(MissingScope) as refusal:
        require_scope(make_key(ENTROPY, scopes=[]).stored, "read")
    assert refusal.value.scope == "read"


def test_a_scope_nobody_defined_is_named() -> None:
    assert parse_scopes(["read", "read"]) == {"read"}
    with pytest.raises(UnknownScope, match="unknown scope fly, swim: choose from decide"):
        parse_scopes(["swim", "read", "fly"])
