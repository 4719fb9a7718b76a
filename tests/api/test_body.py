"""Depth is counted over structure, never over text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haechi.api.body import are_flat, check_depth, is_deeper, split_lines
from haechi.api.errors import BadJson


@pytest.mark.parametrize(
    ("body", "levels"),
    [
        (b"1", 0),
        (b"{}", 1),
        (b'{"a":[1,[2]]}', 3),
        (b'{"a":"[[[[[["}', 1),
        (b'{"a":"\\"[[["}', 1),
        (b'{"a\\\\":[1]}', 2),
        (b"[],[],[],[]", 1),
        (b'"[[[[ never closed', 0),
    ],
)
def test_levels_are_counted_where_they_count(body: bytes, levels: int) -> None:
    assert not is_deeper(body, levels)
    assert levels == 0 or is_deeper(body, levels - 1)


def test_many_brackets_side_by_side_are_not_deep() -> None:
    check_depth(b"[" + b",".join([b"{}"] * 1_000) + b"]", 2)
    with pytest.raises(BadJson, match="deeper than 1 levels"):
        check_depth(b"[{}]", 1)


def levels_of(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(levels_of, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(levels_of, value), default=0)
    return 0


@given(
    st.recursive(
        st.none() | st.text(alphabet='[]{}"\\a'),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet='[{"\\'), inner, max_size=3),
        max_leaves=20,
    )
)
def test_depth_agrees_with_a_real_parser(value: object) -> None:
    levels = levels_of(value)
    body = json.dumps(value).encode()
    assert not is_deeper(body, levels)
    assert levels == 0 or is_deeper(body, levels - 1)


def test_lines_keep_their_numbers() -> None:
    assert split_lines(b"a\n\nb\n", 10) == [b"a", b"", b"b"]
    assert split_lines(b"a\r\nb", 10) == [b"a\r", b"b"]


@given(st.lists(st.sampled_from([b"{", b"[", b"}", b"\n", b"a", b"\n{"]), max_size=20).map(b"".join), st.integers(1, 4))
def test_what_is_flat_needs_no_look_at_each_line(body: bytes, depth_max: int) -> None:
    lines = body.removesuffix(b"\n").split(b"\n")
    if are_flat(body, len(lines), 15, depth_max):
        assert all(line.startswith(b"{") and len(line) <= 15 for line in lines)
        assert not any(is_deeper(line, depth_max) for line in lines)


def test_ordinary_lines_are_flat() -> None:
    assert are_flat(b'{"id":"a"}\n{"id":"b","x":{}}\n', 2, 100, 2)
    assert not are_flat(b'{"id":"a"}\n\n{"id":"b","x":{}}\n', 3, 100, 2)
