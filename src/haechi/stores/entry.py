"""One line of the journal: what came in, what was decided, and a checksum over both."""

from __future__ import annotations

from math import isfinite
from struct import Struct
from struct import error as StructError
from typing import Final

import msgspec
from xxhash import xxh3_64_intdigest

from haechi.stores.errors import BadEntry, DamagedEntry

DECIDED: Final = 1
LEARNED: Final = 2
LABEL: Final = 3

INT64_MAX: Final = 2**63 - 1
_SIGN: Final = 1 << 63
_UINT64_MAX: Final = 2**64 - 1
_HEAD: Final = Struct("<qqqQdqqq")


LABEL_KINDS: Final = ("report", "verdict", "chargeback", "mule", "check", "confirmation", "import", "other")


class Alert(msgspec.Struct, frozen=True, gc=False):
    """A person is called: written in the same commit as the decision that asks for one."""

    id: str
    action: str
    created_us: int
    subject: str = ""  # customer:c-17; without one it never folds into another
    amount: int | None = None
    currency: str = ""
    expected_loss: int = 0
    urgency: int = 0  # expected loss in thousandths of a review, so that currencies can be ranked together
    opened_us: int = 0  # by the clock on the wall; `created_us` is the event's
    service_us: int = 0


class Challenge(msgspec.Struct, frozen=True, gc=False):
    """The customer is asked for another check; `means` says which action follows from each outcome."""

    id: str
    deadline_us: int
    attempts_max: int
    means: dict[str, str]
    alert: Alert  # the person to call when it ends in a hold or a block


class Answer(msgspec.Struct, frozen=True, gc=False):
    """What came back for a challenge."""

    challenge: str
    result: str
    method: str
    subject: str
    at_us: int


class LabelRow(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What a label entry says: was this event a fraud, who says so, and since when that is known.

    It has two times: `known_at_us`, from which anybody could know, and `told_us`, when this house was told. A later
    word about the same event revises it; nothing is ever overwritten.
    """

    event_id: str
    fraud: bool
    known_at_us: int
    source: str = ""  # who says so
    kind: str = ""  # how it was found out, one of LABEL_KINDS; left out, it is what `source` starts with
    typology: str = ""
    told_us: int = 0  # 0 where nobody wrote it down
    event_us: int = 0

    @property
    def found_by(self) -> str:
        """The kind of this label; what is not known is `other`."""
        return self.kind or kind_of(self.source)

    def says(self, other: LabelRow) -> bool:
        """Whether it says the same as another, whenever the house was told."""
        mine, theirs = (
            (one.event_id, one.fraud, one.known_at_us, one.source, one.found_by, one.typology) for one in (self, other)
        )
        return mine == theirs


class Entry(msgspec.Struct, kw_only=True, gc=False):
    """One line of the journal; `write` fills in `seq` and `body_hash`."""

    type: int
    event_id: str
    time_us: int
    body: bytes
    decision: bytes | None = None
    digest: int = 0
    unexplained: float = 0.0
    alert: Alert | None = None
    challenge: Challenge | None = None
    answer: Answer | None = None
    seq: int = 0
    body_hash: int = 0


Row = tuple[int, int, str, int, bytes, bytes | None, int, float, int, int]

_label_of = msgspec.json.Decoder(LabelRow).decode


def kind_of(source: str) -> str:
    """The kind that a label's source names before its colon, as in `verdict:kim`; otherwise `other`."""
    kind = source.partition(":")[0]
    return kind if kind in LABEL_KINDS else "other"


def body_hash(body: bytes) -> int:
    """Tell two bodies apart by one number: 63 bits, so that every engine holds it as a plain integer."""
    return xxh3_64_intdigest(body) >> 1


def checksum(entry: Entry) -> int:
    """Sum up everything that an entry says, its number included."""
    name, decision = entry.event_id.encode(), entry.decision
    head = _HEAD.pack(
        entry.seq,
        entry.type,
        entry.time_us,
        entry.digest,
        entry.unexplained,
        len(name),
        len(entry.body),
        -1 if decision is None else len(decision),
    )
    return xxh3_64_intdigest(b"".join((head, name, entry.body, decision or b""))) >> 1


def check(entry: Entry, bytes_max: int, id_chars_max: int) -> int:
    """Refuse what could not be kept, before it is numbered, and return the entry's size in bytes.

    The writer must never meet a surprise: there it would cost the whole journal.
    """
    name, body, decision = entry.event_id, entry.body, entry.decision
    if type(body) is not bytes or (decision is not None and type(decision) is not bytes):
        raise BadEntry("an entry's body and decision must be bytes; encode them first")
    if type(name) is not str or not 0 < len(name) <= id_chars_max or "\0" in name:
        raise BadEntry(f"an event id must be 1 to {id_chars_max} characters without NUL; shorten it or hash it")
    if not name.isascii():
        _encodable(name)
    size = len(body) + len(decision or b"") + len(name)
    if size > bytes_max:
        raise BadEntry(f"an entry may hold {bytes_max} bytes; send a smaller event")
    if not DECIDED <= entry.type <= LABEL:
        raise BadEntry(f"an entry's type is 1 decided, 2 learned or 3 label, not {entry.type!r}")
    if not -INT64_MAX <= entry.time_us <= INT64_MAX or not 0 <= entry.digest <= _UINT64_MAX:
        raise BadEntry("an entry's time_us and digest must fit into 64 bits")
    if not isfinite(entry.unexplained):
        raise BadEntry("an entry's unexplained share must be a finite number")
    return size


def _encodable(name: str) -> None:
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise BadEntry(f"an event id must be valid Unicode: {error}; decode it as UTF-8") from error


def label_of(entry: Entry) -> LabelRow:
    """Read what a label entry says; a body that is no label is refused."""
    try:
        label = _label_of(entry.body)
    except msgspec.DecodeError as error:
        raise BadEntry(f"the body of a label entry must be a label as JSON: {error}") from error
    if label.event_id != entry.event_id or not -INT64_MAX <= label.known_at_us <= INT64_MAX:
        raise BadEntry("a label entry must carry its label's own event id, and a known_at_us of 64 bits")
    return label


def label_values(seq: int, label: LabelRow) -> tuple[int, str, int, int, str, str, str, int, int]:
    """A label as a row of its table."""
    said = (seq, label.event_id, int(label.fraud), label.known_at_us, label.source)
    return (*said, label.found_by, label.typology, label.told_us, label.event_us)


def row_of(entry: Entry) -> Row:
    """An entry as a row of the table, its checksum last."""
    digest = entry.digest
    return (
        entry.seq,
        entry.type,
        entry.event_id,
        entry.time_us,
        entry.body,
        entry.decision,
        digest - 2 * _SIGN if digest >= _SIGN else digest,
        entry.unexplained,
        entry.body_hash,
        checksum(entry),
    )


def entry_of(row: Row) -> Entry:
    """A row of the table as an entry; a row that does not add up raises DamagedEntry."""
    seq, kind, event_id, time_us, body, decision, digest, unexplained, hashed, summed = row
    try:
        entry = Entry(
            type=kind,
            event_id=event_id,
            time_us=time_us,
            body=body,
            decision=decision,
            digest=digest + 2 * _SIGN if digest < 0 else digest,
            unexplained=unexplained,
            seq=seq,
            body_hash=hashed,
        )
        sound = summed == checksum(entry) and hashed == body_hash(body)
    except (TypeError, AttributeError, ValueError, OverflowError, StructError) as error:
        raise DamagedEntry(seq, f"holds a value of the wrong kind ({error})") from error
    if not sound:
        raise DamagedEntry(seq, "does not match its checksum")
    return entry
