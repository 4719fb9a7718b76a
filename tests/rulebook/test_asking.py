"""Which lists a condition asks."""

from __future__ import annotations

import pytest

from haechi.rulebook.asking import lists_asked, words_asked


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


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ('kind == "a" and "b" != channel or not channel in ("c", "d")',
         [("kind", "a"), ("channel", "b"), ("channel", "c"), ("channel", "d")]),
        ('count(customer, "1h", kind=("e", "f"), result="g") > 1', [("kind", "e"), ("kind", "f"), ("result", "g")]),
        ('hour in (1, 2) and starts(device, "emu") and country == merchant_country and age > 3', []),
    ],
)  # fmt: skip
def test_fields_and_the_texts_that_they_are_held_against(condition: str, words: list[tuple[str, str]]) -> None:
    assert [(name, text.value) for name, text in words_asked(condition)] == words
