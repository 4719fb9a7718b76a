"""A plain event read in compiled code: the tokens of its bytes become the row that the kernel reads.

Whatever is not plain (a time that is not written like 2024-10-25T07:02:00+09:00, a text where a number belongs) is left
to the general way (`Schema.event`, then `Encoder`), which also says what is wrong with it: `scan` may say no to
anything, but what it reads is the same, bit by bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from haechi.features.control import NO_AMOUNT
from haechi.features.jit import brief, compiled
from haechi.features.table import (
    AMOUNT,
    ASK,
    ASKED_US,
    CALENDAR,
    COLUMNS_COUNT,
    CURRENCIES,
    CURRENCY,
    CURRENCY_DEFAULT,
    DAY_US,
    DAYS,
    DAYS_KNOWN,
    DECIMAL,
    END_US,
    FIRST_US,
    FLOATS,
    FLOATS_WIDTH,
    FOUND,
    FOUND_WORDS,
    ID,
    ID_AT,
    ID_BYTES_MAX,
    ID_SIZE,
    INTS,
    INTS_WIDTH,
    KEY,
    KIND,
    KIND_AT,
    KIND_DEFAULT,
    KIND_SIZE,
    KINDS,
    KINDS_COUNT,
    LAT,
    LON,
    MINOR,
    MONEY,
    NAIVE_IS_UTC,
    NULL,
    NUMBER,
    ORIGIN_US,
    PLAIN,
    QUARTER_US,
    QUARTERS,
    QUARTERS_KNOWN,
    ROLES,
    ROLES_COUNT,
    SAME_KIND,
    SEED,
    TEXT,
    TIME,
    TIME_US,
    TOKEN_WORDS,
    TOKENS,
    UNIT_DIVIDED,
    UNIT_TIMES,
    UNITS,
    UNITS_MAX,
    UNUSUAL,
    WHOLE,
)
from haechi.features.tokens import take_apart
from haechi.features.words import copy_bytes, load_i8, load_u1, store_f8, store_i8
from haechi.features.xxh3 import BYTES_MAX, xxh3

__all__ = ["scan", "scan_few", "scan_lines"]

NAN = np.nan


@compiled
def _two(at: int) -> Any:
    """Two digits as a number; a large one when they are not digits."""
    tens, ones = np.int64(load_u1(at)) - 48, np.int64(load_u1(at + 1)) - 48
    return tens * 10 + ones if 0 <= tens <= 9 and 0 <= ones <= 9 else 1_000_000


@compiled
def _day_number(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01, -1 when there is no such day (years 1970 to 2399)."""
    if not (1970 <= year <= 2399 and 1 <= month <= 12 and day >= 1):
        return -1
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    longest = 28 + leap if month == 2 else 30 if month == 4 or month == 6 or month == 9 or month == 11 else 31
    if day > longest:
        return -1
    y = year - 1 if month <= 2 else year
    m = month + 9 if month <= 2 else month - 3
    return 365 * y + y // 4 - y // 100 + y // 400 + (153 * m + 2) // 5 + day - 719_469


@compiled
def _zone(at: int, size: int) -> int:
    """The offset that a time names, in microseconds; a day or more when it names none that is plain."""
    if size == 1 and load_u1(at) == 90:
        return 0
    if size == 6 and load_u1(at + 3) == 58 and (load_u1(at) == 43 or load_u1(at) == 45):
        hours, minutes = _two(at + 1), _two(at + 4)
        if hours <= 23 and minutes <= 59:
            offset = (hours * 60 + minutes) * 60_000_000
            return offset if load_u1(at) == 43 else -offset
    return DAY_US


