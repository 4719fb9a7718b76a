"""Which lists a condition asks."""

from __future__ import annotations

import pytest

from haechi.rulebook.asking import lists_asked


@pytest.mark.parametrize(
    ("condition", "pairs"),
    [
        ('in_list("bad", payee)', {("bad", "payee")}),
        ('not (in_list("a", payee) or (amount > 3 and in_list( "b" , customer)))', {("a", "payee"), ("b", "customer")}),
        ('channel == "in_list"', set()),
        ("amount > 3", set()),
        ('in_list("bad", ', set()),
        ("in_list(payee)", set()),
    ],
)  # fmt: skip
def test_lists_and_entities(condition: str, pairs: set[tuple[str, str]]) -> None:
    assert lists_asked(condition) == pairs
