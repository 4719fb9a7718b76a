"""The events of an entity one by one, in order of their time: windows that are exact however they fall.

A stream keeps, for each key of one entity, the events that pass its filter: time, amount and what else is asked for.
A record grows with its key and forgets what no window can reach any more, so memory follows the events inside the
widest window. What had to be forgotten sooner is marked: from then on a window that reaches back behind the mark gives
"at least" and says so. Addresses and layout come from exact.py.
"""

from __future__ import annotations

import numpy as np

from haechi.features.control import NO_AMOUNT
from haechi.features.index import find, insert, mix
from haechi.features.jit import brief, compiled
from haechi.features.words import copy_bytes, load_i8, store_f8, store_i8

__all__ = ["feed", "look_and_learn"]

NEVER = -(2**63)
EXACT_MAX = 2**53  # from here on not every whole number is a float64

# Words of the control block behind those of the index.
ARENA, USED, ARENA_MAX, NEWEST, STREAMS, STREAM_TABLE, SHARD, SWEPT = 72, 73, 74, 75, 76, 77, 78, 79
SCRATCH, STAMP, CURRENCY, REFUSED, ROW, OUT = 80, 81, 82, 83, 84, 85
CONTROL_WORDS = 96
# Words of a stream.
KEY_AT, WIDTH, KEEP_US, LOST, SALT, MONEY, TARGETS, TARGETS_AT = 0, 1, 2, 3, 4, 5, 6, 7
FILTERS, FILTERS_AT, WINDOWS, WINDOWS_AT, BITS_MAX, FREE = 8, 9, 10, 11, 12, 16
STREAM_WORDS = 32
# Words of a record; then its entries: time, amount and currency when money is asked for, one word a target.
R_STREAM, R_BITS, R_START, R_END, R_LOST, R_ENTRIES = 0, 1, 2, 3, 4, 5
COUNT, SUM, MEAN, LARGEST, SMALLEST, DISTINCT = 0, 1, 2, 3, 4, 5
AMOUNTS = -1  # in the place of a target's column
FIRST_BITS = 1
SWEEP = 4  # index entries looked at for each new record, once three quarters of the room are taken
SLOTS = 4096  # of the table in which different values are counted
SHARDS = 256


@brief
def look_and_learn(c: int) -> None:
    """Write every window of the event at ROW (value, at least; two float64 each) to OUT, then learn the event."""
    row, out = load_i8(c + 8 * ROW), load_i8(c + 8 * OUT)
    time = load_i8(row)
    store_i8(c + 8 * NEWEST, max(load_i8(c + 8 * NEWEST), time))
    for s in range(load_i8(c + 8 * STREAMS)):
        stream = load_i8(c + 8 * STREAM_TABLE) + 8 * STREAM_WORDS * s
        key = load_i8(row + 8 * load_i8(stream + 8 * KEY_AT))
        if key == 0:
            _say_nothing(stream, out)
            continue
        key = mix(key + load_i8(stream + 8 * SALT))
        entry = find(c, key)
        record = load_i8(entry + 8) if entry != 0 else 0
        if record != 0:
            record += load_i8(c + 8 * ARENA)
        _look(c, stream, record, time, out)
        if _passes(stream, row):
            _learn(c, stream, s, record, entry, key, row, time)


@compiled
def feed(c: int, rows: int, row_bytes: int, currencies: int, n: int, outs: int, out_bytes: int) -> None:
    """The same for n events in a row; a currency each, and a place for the windows of each unless out_bytes is 0."""
    own_row, own_out = load_i8(c + 8 * ROW), load_i8(c + 8 * OUT)
    for i in range(n):
        store_i8(c + 8 * ROW, rows + i * row_bytes)
        store_i8(c + 8 * CURRENCY, load_i8(currencies + 8 * i))
        if out_bytes != 0:
            store_i8(c + 8 * OUT, outs + i * out_bytes)
        look_and_learn(c)
    store_i8(c + 8 * ROW, own_row)
    store_i8(c + 8 * OUT, own_out)


@compiled
def _say_nothing(stream: int, out: int) -> None:
    windows = load_i8(stream + 8 * WINDOWS_AT)
    for w in range(load_i8(stream + 8 * WINDOWS)):
        into = out + 16 * load_i8(windows + 32 * w + 24)
        store_f8(into, np.nan)
        store_f8(into + 8, np.nan)


@compiled
def _passes(stream: int, row: int) -> bool:
    at = load_i8(stream + 8 * FILTERS_AT)
    for _ in range(load_i8(stream + 8 * FILTERS)):
        seen, values, found = load_i8(row + 8 * load_i8(at)), load_i8(at + 8), False
        for v in range(values):
            found = found or seen == load_i8(at + 16 + 8 * v)
        if not found:
            return False
        at += 16 + 8 * values
    return True


