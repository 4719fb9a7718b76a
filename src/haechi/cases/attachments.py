"""Attachments: evidence as it came, under the SHA-256 of its bytes; never opened here, only given out as a download.

The file is on disk before the row that names it: a crash in between leaves a file that nobody names, never a name
without a file. What a file says it is must be what its first bytes are.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from haechi.cases.case import Attached, Cases
from haechi.cases.errors import BadAsk, NotAllowed, Unknown
from haechi.cases.office import Office, checked
from haechi.stores import Work, write_durably

NAME_CHARS_MAX = 200
MAGIC = {
    "application/pdf": (b"%PDF-",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
}
PLAIN = ("text/plain", "text/csv")
TYPES = (*MAGIC, *PLAIN)


class Attachments:
    """The files of cases, in one folder of the home."""

    def __init__(self, office: Office, cases: Cases, folder: Path) -> None:
        self._office, self._tables, self._cases, self._folder = office, office.tables, cases, folder

    def add(self, case_id: int, name: str, media_type: str, content: bytes, person: str) -> Attached:
        """Keep a file with a case; the same bytes again are the same attachment."""
        limits = self._office.practice.attachments
        checked("a file's name", name, NAME_CHARS_MAX, needed=True)
        if not 0 < len(content) <= limits.bytes_max:
            raise BadAsk(f"an attachment has 1 to {limits.bytes_max:,} bytes, not {len(content):,}")
        _check_kind(media_type, content)
        self._cases.case(case_id)
        digest = hashlib.sha256(content).hexdigest()
        self._folder.mkdir(exist_ok=True)
        if not (self._folder / digest).exists():
            write_durably(self._folder / digest, content)
        now = self._office.now_us()

        def task(work: Work) -> Attached:
            columns = ", ".join(Attached.__struct_fields__)
            known = work.rows(f"SELECT {columns} FROM attachments WHERE case_id = :id", {"id": case_id})  # noqa: S608
            for row in known:
                if row[5] == digest:
                    return Attached(*row)
            if len(known) >= limits.count_max:
                raise NotAllowed(f"a case takes {limits.count_max} attachments")
            number = work.next("attachments")
            added = Attached(number, case_id, name, media_type, len(content), digest, person, now)
            work.add("attachments", msgspec.structs.asdict(added))
            work.tell("case", str(case_id), "attached", {"name": name, "sha256": digest}, person, now)
            return added

        return self._tables.do(task)

    def find(self, number: int) -> Attached:
        """One attachment, without its bytes."""
        columns = ", ".join(Attached.__struct_fields__)
        sql = f"SELECT {columns} FROM attachments WHERE number = :number"  # noqa: S608
        rows = self._tables.rows(sql, {"number": number})
        if not rows:
            raise Unknown(f"there is no attachment {number}")
        return Attached(*rows[0])

    def read(self, number: int) -> bytes:
        """The bytes of an attachment, held against their hash."""
        rows = self._tables.rows("SELECT sha256 FROM attachments WHERE number = :number", {"number": number})
        if not rows:
            raise Unknown(f"there is no attachment {number}")
        digest: str = rows[0][0]
        try:
            content = (self._folder / digest).read_bytes()
        except OSError as error:
            raise NotAllowed(
                f"attachment {number} cannot be read ({error.strerror}): restore it from a backup"
            ) from error
        if hashlib.sha256(content).hexdigest() != digest:
            raise NotAllowed(f"attachment {number} is not what was attached: restore it from a backup")
        return content


def _check_kind(media_type: str, content: bytes) -> None:
    if media_type in MAGIC:
        if not content.startswith(MAGIC[media_type]):
            raise BadAsk(f"this is no {media_type}: its first bytes say otherwise")
        return
    if media_type not in PLAIN:
        raise BadAsk(f"an attachment is {', '.join(TYPES)}, not {media_type[:80]!r}")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise BadAsk("a text must be UTF-8") from None
    if "\0" in text:
        raise BadAsk("a text holds no NUL")
