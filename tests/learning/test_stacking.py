"""The last layer: used only where it is shown to help, never falling in any signal, never surer than its labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haechi.detectors.stack import INPUTS, Stack
from haechi.learning.dataset import Columns
from haechi.learning.stacking import bits_of, fit_stack, stack_if_better

NAMES = INPUTS[:3]


def drawn(n: int, model_knows: float, bits_know: float, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r = np.random.default_rng(seed)
    y = (r.random(n) < 0.02).astype(np.int8)
    z = -4.0 + model_knows * y + r.normal(0, 1, n)
    bits = r.exponential(1.44, (n, 3))
    bits[:, 0] += bits_know * y
    return y, 1 / (1 + np.exp(-z)), bits


def test_bits_take_over_where_the_model_knows_little() -> None:
    y, p, bits = drawn(6_000, 0.0, 9.0)
    stack, told = stack_if_better(y, p, NAMES, bits, np.arange(len(y)) % 3)
    assert stack is not None
    assert told["used"]
    assert told["weights"][NAMES[0]] > 0.3
    assert told["log_loss_stack"] < told["log_loss_model"]
    assert Stack.read(stack.document()) == stack


def test_the_model_stays_alone_where_bits_add_nothing() -> None:
    _, _, bits = drawn(6_000, 0.0, 0.0)
    r = np.random.default_rng(2)
    honest = np.where(r.random(6_000) < 0.05, 0.4, 0.002)
    y = (r.random(6_000) < honest).astype(np.int8)
    stack, told = stack_if_better(y, honest, NAMES, bits, np.zeros(len(y), np.int64))
    assert stack is None
    assert not told["used"]


def test_a_better_level_with_a_worse_ranking_is_no_help() -> None:
    """Bits know frauds that the model does not; of one fold's harmless events a few are as odd as can be."""
    r, n = np.random.default_rng(3), 20_000
    y, fold = (r.random(n) < 0.01).astype(np.int8), np.arange(n) % 3
    sure = (y == 1) & (r.random(n) < 0.6)
    p = 1 / (1 + np.exp(-np.where(sure, r.normal(2, 1, n), r.normal(-5, 1, n))))
    odd = np.where((r.random(n) < 0.005) & (fold == 2), 20.0, 0.0)
    bits = np.column_stack([np.where(y == 1, np.where(sure, 0.0, 6.0), odd), np.zeros((n, 2))])
    stack, told = stack_if_better(y, p, NAMES, bits, fold)
    assert told["log_loss_stack"] < told["log_loss_model"]
    assert told["ap_stack"] < told["ap_model"]
    assert stack is None


@pytest.mark.parametrize(("names", "says"), [((), "no surprise"), (NAMES, "only 0 frauds")])
def test_without_material_there_is_no_stack(names: tuple[str, ...], says: str) -> None:
    y = np.zeros(100, np.int8)
    stack, told = stack_if_better(y, np.full(100, 0.1), names, np.zeros((100, len(names))), np.zeros(100, np.int64))
    assert stack is None
    assert says in told["why"]


BITS = st.lists(st.floats(0, 40), min_size=3, max_size=3)


@given(st.floats(0, 1), BITS, st.integers(0, 3), st.floats(0, 10))
def test_no_signal_lowers_it_and_it_is_never_certain(p: float, bits: list[float], which: int, more: float) -> None:
    y, model, seen = drawn(2_000, 2.0, 4.0)
    stack = STACKS.setdefault("one", fit_stack(y, model, NAMES, seen))
    raised, q = [*bits], p
    if which:
        raised[which - 1] += more
    else:
        q = min(p + more, 1.0)
    assert stack.apply_one(q, raised) >= stack.apply_one(p, bits)
    frauds = int((y == 1).sum())
    assert 0.0 < stack.apply_one(p, bits) <= 1.0 - 0.5 / (frauds + 1)
    assert stack.apply_one(p, [float("nan")] * 3) == stack.apply_one(p, [0.0] * 3)


STACKS: dict[str, Stack] = {}


def test_bits_are_found_by_name() -> None:
    rows = np.array([[1.0, np.nan, 3.0], [4.0, 5.0, 60.0]], np.float32)
    columns = Columns(("amount", INPUTS[1], INPUTS[0]), ("raw",) * 3, ("level",) * 3)
    names, bits = bits_of(rows, columns)
    assert names == INPUTS[:2]
    assert bits.tolist() == [[3.0, 0.0], [20.0, 5.0]]


def test_what_is_believed_ahead_stays_until_labels_say_otherwise() -> None:
    y, _, bits = drawn(4_000, 0.0, 0.0)
    flat = np.full(len(y), 0.02)
    believed = fit_stack(y[:50], flat[:50], NAMES, bits[:50], ahead=NAMES[0], ridge=100.0)
    assert believed.weights[1] == pytest.approx(np.log(2.0), abs=0.15)
    assert max(believed.weights[2:]) < 0.1
    taught = fit_stack(y, flat, NAMES, bits, ahead=NAMES[0], ridge=1.0)
    assert taught.weights[1] < 0.2, "4,000 labels say that the column knows nothing"
