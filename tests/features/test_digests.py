"""A column's hashes are those of its texts one by one."""

from __future__ import annotations

import polars as pl
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from haechi.features.digests import digests
from haechi.features.xxh3 import BYTES_MAX

TEXTS = st.one_of(st.none(), st.text(max_size=30), st.text(min_size=40, max_size=2 * BYTES_MAX))


def one_by_one(texts: list[str | None], seed: int) -> list[int]:
    return [0 if text is None else xxhash.xxh3_64_intdigest(text.encode(), seed) or 1 for text in texts]


@given(st.lists(TEXTS, max_size=20), st.integers(0, 2**64 - 1))
def test_every_column_hashes_as_its_texts_do(texts: list[str | None], seed: int) -> None:
    assert digests(pl.Series(texts, dtype=pl.String), seed).tolist() == one_by_one(texts, seed)


def test_every_length_around_the_limit_of_compiled_code() -> None:
    texts: list[str | None] = ["x" * size for size in range(BYTES_MAX + 3)]
    assert digests(pl.Series(texts), 7).tolist() == one_by_one(texts, 7)


def test_what_is_no_text_hashes_as_it_is_written() -> None:
    assert digests(pl.Series([12, None, -3]), 1).tolist() == one_by_one(["12", None, "-3"], 1)
