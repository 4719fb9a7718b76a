"""One at a time: the lock that keeps a second process away from a file or a home."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

from haechi.stores.errors import AlreadyOpen, NoHome, NotWritable


class Lock:
    """Held while open; the operating system lets go of it when the process ends, however it ends."""

    def __init__(self, path: Path, what: str) -> None:
        self.path = path
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise unwritable(path.parent, error) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, str(os.getpid()).encode(), 0)
        except OSError as error:
            holder = os.pread(self._file, 20, 0).decode(errors="replace") or "unknown"
            os.close(self._file)
            if error.errno in (errno.EAGAIN, errno.EACCES):
                raise AlreadyOpen(f"{what} is in use by process {holder}; stop it first, or choose another") from error
            raise unwritable(path.parent, error) from error

    def release(self) -> None:
        """Let others in; the file stays, because removing it would race with them."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def unwritable(path: Path, error: OSError) -> NotWritable | NoHome:
    """Say in one line why a folder cannot be worked in."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return NotWritable(f"{path}: the disk is full; free some space and try again")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return NotWritable(f"{path} cannot be written ({error.strerror}); make it writable for this user")
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return NoHome(f"{path} does not exist or is not a folder; create it, or check the spelling")
    return NotWritable(f"{path}: {error.strerror}; check the disk and try again")
