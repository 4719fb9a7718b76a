"""Every refusal has its own word and one line that can be shown."""

from __future__ import annotations

import msgspec

from haechi import api
from haechi.api import errors
from haechi.api.errors import BadEvent, Refusal


def test_the_door_lists_its_names_sorted() -> None:
    assert api.__all__ == sorted(api.__all__, key=lambda n: (not n.isupper(), not n[0].isupper(), n))
    assert all(hasattr(api, name) for name in api.__all__)


def test_every_refusal_has_a_word_of_its_own_and_stands_in_the_tree() -> None:
    kinds = [k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, Refusal) and k is not Refusal]
    assert len({k.word for k in kinds}) == len(kinds)
    for kind in kinds:
        assert 400 <= kind.status <= 503
        assert f" {kind.__name__} " in errors.__doc__


def test_a_reason_over_several_lines_becomes_one() -> None:
    document = BadEvent("first\n  second").document(7)
    assert b"\n" not in document
    assert msgspec.json.decode(document) == {
        "type": "urn:haechi:problem:bad-event", "title": "Not an event", "status": 400,
        "detail": "first second", "line": 7,
    }  # fmt: skip
