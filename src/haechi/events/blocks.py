"""Bytes of a file in blocks of whole records, with the line on which each record begins.

Memory is bounded by the block and the record limit, whatever the file: a line without an end, a quote that never
closes or a field of a billion characters costs one rejected record.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from haechi.events.convert import Broken
from haechi.events.errors import UnreadableFile

BLOCK_BYTES = 8 << 20
RECORD_BYTES_MAX = 2 << 20
GZIP_SIGNS = b"\x1f\x8b"
BOM = b"\xef\xbb\xbf"
_SHOWN_BYTES = 200


@dataclass
class Block:
    """Whole records: where each begins and ends in the bytes, the line it begins on, and those that were given up."""

    data: bytes
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    lines: npt.NDArray[np.int64]
    broken: list[Broken]

    def record(self, place: int) -> bytes:
        """The bytes of one record, without its line end."""
        return self.data[self.starts[place] : self.ends[place]].removesuffix(b"\r")


def open_bytes(path: Path) -> IO[bytes]:
    """Open a file, unpacking gzip; missing, empty and unreadable files say so in one line."""
    try:
        if path.is_dir():
            raise UnreadableFile(f"{path} is a folder; name the files in it")
        if path.stat().st_size == 0:
            raise UnreadableFile(f"{path} is empty")
        if path.suffix != ".gz":
            return path.open("rb")
        with path.open("rb") as file:
            if file.read(2) != GZIP_SIGNS:
                raise UnreadableFile(f"{path} is named .gz but is not gzip; rename it or pack it again")
        return gzip.open(path, "rb")  # type: ignore[return-value]
    except FileNotFoundError as error:
        raise UnreadableFile(f"there is no file {path}") from error
    except OSError as error:
        raise UnreadableFile(f"cannot open {path}: {error.strerror or error}") from error


def read_blocks(path: Path, *, quotes: bool, block_bytes: int = BLOCK_BYTES) -> Iterator[Block]:
    """All records of a file; with quotes, a line end inside quotes does not end a record."""
    with open_bytes(path) as stream:
        rest, line = b"", 1
        for data in _pieces(path, stream, block_bytes):
            rest += data
            while True:
                block, used, lines = _cut(rest, line, quotes, last=not data)
                if not used:
                    break
                rest, line = rest[used:], line + lines
                if not lines:
                    line += _skip_line(path, stream)
                yield block


def _pieces(path: Path, stream: IO[bytes], size: int) -> Iterator[bytes]:
    """The file piece by piece, without its byte order mark, and an empty piece at its end."""
    first = True
    while True:
        try:
            data = stream.read(size)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise UnreadableFile(f"{path} is cut short or damaged ({error}); fetch it again") from error
        except OSError as error:
            raise UnreadableFile(f"cannot read {path}: {error.strerror or error}") from error
        yield data.removeprefix(BOM) if first else data
        if not data:
            return
        first = False


def _skip_line(path: Path, stream: IO[bytes]) -> int:
    """Read on to the end of an endless line, keeping nothing."""
    while True:
        try:
            data = stream.readline(BLOCK_BYTES)
        except (EOFError, zlib.error, OSError) as error:
            raise UnreadableFile(f"{path} is cut short or damaged ({error}); fetch it again") from error
        if not data or data.endswith(b"\n"):
            return 1


def _cut(data: bytes, line: int, quotes: bool, last: bool) -> tuple[Block, int, int]:
    """The whole records at the front of the bytes, how many bytes they took, and how many lines."""
    if last and data and not data.endswith(b"\n"):
        data += b"\n"
    array = np.frombuffer(data, np.uint8)
    breaks = np.flatnonzero(array == 10)
    places = np.arange(len(breaks))
    if quotes and b'"' in data:
        marks = np.flatnonzero(array == 34)
        places = np.flatnonzero(np.searchsorted(marks, breaks) % 2 == 0)
    whole = breaks[places]
    if not len(whole):
        return _no_record(data, line, breaks, last)
    starts = np.concatenate([[0], whole[:-1] + 1])
    lines = line + np.concatenate([[0], places[:-1] + 1])
    used = int(whole[-1]) + 1
    return _without_giants(data[:used], starts, whole, lines), used, int(places[-1]) + 1


def _no_record(data: bytes, line: int, breaks: npt.NDArray[np.int64], last: bool) -> tuple[Block, int, int]:
    """No record ends here: wait for more, or give up what cannot end well."""
    none = np.zeros(0, np.int64)
    if not data or (len(data) <= RECORD_BYTES_MAX and not last):
        return Block(b"", none, none, none, []), 0, 0
    start = data[:_SHOWN_BYTES].decode("utf-8", "replace")
    if len(breaks):  # a quote opens and never closes: give up its line and go on behind it
        gone = [Broken(line, "open_quote", "a quote opens here and never closes", start)]
        return Block(b"", none, none, none, gone), int(breaks[0]) + 1, 1
    return Block(b"", none, none, none, [_giant(line, start)]), len(data), 0


def _giant(line: int, start: str) -> Broken:
    return Broken(line, "too_long", f"the record is longer than {RECORD_BYTES_MAX} bytes", start)


def _without_giants(
    data: bytes, starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64], lines: npt.NDArray[np.int64]
) -> Block:
    sizes = ends - starts
    giants = np.flatnonzero(sizes > RECORD_BYTES_MAX)
    blank = (sizes == 0) | ((sizes == 1) & (np.frombuffer(data, np.uint8)[starts] == 13))
    keep = ~blank
    keep[giants] = False
    broken = [
        _giant(int(lines[g]), data[starts[g] : starts[g] + _SHOWN_BYTES].decode("utf-8", "replace"))
        for g in giants.tolist()
    ]
    if keep.all():
        return Block(data, starts, ends, lines, broken)
    return Block(data, starts[keep], ends[keep], lines[keep], broken)
