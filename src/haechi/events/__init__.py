"""What happened: events, the schemas that read them and the files they come from."""

from haechi.events.check import Check, check_files
from haechi.events.convert import canonical_columns
from haechi.events.errors import (
    BadRow,
    BadSchema,
    EventsError,
    NotInOrder,
    TooManyBadRows,
    UnreadableFile,
    WrongColumn,
)
from haechi.events.event import Event, Label
from haechi.events.frames import Frames, read_frames
from haechi.events.guess import Draft, guess_schema
from haechi.events.money import exponent, minor_units
from haechi.events.report import Rejected, Report
from haechi.events.schema import Schema
from haechi.events.signal import Reason, Signal
from haechi.events.times import span_us

__all__ = [
    "BadRow",
    "BadSchema",
    "Check",
    "Draft",
    "Event",
    "EventsError",
    "Frames",
    "Label",
    "NotInOrder",
    "Reason",
    "Rejected",
    "Report",
    "Schema",
    "Signal",
    "TooManyBadRows",
    "UnreadableFile",
    "WrongColumn",
    "canonical_columns",
    "check_files",
    "exponent",
    "guess_schema",
    "minor_units",
    "read_frames",
    "span_us",
]
