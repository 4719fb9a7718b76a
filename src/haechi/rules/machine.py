"""The machine that runs rules: one straight line of instructions over blocks of events, a block of one when live.

A program is data, so publishing a rule compiles nothing. Every different part of all rules stands once in the line and
is worked out once for each event; there are no jumps. All values are float64, truths are 0 and 1, and NaN is
"undecided": logic is Kleene's, calculating with nothing known gives nothing known, and so does dividing by zero or
leaving the range of numbers. Nothing here can fail.
"""

from __future__ import annotations

import numpy as np

from haechi.features.jit import brief, compiled
from haechi.features.words import load_i8

__all__ = ["BLOCK", "FULL", "SIGNS", "decide_one", "judge_rows", "on_list", "on_list_rows", "run"]

SIGNS = ("+", "-", "*", "/", "%", "min", "max", "abs", "<", "<=", "==", "and", "or", "not", "known")
ADD, SUBTRACT, MULTIPLY, DIVIDE, REST, LEAST, MOST, SIZE, LESS, AT_MOST, EQUAL, AND, OR, NOT, KNOWN = range(len(SIGNS))
BLOCK = 256
MISS, HIT, UNDECIDED, OUT = 0, 1, 2, 3
NAN = np.nan
FULL = 1 << 32


@compiled
def _finite(x: float) -> float:
    return x if x - x == 0.0 else NAN


@compiled
def _and(x: float, y: float) -> float:
    return 0.0 if x == 0.0 or y == 0.0 else x * y


@compiled
def _or(x: float, y: float) -> float:
    return 1.0 if x == 1.0 or y == 1.0 else x + y


@compiled
def _truth(holds: bool, x: float, y: float) -> float:
    return NAN if x != x or y != y else (1.0 if holds else 0.0)


@compiled
def run(code: np.ndarray, regs: np.ndarray, block: int, n: int) -> None:
    """Run a program (i4 [instructions, 4]: what, left, right, into) over the first n of each block of registers."""
    # Places are unsigned: a signed one might count from the end, and that question costs three quarters of the speed.
    m = np.uintp(n)
    for k in range(len(code)):
        what = code[k, 0]
        a, b, d = np.uintp(code[k, 1] * block), np.uintp(code[k, 2] * block), np.uintp(code[k, 3] * block)
        if what == AND:
            for j in range(m):
                regs[d + j] = _and(regs[a + j], regs[b + j])
        elif what == OR:
            for j in range(m):
                regs[d + j] = _or(regs[a + j], regs[b + j])
        elif what == LESS:
            for j in range(m):
                regs[d + j] = _truth(regs[a + j] < regs[b + j], regs[a + j], regs[b + j])
        elif what == AT_MOST:
            for j in range(m):
                regs[d + j] = _truth(regs[a + j] <= regs[b + j], regs[a + j], regs[b + j])
        elif what == EQUAL:
            for j in range(m):
                regs[d + j] = _truth(regs[a + j] == regs[b + j], regs[a + j], regs[b + j])
        elif what == NOT:
            for j in range(m):
                regs[d + j] = 1.0 - regs[a + j]
        else:
            for j in range(m):
                regs[d + j] = _calculated(what, regs[a + j], regs[b + j])


@compiled
def _calculated(what: int, x: float, y: float) -> float:
    if what == KNOWN:
        return 0.0 if x != x else 1.0
    if x != x or y != y:
        return NAN
    if what == ADD:
        return _finite(x + y)
    if what == SUBTRACT:
        return _finite(x - y)
    if what == MULTIPLY:
        return _finite(x * y)
    if what == DIVIDE:
        return _finite(x / y)
    if what == REST:
        return _finite(x - np.floor(x / y) * y) if y != 0.0 else NAN
    if what == LEAST:
        return min(x, y)
    return max(x, y) if what == MOST else abs(x)


@compiled
def on_list(table: int, mask: int, key: int, time_us: float) -> float:
    """Whether a key stands in a list and has not expired; undecided without a key."""
    if key == 0:
        return NAN
    slot = (key >> 8) & mask
    while True:
        seen = load_i8(table + 16 * slot)
        if seen == key:
            return 1.0 if time_us < load_i8(table + 16 * slot + 8) else 0.0
        if seen == 0:
            return 0.0
        slot = (slot + 1) & mask


@compiled
def on_list_rows(table: int, mask: int, keys: np.ndarray, times_us: np.ndarray, out: np.ndarray) -> None:
    """The same for many."""
    for i in range(len(keys)):
        out[i] = on_list(table, mask, keys[i], times_us[i])


@compiled
def _result(root: float, scope: float) -> int:
    if scope != 1.0:
        return OUT
    return UNDECIDED if root != root else (HIT if root == 1.0 else MISS)


@brief
def decide_one(
    regs: np.ndarray,
    row: np.ndarray,
    feature_at: np.ndarray,
    scales: np.ndarray,
    exact: np.ndarray,
    window_at: np.ndarray,
    keys: np.ndarray,
    lists: np.ndarray,
    starts: np.ndarray,
    code: np.ndarray,
    rules: np.ndarray,
    found: np.ndarray,
) -> int:
    """Judge one event; writes (rule, result) of all that hit or are undecided to `found`, and says how many.

    FULL is added to that when a window is "at least" only.

    regs: the scalars of the event stand at its beginning; starts: where features, windows and lists begin in it.
    feature_at: places in row; window_at: places in exact, -1 for one that nobody keeps. lists: (key, table, mask) each.
    """
    for i in range(len(feature_at)):
        regs[starts[0] + i] = _finite(np.float64(row[feature_at[i]]) * scales[i])
    for i in range(len(window_at)):
        regs[starts[1] + i] = exact[window_at[i]] if window_at[i] >= 0 else NAN
    for i in range(len(lists)):
        regs[starts[2] + i] = on_list(lists[i, 1], lists[i, 2], keys[lists[i, 0]], regs[0])
    run(code, regs, 1, 1)
    count = 0
    for i in range(len(window_at)):
        at = window_at[i]
        if at >= 0 and at % 2 == 0 and exact[at] != exact[at] and exact[at + 1] == exact[at + 1]:
            count = FULL
            break
    for r in range(len(rules)):
        result = _result(regs[rules[r, 0]], regs[rules[r, 1]])
        if result in (HIT, UNDECIDED):
            found[count % FULL, 0], found[count % FULL, 1] = r, result
            count += 1
    return count


@compiled
def judge_rows(
    columns: np.ndarray, constants: np.ndarray, registers: int, code: np.ndarray, rules: np.ndarray, results: np.ndarray
) -> None:
    """Judge many events: columns float64 [inputs, events], results int8 [rules, events]."""
    inputs, events = columns.shape
    regs = np.empty(registers * BLOCK)
    for c in range(len(constants)):
        regs[(inputs + c) * BLOCK : (inputs + c + 1) * BLOCK] = constants[c]
    for start in range(0, events, BLOCK):
        n = min(BLOCK, events - start)
        for i in range(inputs):
            regs[i * BLOCK : i * BLOCK + n] = columns[i, start : start + n]
        run(code, regs, BLOCK, n)
        for r in range(len(rules)):
            root, scope = rules[r, 0] * BLOCK, rules[r, 1] * BLOCK
            for j in range(n):
                results[r, start + j] = _result(regs[root + j], regs[scope + j])
