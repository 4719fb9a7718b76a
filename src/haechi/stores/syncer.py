"""Syncs the journal's log beside the work: a thread that waits for the disk, and never for the interpreter's lock.

To sync costs the processor a quarter of a millisecond and the disk as much again. An event loop that does it itself can
decide nothing meanwhile, and to hand it to a thread of Python costs more still: that thread has to win the lock back
twice. This one is compiled and holds no lock; it is asked and answers through pipes, a byte for each time it was asked.
One sync serves all who asked before it began.
"""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["Syncer"]

SOUND, FAILED = b"\0", b"\1"
ANSWERS_MAX = 256


class Syncer:
    """Makes durable what was written to one file."""

    def __init__(self, path: Path) -> None:
        """Open the file and start the thread; compiles, or loads what was compiled."""
        serve = _compiled()
        self._file = os.open(path, os.O_RDONLY)
        self._asked, self._ask = os.pipe()
        self.answers, self._answer = os.pipe()
        room = np.zeros(ANSWERS_MAX, np.uint8)
        work = serve, self._asked, self._file, self._answer, room
        self._thread = threading.Thread(target=_undisturbed, args=work, name="haechi-syncer", daemon=True)
        self._thread.start()

    def ask(self) -> None:
        """What is written by now shall be synced; one byte more will come from `answers`."""
        os.write(self._ask, SOUND)

    def heard(self) -> bytes:
        """The next answers, in the order of the asking; waits when there are none."""
        return os.read(self.answers, ANSWERS_MAX)

    def sync(self) -> None:
        """Sync here and now."""
        os.fdatasync(self._file)

    def close(self) -> None:
        """End; a sync under way is finished first."""
        os.close(self._ask)
        self._thread.join()
        for file in (self._asked, self._answer, self.answers, self._file):
            os.close(file)


def _undisturbed(serve: Any, *work: Any) -> None:
    # A signal would end its waiting; other threads take them.
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    serve(*work)


def _compiled() -> Any:
    """The thread's whole life, compiled when the first server needs it: commands that write little never do."""
    from numba import njit, types

    whole, number = types.int64, types.int32
    read = types.ExternalFunction("read", whole(number, whole, whole))
    write = types.ExternalFunction("write", whole(number, whole, whole))
    fdatasync = types.ExternalFunction("fdatasync", number(number))

    @njit(nogil=True)  # type: ignore[untyped-decorator]
    def serve(asked: int, file: int, answer: int, room: Any) -> None:
        failed: Any = 0
        while not failed:  # a failed sync is never tried again
            count = read(asked, room.ctypes.data, len(room))
            if count <= 0:
                return
            failed = np.int64(fdatasync(file) != 0)
            room[:count] = failed
            write(answer, room.ctypes.data, count)

    return serve
