"""What every engine offers: whoever keeps things here knows these shapes and no engine."""

from __future__ import annotations

from asyncio import AbstractEventLoop
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

from haechi.stores.agreed import Approval, Change, HistoryRow, ListRow, RuleSetRow, RuleVersion, State
from haechi.stores.calls import Work
from haechi.stores.entry import Entry, LabelRow
from haechi.stores.tables import AlertRow, ApiKey
from haechi.stores.ticket import Then, Ticket

Through = Callable[[Callable[[], None]], object]
T = TypeVar("T")


class Journal(Protocol):
    """Events, decisions and labels in one sequence; nothing is acknowledged before it is durable."""

    @property
    def last_seq(self) -> int:
        """The number given last; it may still be on its way to the disk."""

    @property
    def durable_seq(self) -> int:
        """The number that reached the disk last."""

    @property
    def broken(self) -> str | None:
        """Why nothing more is accepted, in one line; None while all is well."""

    @property
    def waiting(self) -> int:
        """Entries handed in and not settled yet."""

    def deliver_through(self, call: Through, soon: Through | None = None) -> None:
        """Settle tickets through this, one call for each commit: `loop.call_soon_threadsafe`.

        With `soon` (`loop.call_soon`) all that one turn of the loop hands in goes into one commit.
        """

    def follow(self, hear: Callable[[list[Entry]], object]) -> None:
        """Tell `hear` of every batch once it is on disk; it neither waits nor fails."""

    def admit(self, size: int, entries: int = 1) -> None:
        """Raise Busy, Broken or Closed now when `write` would, for so many entries of this size in all."""

    def key(self, event_id: str) -> int | None:
        """The key of an event that is new; None when an entry holds its id already."""

    def keys(self, names: Sequence[bytes]) -> list[int]:
        """The keys of the first of these ids (UTF-8), as many as are new and differ."""

    def write_new(self, entries: Sequence[Entry], keys: Sequence[int]) -> Ticket:
        """Queue entries of new events one behind the other, under one ticket; `keys` were asked for just now."""

    def as_one(self) -> AbstractContextManager[None]:
        """Queue the events that are written inside under one ticket: all of them are in one commit, or none."""

    def write(self, entry: Entry, then: Then | None = None) -> Ticket:
        """Number an entry and queue it; raises BadEntry, DuplicateEvent, Busy, Broken or Closed."""

    def find(self, event_id: str) -> Entry | None:
        """The entry of an event, pending or stored; None when the id is new."""

    def ticket(self, event_id: str) -> Ticket | None:
        """The ticket of an event that is still on its way to the disk."""

    def entry(self, seq: int) -> Entry | None:
        """One stored entry by its number."""

    def entries(self, after_seq: int = 0, limit: int | None = None) -> Iterator[Entry]:
        """Stored entries in order, checksums verified, without holding up a commit."""

    def labels_of(self, event_id: str) -> list[LabelRow]:
        """What has been said about an event, oldest first."""

    def newest_labels(self, count: int) -> list[LabelRow]:
        """The labels that were told last, newest first."""

    def first_seq(self) -> int | None:
        """The oldest number still in the journal."""

    def first_since(self, time_us: int) -> int | None:
        """The oldest number in the journal of an event at or after a time; None when all are older."""

    def mentioning(self, text: bytes) -> Iterator[bytes]:
        """The bodies in the journal that hold these bytes, oldest first."""

    def forget(self, first_seq: int, last_seq: int) -> int:
        """Remove entries that the archive holds; their ids stay known."""


class Keys(Protocol):
    """API keys, hashed at rest."""

    def add(self, key: ApiKey) -> None:
        """Keep a new key; raises DuplicateKey."""

    def find(self, hash_: str) -> ApiKey | None:
        """The key with this hash, revoked or not."""

    def all(self) -> list[ApiKey]:
        """Every key, oldest first."""

    def revoke(self, name: str, revoked_us: int) -> bool:
        """End a key from this time on; False when no living key has that name."""