@compiled
def _iso(t: int, at: int, size: int) -> int:
    """A time as microseconds since 1970; -1 when it is written otherwise."""
    if size < 19 or load_u1(at + 4) != 45 or load_u1(at + 7) != 45 or load_u1(at + 13) != 58 or load_u1(at + 16) != 58:
        return -1
    if load_u1(at + 10) != 84 and load_u1(at + 10) != 32:
        return -1
    day = _day_number(_two(at) * 100 + _two(at + 2), _two(at + 5), _two(at + 8))
    hour, minute, second = _two(at + 11), _two(at + 14), _two(at + 17)
    if day < 0 or hour > 23 or minute > 59 or second > 59:
        return -1
    micro, i = 0, 19
    if size > 20 and load_u1(at + 19) == 46:
        i, scale = 20, 100_000
        while i < size and 48 <= load_u1(at + i) <= 57 and scale > 0:
            digit: Any = np.int64(load_u1(at + i)) - 48
            micro += digit * scale
            scale //= 10
            i += 1
        if i == 20:
            return -1
    time_us = day * DAY_US + (hour * 3_600 + minute * 60 + second) * 1_000_000 + micro
    if i == size:
        return time_us if load_i8(t + 8 * NAIVE_IS_UTC) != 0 else -1
    offset = _zone(at + i, size - i)
    return time_us - offset if -DAY_US < offset < DAY_US else -1


@compiled
def _time(t: int, token: int) -> int:
    what, times = load_i8(token), load_i8(t + 8 * UNIT_TIMES)
    if times == 0:
        return _iso(t, load_i8(token + 8), load_i8(token + 16)) if what == TEXT else -1
    count = load_i8(token + 24)
    if what != WHOLE or count > (1 << 62) // times:
        return -1
    return count * times // load_i8(t + 8 * UNIT_DIVIDED) + load_i8(t + 8 * ORIGIN_US)


@compiled
def _currency(t: int) -> Any:
    """The currency of this event as its three letters in one number, 0 when it cannot be read here."""
    column = load_i8(t + 8 * CURRENCY)
    if column < 0:
        return load_i8(t + 8 * CURRENCY_DEFAULT)
    token = load_i8(t + 8 * TOKENS) + 8 * TOKEN_WORDS * column
    what, size = load_i8(token), load_i8(token + 16)
    if what == 0 or what == NULL or (what == TEXT and size == 0):
        return load_i8(t + 8 * CURRENCY_DEFAULT)
    if what != TEXT or size != 3:
        return 0
    at = load_i8(token + 8)
    return np.int64(load_u1(at)) << 16 | np.int64(load_u1(at + 1)) << 8 | np.int64(load_u1(at + 2))


@compiled
def _decimals(t: int, money: int) -> Any:
    """How many decimals a currency has; -1 when it is none that we know."""
    first, second, third = (money >> 16) - 65, (money >> 8 & 255) - 65, (money & 255) - 65
    if not (0 <= first < 26 and 0 <= second < 26 and 0 <= third < 26):
        return -1
    found = np.int64(load_u1(load_i8(t + 8 * CURRENCIES) + (first * 26 + second) * 26 + third)) - 1
    return 0 if found >= 0 and load_i8(t + 8 * MINOR) != 0 else found


@compiled
def _money(t: int) -> bool:
    """Read amount and currency; False when that is not plain."""
    store_i8(t + 8 * UNITS, NO_AMOUNT)
    store_i8(t + 8 * MONEY, 0)
    column = load_i8(t + 8 * AMOUNT)
    if column < 0:
        return True
    token = load_i8(t + 8 * TOKENS) + 8 * TOKEN_WORDS * column
    what, mantissa, places = load_i8(token), load_i8(token + 24), load_i8(token + 32)
    if what == 0 or what == NULL or (what == TEXT and load_i8(token + 16) == 0):
        return True
    money = _currency(t)
    decimals = _decimals(t, money)
    if decimals < 0 or (what != WHOLE and what != DECIMAL) or places < 0:
        return False
    scale = np.int64(_power(decimals))
    if what == WHOLE:
        if mantissa > UNITS_MAX // scale:
            return False
        units: Any = mantissa * scale
    else:
        # The float that the digits mean, then the same proof as money._float_units.
        major = np.float64(mantissa) / _power(places)
        scaled = major * np.float64(scale)
        if not scaled < 1e15:
            return False
        nearest = np.rint(scaled)
        if nearest / np.float64(scale) != major:
            return False
        units = int(nearest)
    store_i8(t + 8 * UNITS, units)
    store_i8(t + 8 * MONEY, money)
    return True


@compiled
def _power(places: int) -> float:
    """10 to so many places: exact up to 22, so that one division rounds once."""
    power = 1.0
    for _ in range(places):
        power *= 10.0
    return power


