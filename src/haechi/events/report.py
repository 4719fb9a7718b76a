"""What became of the rows of a set of files: counted by reason, the first few shown, all of them written down."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import msgspec

from haechi.events.convert import Broken
from haechi.events.errors import EventsError, TooManyBadRows, shown

SHOWN_ROWS = 10
HOPELESS_ROWS = 100_000
HOPELESS_SHARE = 0.5
WRITTEN_CHARS_MAX = 1_000


@dataclass(frozen=True)
class Rejected:
    """A row that did not become an event, and why."""

    file: str
    line: int
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass
class Report:
    """How many rows were read and accepted, how many rejected for which reason, and the first ten of those."""

    rows: int = 0
    accepted: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    first: list[Rejected] = field(default_factory=list)
    rounded: int = 0
    zoned: int = 0
    naive: int = 0

    @property
    def bad(self) -> int:
        """How many rows were rejected."""
        return self.rejected.total()

    def add(self, file: str, broken: Broken) -> None:
        """Count a rejected row."""
        self.rejected[broken.code] += 1
        if len(self.first) < SHOWN_ROWS:
            self.first.append(Rejected(file, broken.line, broken.code, broken.message))

    def lines(self) -> list[str]:
        """The report as a person reads it."""
        found = [f"{self.rows} rows, {self.accepted} accepted, {self.bad} rejected"]
        found += [f"  {count} {code}" for code, count in self.rejected.most_common()]
        return found + [f"  {one}" for one in self.first]

    def check(self, max_bad: float, *, finished: bool) -> None:
        """More rejected rows than allowed stop the reading: at the end, or early when half of 100,000 rows are bad."""
        hopeless = self.rows >= HOPELESS_ROWS and self.bad > max(max_bad, HOPELESS_SHARE) * self.rows
        if hopeless or (finished and self.bad > max_bad * self.rows):
            most = ", ".join(f"{count} {code}" for code, count in self.rejected.most_common(3))
            raise TooManyBadRows(
                f"{self.bad} of {self.rows} rows were rejected ({most}), {max_bad:.4g} are allowed as a share; "
                f"the first is {self.first[0]}"
            )


class RejectedFile:
    """The file of rejected rows, JSON Lines; made when the first row is rejected."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, file: str, broken: Broken) -> None:
        """Write one rejected row: where it stood, why it was rejected and what it was."""
        if self._path is None:
            return
        why = {"code": broken.code, "reason": broken.message}
        line = {"file": file, "line": broken.line} | why | {"row": _written(broken.row)}
        try:
            if self._file is None:
                self._file = self._path.open("wb")
            self._file.write(msgspec.json.encode(line) + b"\n")
        except OSError as error:
            raise EventsError(f"cannot write rejected rows to {self._path}: {error.strerror or error}") from error


def _written(row: Any) -> Any:
    """A row that JSON can hold, its values cut to a readable length."""
    if isinstance(row, Mapping):
        return {str(k): _cell(v) for k, v in row.items()}
    return _cell(row)


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value if len(value) <= WRITTEN_CHARS_MAX else value[:WRITTEN_CHARS_MAX] + "..."
    if isinstance(value, int):
        return value if value.bit_length() <= 63 else shown(value)
    return value if isinstance(value, float) and math.isfinite(value) else shown(value)