@compiled
def _place(record: int, entry_bytes: int, time: int) -> int:
    """The first entry later than a time."""
    low, high = load_i8(record + 8 * R_START), load_i8(record + 8 * R_END)
    while low < high:
        middle = (low + high) >> 1
        if load_i8(record + 8 * R_ENTRIES + middle * entry_bytes) <= time:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def _look(c: int, stream: int, record: int, time: int, out: int) -> None:
    """Windows of one kind stand from narrow to wide, so each goes on where the one before it stopped."""
    entry_bytes = 8 * load_i8(stream + 8 * WIDTH)
    windows = load_i8(stream + 8 * WINDOWS_AT)
    lost = load_i8(stream + 8 * LOST)
    stop, at, group = 0, 0, AMOUNTS - 1
    count, total, largest, smallest = 0, 0, NEVER, NEVER
    if record != 0:
        lost = max(lost, load_i8(record + 8 * R_LOST))
        stop = _place(record, entry_bytes, time)
    for w in range(load_i8(stream + 8 * WINDOWS)):
        window = windows + 32 * w
        first = time - load_i8(window + 8)
        start = _place(record, entry_bytes, first - 1) if record != 0 else 0
        column = load_i8(window + 16)
        if column != group:
            at, group = stop, column
            count, total, largest, smallest = 0, 0, NEVER, -(NEVER + 1)
            store_i8(c + 8 * STAMP, load_i8(c + 8 * STAMP) + 1)
        if column == AMOUNTS:
            currency = load_i8(c + 8 * CURRENCY)
            while at > start:
                at -= 1
                entry = record + 8 * R_ENTRIES + at * entry_bytes
                amount = load_i8(entry + 8)
                if amount != NO_AMOUNT and load_i8(entry + 16) == currency:
                    count += 1
                    total += amount
                    largest, smallest = max(largest, amount), min(smallest, amount)
        elif column > 0:
            while at > start:
                at -= 1
                count += _fresh(c, load_i8(record + 8 * (R_ENTRIES + column) + at * entry_bytes))
        else:
            count = stop - start
        into = out + 16 * load_i8(window + 24)
        _tell(load_i8(window), count, total, largest, smallest, into)
        if first <= lost:
            store_f8(into, np.nan)


@compiled
def _tell(function: int, count: int, total: int, largest: int, smallest: int, into: int) -> None:
    """Write the value and what it is at least; both are unknown for what nothing can be said of."""
    value, floor = np.nan, np.nan
    if function == SUM:
        value = np.float64(total) if total <= EXACT_MAX else np.nan
        floor = np.float64(min(total, EXACT_MAX))
    elif function in (COUNT, DISTINCT):
        value = np.float64(count)
        floor = value
    elif count > 0 and function == LARGEST:
        value = np.float64(largest)
        floor = value
    elif count > 0 and function == SMALLEST:
        value = np.float64(smallest)
    elif count > 0 and total <= EXACT_MAX:
        value = np.float64(total) / np.float64(count)
    store_f8(into, value)
    store_f8(into + 8, floor)


@compiled
def _fresh(c: int, key: int) -> int:
    """1 when a value was not met since the last stamp; a missing one does not count."""
    if key == 0:
        return 0
    table, stamp = load_i8(c + 8 * SCRATCH), load_i8(c + 8 * STAMP)
    slot = (key >> 20) & (SLOTS - 1)
    while load_i8(table + 16 * slot + 8) == stamp:
        if load_i8(table + 16 * slot) == key:
            return 0
        slot = (slot + 1) & (SLOTS - 1)
    store_i8(table + 16 * slot, key)
    store_i8(table + 16 * slot + 8, stamp)
    return 1


@compiled
def _learn(c: int, stream: int, number: int, record: int, entry: int, key: int, row: int, time: int) -> None:
    if record == 0:
        if load_i8(c + 8 * USED) > load_i8(c + 8 * ARENA_MAX) // 4 * 3:
            _sweep(c)
        record = _new(c, stream, number, FIRST_BITS)
        if record == 0 or not _point(c, entry, key, record):
            _refuse(c, stream, time)
            return
    if load_i8(record + 8 * R_END) == 1 << load_i8(record + 8 * R_BITS):
        record = _make_room(c, stream, number, record, key, time)
    entry_bytes = 8 * load_i8(stream + 8 * WIDTH)
    at = _place(record, entry_bytes, time)
    end = load_i8(record + 8 * R_END)
    base = record + 8 * R_ENTRIES
    for i in range(end, at, -1):
        copy_bytes(base + i * entry_bytes, base + (i - 1) * entry_bytes, entry_bytes)
    _write(c, stream, base + at * entry_bytes, row, time)
    store_i8(record + 8 * R_END, end + 1)


@compiled
def _write(c: int, stream: int, cell: int, row: int, time: int) -> None:
    store_i8(cell, time)
    cell += 8
    if load_i8(stream + 8 * MONEY) != 0:
        store_i8(cell, load_i8(row + 8))
        store_i8(cell + 8, load_i8(c + 8 * CURRENCY))
        cell += 16
    targets = load_i8(stream + 8 * TARGETS_AT)
    for i in range(load_i8(stream + 8 * TARGETS)):
        store_i8(cell + 8 * i, load_i8(row + 8 * load_i8(targets + 8 * i)))


