"""The control block: the kernel's whole context in one array of 8-byte words, so that a call passes one address.

Words are counted in 8 bytes. Everything that must survive a restart is a number in here or in the arena; addresses are
written again when a memory is opened.
"""

from __future__ import annotations

__all__: list[str] = []

# The event at hand.
INTS, FLOATS, OUT, TOUCH = 0, 1, 2, 3
WINDOWS, SCRATCH = 4, 5
UNEXPLAINED = 6  # float64: how little the subject's own behaviour explains the event
ERROR, ERROR_SHELF = 7, 8
LATE, OVERFLOWED = 9, 10  # events older than the last one seen; windows answered by panes
# The label at hand.
LABEL_FRAUD, LABEL_KNOWN_AT, LABEL_TIME = 11, 12, 13
HELD = 2  # instead of 0 or 1 in LABEL_FRAUD: no verdict yet, but the event was held until there is one
# The index.
INDEX_TABLE, INDEX_BASE, INDEX_USED, INDEX_MAX = 16, 17, 18, 19
INDEX_FREE = 20  # 48 heads of free chunks by size class
# The shelves: one for each kind of record.
SHELVES, SHELF_WORDS = 72, 16
BASE, SIZE, HOT_MAX, HOT_USED, HAND = 0, 1, 2, 3, 4
COLD_BASE, COLD_MAX, COLD_USED, COLD_FREE, COLD_FREE_COUNT = 5, 6, 7, 8, 9
RESTING, RESTING_COUNT, KNOWN, EVICTED, RETURNED = 10, 11, 12, 13, 14

# Why the kernel refused an event (ERROR).
HOT_FULL, INDEX_FULL, COLD_FULL = 1, 2, 3

# The head of every record: byte offsets.
HEAD_KEY, HEAD_TOUCH, HEAD_LAST, HEAD_FIRST, HEAD_COUNT = 0, 8, 16, 24, 32
HEAD_LATE, HEAD_CODE, HEAD_LAT, HEAD_LON = 40, 44, 48, 52
HEAD_OVERFLOW = 56  # u4: 1 when the panes of this record are in use
HEAD_BYTES = 64
LINE_BYTES = 64

SCRATCH_WORDS = 512
NO_AMOUNT = -(2**63)
