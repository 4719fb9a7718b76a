"""Where things are kept: the journal, the archive, and the home they stand in."""

from haechi.stores.agreed import Approval, Change, HistoryRow, ListRow, RuleSetRow, RuleVersion
from haechi.stores.archive import Archive
from haechi.stores.backup import copy_database
from haechi.stores.calls import Work, end_challenge, open_alert, rank_of
from haechi.stores.durable import write_durably
from haechi.stores.engines import open_store
from haechi.stores.entry import (
    DECIDED,
    LABEL,
    LABEL_KINDS,
    LEARNED,
    Alert,
    Answer,
    Challenge,
    Entry,
    LabelRow,
    body_hash,
    kind_of,
)
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
from haechi.stores.kept import KeptJournal, keep_journal
from haechi.stores.limits import Limits
from haechi.stores.lock import Lock
from haechi.stores.moving import archive_before, plain_frame
from haechi.stores.ports import Alerts, Journal, Keys, Meta, Rules, Store, Tables
from haechi.stores.tables import AlertRow, ApiKey
from haechi.stores.ticket import Ticket

__all__ = [
    "DECIDED",
    "LABEL",
    "LABEL_KINDS",
    "LEARNED",
    "Alert",
    "AlertRow",
    "Alerts",
    "AlreadyOpen",
    "Answer",
    "ApiKey",
    "Approval",
    "Archive",
    "BadEntry",
    "Broken",
    "Busy",
    "Challenge",
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
    "KeptJournal",
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
    "Tables",
    "Ticket",
    "UnknownStore",
    "UnsoundLibrary",
    "Work",
    "archive_before",
    "body_hash",
    "copy_database",
    "end_challenge",
    "keep_journal",
    "kind_of",
    "open_alert",
    "open_store",
    "plain_frame",
    "rank_of",
    "write_durably",
]
