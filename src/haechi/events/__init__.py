"""What happened: events, the schemas that read them and the files they come from."""

from haechi.events.event import Event, Label
from haechi.events.schema import Schema
from haechi.events.signal import Reason, Signal

__all__ = ["Event", "Label", "Reason", "Schema", "Signal"]
