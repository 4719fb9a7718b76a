"""Steps are taken in their order, here and beside the work; the thread that takes them waits for nobody's lock."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
from numba import cfunc

from haechi.features.beside import Beside, Steps, take_steps
from haechi.features.words import load_i8, store_i8


@cfunc("int64(int64)")
def tenfold(work: Any) -> Any:
    """Writes one digit more; there is no room for a fourth."""
    number = load_i8(work)
    store_i8(work, number * 10 + 1)
    return number < 100


def steps(count: int) -> tuple[Steps, np.ndarray]:
    work = np.zeros(1, np.int64)
    return Steps([(tenfold.address, work.ctypes.data)] * count, work), work


def test_steps_are_taken_in_their_order_until_one_says_no() -> None:
    two, work = steps(2)
    assert take_steps(two.address) == 2
    assert work[0] == 11
    five, work = steps(5)
    assert take_steps(five.address) == 3
    assert work[0] == 1_111, "the one that says no has done its part"
    assert take_steps(Steps([]).address) == 0


@pytest.mark.parametrize("waits", [True, False])
def test_the_thread_takes_list_after_list(waits: bool) -> None:
    helper = Beside()
    os.set_blocking(helper.answers, waits)  # a loop that watches the pipe sets it not to wait
    for count in (1, 3, 2):
        asked, work = steps(count)
        helper.ask(asked)
        assert helper.heard() == count
        assert work[0] == int("1" * count)
    helper.close()
    assert not helper._thread.is_alive()


def test_who_asks_a_thread_that_has_ended_hears_of_it() -> None:
    helper = Beside()
    os.write(helper._ask, b"\0")  # no address
    helper._thread.join(10)
    with pytest.raises(OSError, match="has ended"):
        helper.ask(steps(1)[0])
    helper.close()
