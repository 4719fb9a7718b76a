"""Where things are kept: the journal, the archive, and the home they stand in."""

from haechi.stores.agreed import Approval, Change, HistoryRow, ListRow, RuleSetRow, RuleVersion
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
    Disagreed,
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
from haechi.stores.ports import Alerts, Journal, Keys, Meta, Rules, Store
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
    "Approval",
    "Archive",
    "BadEntry",
    "Broken",
    "Busy",
    "Change",
    "Closed",
    "Damaged",
    "DamagedArchive",
    "DamagedEntry",
    "DamagedStore",
    "Disagreed",
    "DuplicateEvent",
    "DuplicateKey",
    "Entry",
    "HistoryRow",
    "Home",
    "Journal",
    "Keys",
    "LabelRow",
    "Limits",
    "ListRow",
    "Lock",
    "Meta",
    "NewerSchema",
    "NoHome",
    "NotWritable",
    "RuleSetRow",
    "RuleVersion",
    "Rules",
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
