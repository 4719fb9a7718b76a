"""A plain JSON object taken apart in compiled code: one walk over its bytes, one token for each column that it fills.

Plain is a flat object of texts without escapes, numbers without exponents, true, false and null. Whatever is not
exactly so is not taken; what is taken means what any JSON parser would say.
"""

from __future__ import annotations

from haechi.features.jit import compiled
from haechi.features.table import (
    COLUMNS,
    DECIMAL,
    MANTISSA_MAX,
    NULL,
    SLOTS,
    SLOTS_MASK,
    TEXT,
    TOKEN_WORDS,
    TOKENS,
    TRUTH,
    WHOLE,
)
from haechi.features.words import load_i8, load_u1, store_i8

__all__ = ["short_hash", "take_apart"]


@compiled
def short_hash(at: int, size: int) -> int:
    """A quick number for a name, to find its column by; at least 8 bytes can be read at every name."""
    word = load_i8(at)
    if size < 8:
        word &= (1 << (8 * size)) - 1
    else:
        word ^= load_i8(at + size - 8) * 0x9E3779B1
    word = (word ^ size) * 0x2545F4914F6CDD1D
    return word ^ ((word >> 29) & 0x7FFFFFFFF)


@compiled
def _behind_space(at: int, end: int) -> int:
    while at < end:
        c = load_u1(at)
        if c != 32 and c != 10 and c != 13 and c != 9:
            break
        at += 1
    return at


@compiled
def _sequence(at: int, c: int) -> int:
    """How many bytes a character outside ASCII takes; 0 when this is not UTF-8."""
    second = load_u1(at + 1)
    if 0xC2 <= c <= 0xDF:
        return 2 if second >> 6 == 2 else 0
    third = load_u1(at + 2)
    if 0xE0 <= c <= 0xEF:
        low, high = 0xA0 if c == 0xE0 else 0x80, 0x9F if c == 0xED else 0xBF
        return 3 if low <= second <= high and third >> 6 == 2 else 0
    if 0xF0 <= c <= 0xF4:
        low, high = 0x90 if c == 0xF0 else 0x80, 0x8F if c == 0xF4 else 0xBF
        return 4 if low <= second <= high and third >> 6 == 2 and load_u1(at + 3) >> 6 == 2 else 0
    return 0


@compiled
def _text_end(at: int, end: int) -> int:
    """Where the closing quote stands; -1 when there is an escape, a control character or no end."""
    while at < end:
        c = load_u1(at)
        if c == 34:
            return at
        if c == 92 or c < 32:
            return -1
        if c < 128:
            at += 1
            continue
        more = _sequence(at, c)
        if more == 0:
            return -1
        at += more
    return -1


@compiled
def _column(t: int, at: int, size: int) -> int:
    """The column of a name; -1 when nobody asks for it."""
    slots, mask = load_i8(t + 8 * SLOTS), load_i8(t + 8 * SLOTS_MASK)
    place = short_hash(at, size) & mask
    while True:
        column = load_i8(slots + 8 * place) - 1
        if column < 0:
            return -1
        name = load_i8(t + 8 * COLUMNS) + 16 * column
        if load_i8(name + 8) == size:
            known, i = load_i8(name), 0
            while i < size and load_u1(known + i) == load_u1(at + i):
                i += 1
            if i == size:
                return column
        place = (place + 1) & mask


@compiled
def _number(at: int, end: int, token: int) -> int:
    """Read a number; where it ends, 0 when it is not one of at most 2**53 without an exponent."""
    start = at
    negative = load_u1(at) == 45
    at += 1 if negative else 0
    first, mantissa, decimals = at, 0, 0
    while at < end and 48 <= load_u1(at) <= 57:
        mantissa = mantissa * 10 + (load_u1(at) - 48)
        at += 1
        if mantissa > MANTISSA_MAX:
            return 0
    if at == first or (load_u1(first) == 48 and at - first > 1):
        return 0
    what = WHOLE
    if at < end and load_u1(at) == 46:
        at += 1
        point = at
        while at < end and 48 <= load_u1(at) <= 57:
            mantissa = mantissa * 10 + (load_u1(at) - 48)
            at += 1
            if mantissa > MANTISSA_MAX:
                return 0
        what, decimals = DECIMAL, at - point
        if decimals == 0 or decimals > 22:
            return 0
    if negative and what == WHOLE:
        if mantissa == 0:
            return 0
        what = DECIMAL
    store_i8(token, what)
    store_i8(token + 8, start)
    store_i8(token + 16, at - start)
    # A minus is kept apart: there is a decimal -0.0.
    store_i8(token + 24, mantissa)
    store_i8(token + 32, -1 - decimals if negative else decimals)
    return at


@compiled
def _word(at: int, end: int, token: int) -> int:
    """Read null, true or false; where it ends, 0 when it is neither."""
    c = load_u1(at)
    if c == 110 and at + 4 <= end and load_u1(at + 1) == 117 and load_u1(at + 2) == 108 and load_u1(at + 3) == 108:
        store_i8(token, NULL)
        return at + 4
    store_i8(token, TRUTH)
    if c == 116 and at + 4 <= end and load_u1(at + 1) == 114 and load_u1(at + 2) == 117 and load_u1(at + 3) == 101:
        return at + 4
    if c == 102 and at + 5 <= end and load_u1(at + 1) == 97 and load_u1(at + 2) == 108 and load_u1(at + 3) == 115:
        return at + 5 if load_u1(at + 4) == 101 else 0
    return 0


@compiled
def _value(at: int, end: int, token: int) -> int:
    """Read a value; where it ends, 0 when it is not plain."""
    c = load_u1(at)
    if c == 34:
        stop = _text_end(at + 1, end)
        if stop < 0:
            return 0
        store_i8(token, TEXT)
        store_i8(token + 8, at + 1)
        store_i8(token + 16, stop - at - 1)
        return stop + 1
    if c == 45 or 48 <= c <= 57:
        return _number(at, end, token)
    return _word(at, end, token)


@compiled
def take_apart(t: int, at: int, end: int) -> bool:
    """Take an object apart: one token for each column that it fills."""
    tokens = load_i8(t + 8 * TOKENS)
    spare = tokens - 8 * TOKEN_WORDS
    at = _behind_space(at, end)
    if at >= end or load_u1(at) != 123:
        return False
    at = _behind_space(at + 1, end)
    if at < end and load_u1(at) == 125:
        return False
    while True:
        if at >= end or load_u1(at) != 34:
            return False
        name = at + 1
        stop = _text_end(name, end)
        if stop < 0:
            return False
        column = _column(t, name, stop - name)
        token = tokens + 8 * TOKEN_WORDS * column if column >= 0 else spare
        if column >= 0 and load_i8(token) != 0:
            return False
        at = _behind_space(stop + 1, end)
        if at >= end or load_u1(at) != 58:
            return False
        at = _behind_space(at + 1, end)
        if at >= end:
            return False
        at = _value(at, end, token)
        if at == 0:
            return False
        at = _behind_space(at, end)
        if at >= end:
            return False
        c = load_u1(at)
        at = _behind_space(at + 1, end)
        if c == 125:
            return at == end
        if c != 44:
            return False
