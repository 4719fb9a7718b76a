"""CSV files: records taken apart by Polars where they are plain, one by one where they are odd."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from haechi.events.blocks import RECORD_BYTES_MAX, Block, open_bytes, read_blocks
from haechi.events.convert import Broken, Chunk
from haechi.events.errors import UnreadableFile

SEPARATORS = (",", ";", "\t", "|")
Places = npt.NDArray[np.int64]


class Delimited:
    """A CSV file with a header; the separator is the one its header uses most."""

    def __init__(self, path: Path) -> None:
        self.path = path
        header = _header(path)
        self.separator = max(SEPARATORS, key=header.count)
        self.columns = tuple(
            c.strip() for c in next(csv.reader(io.StringIO(header, newline=""), delimiter=self.separator))
        )
        twice = {c for c in self.columns if self.columns.count(c) > 1}
        if twice:
            raise UnreadableFile(f"{path} has the column {sorted(twice)[0]!r} twice; rename one")

    def chunks(self, columns: Sequence[str], rows_max: int) -> Iterator[Chunk]:
        """The rows in order, only the wanted columns, as text."""
        first = True
        for block in read_blocks(self.path, quotes=True):
            if first and len(block.starts):
                block = _tail(block)
                first = False
            yield from self._chunk(block, [c for c in self.columns if c in set(columns)]).parts(rows_max)

    def _chunk(self, block: Block, columns: list[str]) -> Chunk:
        odd = _odd_records(block, self.separator, len(self.columns))
        frame = self._plain(block, ~odd, columns)
        if frame is None:
            odd[:] = True
            frame = self._plain(block, ~odd, columns)
        assert frame is not None
        lines = pl.Series("line", block.lines[~odd], dtype=pl.Int64)
        broken = list(block.broken)
        if odd.any():
            frame, lines = self._with_odd(block, np.flatnonzero(odd), columns, frame, lines, broken)
        return Chunk(frame, lines, lambda place: frame.row(place, named=True), None, broken)

    def _plain(self, block: Block, plain: npt.NDArray[np.bool_], columns: list[str]) -> pl.DataFrame | None:
        """The plain records as a frame; None when Polars sees other records than we do."""
        schema = dict.fromkeys(columns, pl.String())
        if not plain.any():
            return pl.DataFrame(schema=schema)
        data = block.data if plain.all() and len(block.data) == _span(block) else _joined(block, np.flatnonzero(plain))
        places = [self.columns.index(c) for c in columns]
        try:
            frame = pl.read_csv(data, has_header=False, separator=self.separator, columns=places, infer_schema=False)
        except (pl.exceptions.ComputeError, pl.exceptions.NoDataError):
            return None
        if frame.height != int(plain.sum()) or frame.width != len(columns):
            return None
        frame.columns = columns
        return frame

    def _with_odd(
        self,
        block: Block,
        places: Places,
        columns: list[str],
        frame: pl.DataFrame,
        lines: pl.Series,
        broken: list[Broken],
    ) -> tuple[pl.DataFrame, pl.Series]:
        rows, at = [], []
        for place in places.tolist():
            for line, row in self._records(block, place, broken):
                rows.append([row[c] or None for c in columns])
                at.append(line)
        found = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String()), orient="row")
        both = pl.concat([frame, found]).with_columns(
            pl.concat([lines, pl.Series("line", at, dtype=pl.Int64)]).alias("\0line")
        )
        both = both.sort("\0line", maintain_order=True)
        return both.drop("\0line"), both["\0line"].alias("line")

    def _records(self, block: Block, place: int, broken: list[Broken]) -> Iterator[tuple[int, dict[str, str]]]:
        """What an odd record holds when its quotes are read strictly: rows, or a reason why not."""
        line, data = int(block.lines[place]), block.record(place)
        try:
            reader = csv.reader(io.StringIO(data.decode("utf-8"), newline=""), delimiter=self.separator)
            before = 0
            for fields in reader:
                at, before = line + before, reader.line_num
                if len(fields) == len(self.columns):
                    yield at, dict(zip(self.columns, fields, strict=True))
                elif fields:
                    message = f"the record has {len(fields)} fields, the header {len(self.columns)}"
                    broken.append(Broken(at, "wrong_width", message, dict(zip(self.columns, fields, strict=False))))
        except UnicodeDecodeError as error:
            message = f"the record is not UTF-8 at byte {error.start}; convert the file, e.g. iconv -f CP949 -t UTF-8"
            broken.append(Broken(line, "not_utf8", message, data[:200].decode("utf-8", "replace")))
        except csv.Error as error:
            broken.append(Broken(line, "too_long", f"the record cannot be taken apart: {error}", None))


def _header(path: Path) -> str:
    with open_bytes(path) as stream:
        try:
            data = stream.readline(RECORD_BYTES_MAX)
        except (EOFError, OSError) as error:
            raise UnreadableFile(f"{path} is cut short or damaged ({error}); fetch it again") from error
    try:
        header = data.decode("utf-8-sig").strip("\r\n")
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"{path} is not UTF-8; convert it, e.g. iconv -f CP949 -t UTF-8") from error
    if not header.strip() or "\0" in header:
        raise UnreadableFile(f"{path} has no header line; the first line must name the columns")
    return header


def _tail(block: Block) -> Block:
    """The block without its first record, which is the header."""
    return Block(block.data, block.starts[1:], block.ends[1:], block.lines[1:], block.broken)


def _span(block: Block) -> int:
    return int((block.ends - block.starts).sum()) + len(block.ends)


def _joined(block: Block, places: Places) -> bytes:
    """The records at these places, in runs that lie side by side."""
    starts, ends = block.starts[places], block.ends[places] + 1
    breaks = np.flatnonzero(starts[1:] != ends[:-1])
    first, last = starts[np.concatenate([[0], breaks + 1])], ends[np.concatenate([breaks, [len(places) - 1]])]
    return b"".join(block.data[a:b] for a, b in zip(first.tolist(), last.tolist(), strict=True))


def _odd_records(block: Block, separator: str, width: int) -> npt.NDArray[np.bool_]:
    """Records with another number of fields than the header, or that are not UTF-8."""
    odd = np.zeros(len(block.starts), bool)
    if not len(odd):
        return odd
    array = np.frombuffer(block.data, np.uint8)
    marks = array == ord(separator)
    if b'"' in block.data:
        marks = marks & ~np.bitwise_xor.accumulate(array == 34)
    places = np.flatnonzero(marks)
    odd |= np.searchsorted(places, block.ends) - np.searchsorted(places, block.starts) != width - 1
    if not _is_utf8(block.data):
        odd |= [not _is_utf8(block.record(i)) for i in range(len(odd))]
    return odd


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