@compiled
def _refuse(c: int, stream: int, time: int) -> None:
    """There is no room for this event: every window of the stream that reaches back to it is "at least"."""
    store_i8(stream + 8 * LOST, max(load_i8(stream + 8 * LOST), time))
    store_i8(c + 8 * REFUSED, load_i8(c + 8 * REFUSED) + 1)


@compiled
def _point(c: int, entry: int, key: int, record: int) -> bool:
    offset = record - load_i8(c + 8 * ARENA)
    if entry != 0:
        store_i8(entry + 8, offset)
        return True
    return insert(c, key, offset) == 0


@compiled
def _new(c: int, stream: int, number: int, bits: int) -> int:
    """An empty record of 2**bits entries; 0 when there is no room."""
    arena, head = load_i8(c + 8 * ARENA), stream + 8 * (FREE + bits)
    size = 8 * (R_ENTRIES + (load_i8(stream + 8 * WIDTH) << bits))
    offset = load_i8(head)
    if offset != 0:
        store_i8(head, load_i8(arena + offset))
    else:
        offset = load_i8(c + 8 * USED)
        if offset + size > load_i8(c + 8 * ARENA_MAX):
            return 0
        store_i8(c + 8 * USED, offset + size)
    record = arena + offset
    store_i8(record, number)
    store_i8(record + 8 * R_BITS, bits)
    store_i8(record + 8 * R_START, 0)
    store_i8(record + 8 * R_END, 0)
    store_i8(record + 8 * R_LOST, NEVER)
    return record


@compiled
def _free(c: int, stream: int, record: int) -> None:
    head = stream + 8 * (FREE + load_i8(record + 8 * R_BITS))
    store_i8(record, load_i8(head))
    store_i8(head, record - load_i8(c + 8 * ARENA))


@compiled
def _make_room(c: int, stream: int, number: int, record: int, key: int, time: int) -> int:
    """Forget what no window reaches, else grow, else forget the oldest eighth and mark that."""
    entry_bytes = 8 * load_i8(stream + 8 * WIDTH)
    base, bits = record + 8 * R_ENTRIES, load_i8(record + 8 * R_BITS)
    end = load_i8(record + 8 * R_END)
    newest = max(time, load_i8(base + (end - 1) * entry_bytes))
    start = _place(record, entry_bytes, newest - load_i8(stream + 8 * KEEP_US) - 1)
    if start == 0 and bits < load_i8(stream + 8 * BITS_MAX):
        wider = _new(c, stream, number, bits + 1)
        if wider != 0:
            copy_bytes(wider + 8 * R_ENTRIES, base, end * entry_bytes)
            store_i8(wider + 8 * R_END, end)
            store_i8(wider + 8 * R_LOST, load_i8(record + 8 * R_LOST))
            store_i8(find(c, key) + 8, wider - load_i8(c + 8 * ARENA))
            _free(c, stream, record)
            return wider
    if start == 0:
        start = max(end >> 3, 1)
    gone = load_i8(base + (start - 1) * entry_bytes)
    store_i8(record + 8 * R_LOST, max(load_i8(record + 8 * R_LOST), gone))
    for i in range(start, end):
        copy_bytes(base + (i - start) * entry_bytes, base + i * entry_bytes, entry_bytes)
    store_i8(record + 8 * R_END, end - start)
    return record


@compiled
def _sweep(c: int) -> None:
    """Give back the records of keys that no window reaches any more, a few looks at a time."""
    arena, table = load_i8(c + 8 * ARENA), load_i8(c + 8 * STREAM_TABLE)
    for _ in range(SWEEP):
        shard = load_i8(c + 8 * 16) + load_i8(c + 8 * SHARD) * 24
        at = load_i8(c + 8 * SWEPT)
        if at > load_i8(shard + 8):
            store_i8(c + 8 * SWEPT, 0)
            store_i8(c + 8 * SHARD, (load_i8(c + 8 * SHARD) + 1) % SHARDS)
            continue
        store_i8(c + 8 * SWEPT, at + 1)
        entry = load_i8(c + 8 * 17) + load_i8(shard) + 16 * at
        if load_i8(entry) == 0 or load_i8(entry + 8) == 0:
            continue
        record = arena + load_i8(entry + 8)
        stream = table + 8 * STREAM_WORDS * load_i8(record)
        last = record + 8 * R_ENTRIES + (load_i8(record + 8 * R_END) - 1) * 8 * load_i8(stream + 8 * WIDTH)
        if load_i8(last) < load_i8(c + 8 * NEWEST) - load_i8(stream + 8 * KEEP_US):
            store_i8(stream + 8 * LOST, max(load_i8(stream + 8 * LOST), load_i8(last)))
            _free(c, stream, record)
            store_i8(entry + 8, 0)
