"""The table by which compiled code reads plain events: what stands at which word of 8 bytes (plain.py writes it)."""

from __future__ import annotations

__all__: list[str] = []

# The table: where things are, then what the schema says, then what was found.
INTS, FLOATS, SEED, COLUMNS, SLOTS, SLOTS_MASK, TOKENS = 0, 1, 2, 3, 4, 5, 6
ROLES, ROLES_COUNT, QUARTERS, DAYS, CURRENCIES, KINDS, KINDS_COUNT = 7, 8, 9, 10, 11, 12, 13
INTS_WIDTH, FLOATS_WIDTH, CALENDAR = 14, 15, 16
ID, KIND, TIME, AMOUNT, CURRENCY, LAT, LON = 17, 18, 19, 20, 21, 22, 23  # columns; -1: there is none
KIND_DEFAULT, CURRENCY_DEFAULT, MINOR = 24, 25, 26
UNIT_TIMES, UNIT_DIVIDED, ORIGIN_US, FIRST_US, END_US, NAIVE_IS_UTC = 28, 29, 30, 31, 32, 33
COLUMNS_COUNT = 34
FOUND, FOUND_WORDS = 40, 8
ID_AT, ID_SIZE, TIME_US, UNITS, MONEY, KIND_AT, KIND_SIZE, ASKED_US = 40, 41, 42, 43, 44, 45, 46, 47
WORDS = 48

# What `scan` answers.
UNUSUAL, PLAIN, ASK = 0, 1, 2  # ASK: the table does not know the local time of ASKED_US yet

TEXT, WHOLE, DECIMAL, NULL, TRUTH = 1, 2, 3, 4, 5
TOKEN_WORDS = 5  # what, where, how long, digits as a number, how many of them are decimals
KEY, NUMBER, SAME_KIND, ATTRIBUTE = 1, 2, 3, 4
QUARTERS_KNOWN, QUARTER_US = 1_024, 900_000_000
DAYS_KNOWN, DAY_US = 64, 86_400_000_000
ID_BYTES_MAX = 128
MANTISSA_MAX = 1 << 53
UNITS_MAX = 10**15
