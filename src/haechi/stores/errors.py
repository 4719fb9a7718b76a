"""What can go wrong where things are kept.

StoreError
├── UnknownStore         no engine answers to this URL
├── UnsoundLibrary       the SQLite library really loaded can damage this file
├── NewerSchema          the file was written by a newer Haechi
├── AlreadyOpen          another process works on the same file or home
├── NoHome               the folder is not a home, or cannot be one
├── NotWritable          read-only or full
├── Closed               used after close()
├── Busy                 the queue is full: slow down and try again
├── Broken               a write failed: nothing more is accepted
├── BadEntry             an entry that no engine could keep
├── DuplicateEvent       this event id is already in the journal
├── DuplicateKey         an API key with this name or hash is already there
├── Disagreed            what people agreed on does not allow this: four eyes, versions that never change
└── Damaged              what was read is not what was written
    ├── DamagedEntry     one entry of the journal, named by its sequence number
    ├── DamagedStore     the file as a whole
    └── DamagedArchive   one file of the archive, named by its path
"""

from __future__ import annotations


class StoreError(Exception):
    """Anything that goes wrong where things are kept."""


class UnknownStore(StoreError):
    """No engine answers to this URL."""


class UnsoundLibrary(StoreError):
    """The SQLite library really loaded can damage this file."""


class NewerSchema(StoreError):
    """The file was written by a newer Haechi than this one."""


class AlreadyOpen(StoreError):
    """Another process works on the same file or home."""


class NoHome(StoreError):
    """The folder is not a home, or cannot become one."""


class NotWritable(StoreError):
    """The place is read-only or full."""


class Closed(StoreError):
    """The store was used after it had been closed."""


class Busy(StoreError):
    """The queue is full: slow down and try again."""


class Broken(StoreError):
    """A write failed, so nothing more is accepted until the store is opened again."""


class BadEntry(StoreError):
    """An entry that no engine could keep."""


class DuplicateEvent(StoreError):
    """This event id is already in the journal."""

    def __init__(self, event_id: str, seq: int) -> None:
        super().__init__(f"event {event_id!r} is already entry {seq}; find() returns it, so answer from there")
        self.event_id = event_id
        self.seq = seq


class DuplicateKey(StoreError):
    """An API key with this name or hash is already there."""


class Disagreed(StoreError):
    """What people agreed on does not allow this: four eyes, versions that never change."""


class Damaged(StoreError):
    """What was read is not what was written."""


class DamagedEntry(Damaged):
    """One entry of the journal cannot be trusted; `seq` names it."""

    def __init__(self, seq: int, reason: str) -> None:
        super().__init__(f"journal entry {seq} {reason}; run `haechi doctor` and restore it from a backup")
        self.seq = seq


class DamagedStore(Damaged):
    """The file as a whole cannot be trusted."""


class DamagedArchive(Damaged):
    """One file of the archive cannot be trusted; `path` names it."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"archive file {path} {reason}; restore it from a backup")
        self.path = path
