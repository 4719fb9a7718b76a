"""Compiled steps, taken here or by a thread beside the work that never holds the interpreter's lock.

A thread of Python that wants to help has to win the lock back for every step, and waiting for it costs more than the
help brings. This one is compiled: it waits at a pipe for the address of a list of steps, takes them, and says so
through another pipe. A step is a function of one number, the address of what it works on; it says 0 when nothing
behind it can be done. Whoever asks keeps all that the steps work on until they are taken.
"""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from haechi.features.jit import brief
from haechi.features.words import load_i8, store_i8

__all__ = ["Beside", "Steps", "take_steps"]

STEP_BYTES = 16
ADDRESS_BYTES = 8

_whole, _number = types.int64, types.int32
_read = types.ExternalFunction("read", _whole(_number, _whole, _whole))
_write = types.ExternalFunction("write", _whole(_number, _whole, _whole))


@intrinsic
def _take(_context: Any, function: Any, work: Any) -> Any:
    """Call a C function by its address."""

    def emit(_ctx: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        number = ir.IntType(64)
        step = builder.inttoptr(arguments[0], ir.FunctionType(number, [number]).as_pointer())
        return builder.call(step, [arguments[1]])

    return types.int64(types.int64, types.int64), emit


@brief
def take_steps(steps: int) -> int:
    """Take the steps that stand at this address, until one says 0; says how many said something else."""
    taken = 0
    while load_i8(steps) != 0 and _take(load_i8(steps), load_i8(steps + 8)) != 0:
        steps += STEP_BYTES
        taken += 1
    return taken


@njit(cache=True, nogil=True)
def _serve(asked: int, answer: int, room: int) -> None:
    """The thread's whole life."""
    while _read(asked, room, ADDRESS_BYTES) == ADDRESS_BYTES:
        store_i8(room, take_steps(load_i8(room)))
        _write(answer, room, 1)


class Steps:
    """A list of steps and what they work on; `taken` of them were, once they have been asked for."""

    def __init__(self, steps: Sequence[tuple[int, int]], keeps: Any = None) -> None:
        """Steps as (function, what it works on), both addresses; `keeps` holds what must not go away meanwhile."""
        self._list = np.array([*steps, (0, 0)], np.int64)
        self.address: int = self._list.ctypes.data
        self._keeps = keeps


class Beside:
    """Takes steps beside the work, one list at a time."""

    def __init__(self) -> None:
        """Start the thread; compiles, or loads what was compiled."""
        self._asked, self._ask = os.pipe()
        self.answers, self._answer = os.pipe()
        self._poll = select.poll()
        self._poll.register(self.answers, select.POLLIN)
        self._room = np.zeros(1, np.int64)
        _serve.compile((_whole, _whole, _whole))
        work = self._asked, self._answer, self._room.ctypes.data
        self._thread = threading.Thread(target=_undisturbed, args=work, name="haechi-beside", daemon=True)
        self._thread.start()

    def ask(self, steps: Steps) -> None:
        """Begin; there is something to read from `answers` when all were taken. OSError: the thread is gone."""
        if not self._thread.is_alive():
            raise OSError("the thread that takes steps has ended")
        os.write(self._ask, steps.address.to_bytes(ADDRESS_BYTES, "little"))

    def heard(self) -> int:
        """How many steps of the list were taken; waits until they are."""
        self._poll.poll()  # a loop that watches the pipe has set it not to wait
        return os.read(self.answers, 1)[0]

    def close(self) -> None:
        """End; steps under way are finished first."""
        os.close(self._ask)
        self._thread.join()
        for file in (self._asked, self._answer, self.answers):
            os.close(file)


def _undisturbed(*work: int) -> None:
    # A signal would end its waiting; other threads take them.
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    _serve(*work)