@compiled
def _kind(t: int) -> int:
    """The hash of the event's kind; 0 when it cannot be read here. An answer to a challenge is never plain."""
    column = load_i8(t + 8 * KIND)
    store_i8(t + 8 * KIND_SIZE, 0)
    if column < 0:
        return load_i8(t + 8 * KIND_DEFAULT)
    token = load_i8(t + 8 * TOKENS) + 8 * TOKEN_WORDS * column
    what, at, size = load_i8(token), load_i8(token + 8), load_i8(token + 16)
    if what == 0 or what == NULL or (what == TEXT and size == 0):
        return load_i8(t + 8 * KIND_DEFAULT)
    if what != TEXT or size > BYTES_MAX:
        return 0
    store_i8(t + 8 * KIND_AT, at)
    store_i8(t + 8 * KIND_SIZE, size)
    said = xxh3(at, size, load_i8(t + 8 * SEED))
    kinds = load_i8(t + 8 * KINDS)
    for i in range(load_i8(t + 8 * KINDS_COUNT)):
        if load_i8(kinds + 24 * i) == said:
            return load_i8(kinds + 24 * i + 8)  # 0 for a kind that is never plain
    return said if said != 0 else 1


@compiled
def _not_own(t: int, kind: int) -> int:
    kinds = load_i8(t + 8 * KINDS)
    for i in range(load_i8(t + 8 * KINDS_COUNT)):
        if load_i8(kinds + 24 * i + 8) == kind and load_i8(kinds + 24 * i + 16) != 0:
            return load_i8(kinds + 24 * i + 16)
    return 0


@compiled
def _local(t: int, time_us: int, ints: int, kind: int) -> int:
    """Write local offset and kind of day; ASK when they are not known yet."""
    quarter = time_us // QUARTER_US
    known = load_i8(t + 8 * QUARTERS) + 16 * (quarter % QUARTERS_KNOWN)
    if load_i8(known) != quarter:
        return ASK
    offset = load_i8(known + 8)
    store_i8(ints + 16, offset)
    place = load_i8(t + 8 * CALENDAR)
    if place < 0:
        return PLAIN
    not_own = _not_own(t, kind)
    if not_own < 0:
        store_i8(ints + 8 * place, not_own)
        return PLAIN
    day = (time_us + offset) // DAY_US
    known = load_i8(t + 8 * DAYS) + 16 * (day % DAYS_KNOWN)
    if load_i8(known) != day:
        return ASK
    store_i8(ints + 8 * place, load_i8(known + 8))
    return PLAIN


@compiled
def _float(token: int) -> float:
    places = load_i8(token + 32)
    if places < 0:
        return -(np.float64(load_i8(token + 24)) / _power(-1 - places))
    return np.float64(load_i8(token + 24)) / _power(places)


@compiled
def _place(t: int, floats: int) -> bool:
    north, east = load_i8(t + 8 * LAT), load_i8(t + 8 * LON)
    store_f8(floats, NAN)
    store_f8(floats + 8, NAN)
    if north < 0:
        return True
    tokens = load_i8(t + 8 * TOKENS)
    lat, lon = tokens + 8 * TOKEN_WORDS * north, tokens + 8 * TOKEN_WORDS * east
    first, second = load_i8(lat), load_i8(lon)
    if (first == 0 or first == NULL) and (second == 0 or second == NULL):
        return True
    if (first != WHOLE and first != DECIMAL) or (second != WHOLE and second != DECIMAL):
        return False
    y, x = _float(lat), _float(lon)
    if not (-90.0 <= y <= 90.0 and -180.0 <= x <= 180.0):
        return False
    store_f8(floats, y)
    store_f8(floats + 8, x)
    return True


@compiled
def _key(t: int, token: int) -> int:
    """The hash of a key: 0 when it is missing, -1 (never a hash of ours) when it is not plain."""
    what, size = load_i8(token), load_i8(token + 16)
    if what == 0 or what == NULL or (what == TEXT and size == 0):
        return 0
    if (what != TEXT and what != WHOLE) or size > BYTES_MAX:
        return -1
    found = xxh3(load_i8(token + 8), size, load_i8(t + 8 * SEED))
    return 1 if found == 0 else found