class Alerts(Protocol):
    """The outbox of calls to a person."""

    def in_state(self, state: str, after_seq: int = 0, limit: int = 200) -> list[AlertRow]:
        """Alerts in one state, in the order of their decisions."""

    def find(self, id_: str) -> AlertRow | None:
        """One alert by its id."""

    def move(self, id_: str, state: str, *, was: str) -> bool:
        """Put an alert into another state; False when somebody was faster."""


class Meta(Protocol):
    """Names and values that a home knows about itself."""

    def get(self, name: str) -> str | None:
        """The value of a name; None when it was never set."""

    def set(self, name: str, value: str) -> None:
        """Give a name a value, durably."""


class Rules(Protocol):
    """What people agreed on: nothing in it is ever changed or removed; what may not be raises Disagreed."""

    def add_version(self, draft: RuleVersion) -> RuleVersion:
        """Keep a new version under the next number; the same content as the newest version is that version."""

    def versions(self, kind: str, name: str | None = None) -> list[RuleVersion]:
        """Every version of one name, or of all, in order."""

    def ask(self, wish: Change) -> Change:
        """Ask for a change; the same wish of the same person that still waits is that change."""

    def add_rows(self, change_id: int, list_: str, rows: Sequence[ListRow]) -> None:
        """Say which entities a list change adds or removes, before anybody answers it."""

    def change(self, id_: int) -> Change:
        """One change with its answers."""

    def changes(self, state: State | None = None, before: int | None = None, limit: int = 100) -> list[Change]:
        """Changes, the newest first."""

    def answer(self, id_: int, said: Approval, taking: RuleSetRow | None = None) -> Change:
        """Take down what a person answers; with `taking`, the change takes effect in the same commit."""

    def take(self, row: HistoryRow, taking: RuleSetRow) -> HistoryRow:
        """Let something take effect that needs nobody's approval: a trial or a snooze."""

    def history(self, after: int = 0, through: int | None = None) -> Iterator[HistoryRow]:
        """What took effect, in order."""

    def rows_of(self, change_id: int, limit: int | None = None) -> Iterator[ListRow]:
        """The rows of one list change, by entity."""

    def stands(self, list_: str, entity: str) -> bool:
        """Whether an entity stands on a list now, expired or not."""

    def entries(self, list_: str, after: str = "", limit: int = 100) -> list[ListRow]:
        """Who stands on a list now, expired or not, by entity."""

    def keep_set(self, row: RuleSetRow) -> None:
        """Write a set down before it comes into force; one that is known stays as it is."""

    def set_of(self, hash_: str) -> RuleSetRow | None:
        """The set with this hash; None when it was never in force here."""


class Tables(Protocol):
    """Tables of the rooms above, which bring shared SQL with `:name` parameters."""

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """All rows of a statement, as of the last commit."""

    def do(self, task: Callable[[Work], T]) -> T:
        """Run a task alone, in one durable transaction; raises Disagreed where the tables do not allow it."""


class Store(Protocol):
    """One open store, whatever its engine."""

    @property
    def journal(self) -> Journal:
        """Events, decisions and labels."""

    @property
    def keys(self) -> Keys:
        """API keys."""

    @property
    def alerts(self) -> Alerts:
        """Calls to a person."""

    @property
    def meta(self) -> Meta:
        """Names and values."""

    @property
    def rules(self) -> Rules:
        """What people agreed on."""

    @property
    def tables(self) -> Tables:
        """Tables of the rooms above."""

    def check(self, findings_max: int = 100) -> list[str]:
        """What is wrong with what is kept, one line each."""

    def sync_beside(self, loop: AbstractEventLoop) -> None:
        """From now on a loop that writes at the end of its turns need not wait for the disk; where the engine can."""

    def close(self) -> None:
        """Write what waits, then close."""
