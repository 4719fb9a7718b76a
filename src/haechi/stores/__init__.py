"""Where things are kept: the journal, the archive, and the home they stand in."""

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
from haechi.stores.limits import Limits
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
    "Journal",
    "Keys",
    "LabelRow",
    "Limits",
    "Meta",
    "NewerSchema",
    "NoHome",
    "NotWritable",
    "Store",
    "StoreError",
    "Ticket",
    "UnknownStore",
    "UnsoundLibrary",
    "body_hash",
    "open_store",
]