@compiled
def _roles(t: int, ints: int, floats: int, kind: int) -> bool:
    """Keys, categories and numbers, each at its place in the row."""
    tokens, roles = load_i8(t + 8 * TOKENS), load_i8(t + 8 * ROLES)
    for i in range(load_i8(t + 8 * ROLES_COUNT)):
        role, column, place = load_i8(roles + 24 * i), load_i8(roles + 24 * i + 8), load_i8(roles + 24 * i + 16)
        token = tokens + 8 * TOKEN_WORDS * column
        what = load_i8(token)
        if role == KEY:
            key = _key(t, token)
            if key == -1:
                return False
            if place >= 0:
                store_i8(ints + 8 * place, key)
        elif role == NUMBER:
            value = NAN
            if what in (WHOLE, DECIMAL):
                value = _float(token)
            elif not (what == 0 or what == NULL or (what == TEXT and load_i8(token + 16) == 0)):
                return False
            if place >= 0:
                store_f8(floats + 8 * place, value)
        elif role == SAME_KIND:
            store_i8(ints + 8 * place, kind)
        else:
            if what != 0 and what != NULL:
                return False
            if place >= 0:
                store_i8(ints + 8 * place, 0)
    return True


@brief
def scan(t: int, at: int, size: int) -> int:
    """Read one event; at least 8 bytes behind it can be read, too. PLAIN: rows and FOUND are written."""
    tokens = load_i8(t + 8 * TOKENS)
    for i in range(load_i8(t + 8 * COLUMNS_COUNT)):
        store_i8(tokens + 8 * TOKEN_WORDS * i, 0)
    if not take_apart(t, at, at + size):
        return UNUSUAL
    ints, floats = load_i8(t + 8 * INTS), load_i8(t + 8 * FLOATS)
    name = tokens + 8 * TOKEN_WORDS * load_i8(t + 8 * ID)
    if load_i8(name) != TEXT or not 0 < load_i8(name + 16) <= ID_BYTES_MAX:
        return UNUSUAL
    time_us = _time(t, tokens + 8 * TOKEN_WORDS * load_i8(t + 8 * TIME))
    if time_us < load_i8(t + 8 * FIRST_US) or time_us >= load_i8(t + 8 * END_US):
        return UNUSUAL
    kind = _kind(t)
    if kind == 0 or not _money(t) or not _place(t, floats) or not _roles(t, ints, floats, kind):
        return UNUSUAL
    store_i8(ints, time_us)
    store_i8(ints + 8, load_i8(t + 8 * UNITS))
    store_i8(t + 8 * ID_AT, load_i8(name + 8))
    store_i8(t + 8 * ID_SIZE, load_i8(name + 16))
    store_i8(t + 8 * TIME_US, time_us)
    store_i8(t + 8 * ASKED_US, time_us)
    return _local(t, time_us, ints, kind)


@compiled
def scan_lines(t: int, bodies: int, ends: int, first: int, count: int, ints: int, floats: int, found: int) -> int:
    """Read lines one after another until one is not plain; how many were.

    ends: int64 [count + 1], where each line begins and the last one ends, with one byte between two of them.
    found: int64 [count, FOUND_WORDS].
    """
    own_ints, own_floats = load_i8(t + 8 * INTS), load_i8(t + 8 * FLOATS)
    i = first
    while i < count:
        start, end = load_i8(ends + 8 * i), load_i8(ends + 8 * (i + 1)) - 1
        store_i8(t + 8 * INTS, ints + 8 * i * load_i8(t + 8 * INTS_WIDTH))
        store_i8(t + 8 * FLOATS, floats + 8 * i * load_i8(t + 8 * FLOATS_WIDTH))
        if scan(t, bodies + start, end - start) != PLAIN:
            break
        copy_bytes(found + 8 * FOUND_WORDS * i, t + 8 * FOUND, 8 * FOUND_WORDS)
        i += 1
    store_i8(t + 8 * INTS, own_ints)
    store_i8(t + 8 * FLOATS, own_floats)
    return i


@brief
def scan_few(t: int, bodies: int, ends: int, first: int, count: int, ints: int, floats: int, found: int) -> int:
    """The same for so few that it takes microseconds."""
    return scan_lines(t, bodies, ends, first, count, ints, floats, found)
