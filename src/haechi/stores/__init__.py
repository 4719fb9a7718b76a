"""Where things are kept: the journal, the archive, and the home they stand in."""

from haechi.stores.archive import Archive
from haechi.stores.durable import write_durably
from haechi.stores.engines import open_store
from haechi.stores.entry import DECIDED, LABEL, LEARNED, Alert, Entry, LabelRow, body_hash
from haechi.stores.errors import (
    AlreadyOpen,
    BadEntry,
    Broken,
    Busy,
    Closed,
    Damaged,
    DamagedArchive,
    DamagedEntry,
    DamagedStore,
    DuplicateEvent,
    DuplicateKey,
    NewerSchema,
    NoHome,
    NotWritable,
    StoreError,
    UnknownStore,
    UnsoundLibrary,
)
from haechi.stores.home import Home
from haechi.stores.limits import Limits
from haechi.stores.lock import Lock
from haechi.stores.moving import archive_before, plain_frame
from haechi.stores.ports import Alerts, Journal, Keys, Meta, Store
from haechi.stores.tables import AlertRow, ApiKey
from haechi.stores.ticket import Ticket

__all__ = [
    "DECIDED",
    "LABEL",
    "LEARNED",
    "Alert",
    "AlertRow",
    "Alerts",
    "AlreadyOpen",
    "ApiKey",
    "Archive",
    "BadEntry",
    "Broken",
    "Busy",
    "Closed",
    "Damaged",
    "DamagedArchive",
    "DamagedEntry",
    "DamagedStore",
    "DuplicateEvent",
    "DuplicateKey",
    "Entry",
    "Home",
    "Journal",
    "Keys",
    "LabelRow",
    "Limits",
    "Lock",
    "Meta",
    "NewerSchema",
    "NoHome",
    "NotWritable",
    "Store",
    "StoreError",
    "Ticket",
    "UnknownStore",
    "UnsoundLibrary",
    "archive_before",
    "body_hash",
    "open_store",
    "plain_frame",
    "write_durably",
]
