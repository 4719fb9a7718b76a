"""JSON Lines files: whole blocks decoded at once, line by line where a line is not what it should be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl

from haechi.events.blocks import Block, read_blocks
from haechi.events.convert import Broken, Chunk
from haechi.events.errors import UnreadableFile

SAMPLE_LINES = 10_000
SAMPLE_BYTES = 4 << 20
_FLOAT_INTEGER_MAX = 2**53
_INT64_MAX = 2**63 - 1
_SHOWN_CHARS = 200
_TYPES: dict[frozenset[type], pl.DataType] = {
    frozenset({str}): pl.String(),
    frozenset({float}): pl.Float64(),
    frozenset({bool}): pl.Boolean(),
    frozenset(): pl.Null(),
}


class JsonLines:
    """A file of one JSON object a line; its columns are the keys seen in its first lines."""

    def __init__(self, path: Path) -> None:
        self.path = path
        decoder = msgspec.json.Decoder()
        keys: dict[str, None] = {}
        sound = 0
        for block in islice(read_blocks(path, quotes=False, block_bytes=SAMPLE_BYTES), 1):
            for place in range(min(len(block.starts), SAMPLE_LINES)):
                row = _decoded(decoder, block, place, [])
                if isinstance(row, dict):
                    keys.update(dict.fromkeys(row))
                    sound += 1
        if not sound:
            raise UnreadableFile(f"{path} is not JSON Lines: none of its first lines is a JSON object")
        self.columns = tuple(keys)

    def chunks(self, columns: Sequence[str], rows_max: int) -> Iterator[Chunk]:
        """The rows in order, only the wanted columns, typed as JSON types them."""
        wanted = list(columns)
        names = [f"f{i}" for i in range(len(wanted))]
        fields = [(name, Any, None) for name in names]
        shape = msgspec.defstruct("Line", fields, rename=dict(zip(names, wanted, strict=True)), gc=False)
        decoder = msgspec.json.Decoder(shape)
        for block in read_blocks(self.path, quotes=False):
            yield from _chunk(block, decoder, wanted, names).parts(rows_max)


def _chunk(block: Block, decoder: msgspec.json.Decoder[Any], columns: list[str], names: list[str]) -> Chunk:
    broken = list(block.broken)
    lines = block.lines
    rows = _all_at_once(block, decoder)
    if rows is None:
        found = [_decoded(decoder, block, place, broken) for place in range(len(block.starts))]
        lines = lines[[row is not None for row in found]]
        rows = [row for row in found if row is not None]
    unsure = np.zeros(len(rows), bool)
    series = [
        typed_column(column, [getattr(row, name) for row in rows], unsure)
        for column, name in zip(columns, names, strict=True)
    ]
    frame = pl.DataFrame(series) if series else pl.DataFrame()
    return Chunk(
        frame,
        pl.Series("line", lines, dtype=pl.Int64),
        lambda place: {c: getattr(rows[place], n) for c, n in zip(columns, names, strict=True)},
        unsure if unsure.any() else None,
        broken,
    )


def _all_at_once(block: Block, decoder: msgspec.json.Decoder[Any]) -> list[Any] | None:
    if block.broken:
        return None
    try:
        rows = decoder.decode_lines(block.data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return rows if len(rows) == len(block.starts) else None


def _decoded(decoder: msgspec.json.Decoder[Any], block: Block, place: int, broken: list[Broken]) -> Any:
    """One line as a row, or None and a reason."""
    data = block.record(place)
    try:
        return decoder.decode(data)
    except UnicodeDecodeError:
        code, message = "not_utf8", "the line is not UTF-8; convert the source to UTF-8"
    except RecursionError:
        code, message = "too_deep", "the line is nested too deeply; flatten it"
    except msgspec.MsgspecError as error:
        code, message = "not_json", f"the line is not a JSON object: {error}"
    broken.append(Broken(int(block.lines[place]), code, message, data[:_SHOWN_CHARS].decode("utf-8", "replace")))
    return None


def typed_column(name: str, values: list[Any], unsure: Any) -> pl.Series:
    """Values of one JSON type as a column of that type; where types are mixed, all but the text is read row by row."""
    types = frozenset(map(type, values)) - {type(None)}
    kind = _TYPES.get(types) or _number_type(types, values)
    if kind is not None:
        return pl.Series(name, values, dtype=kind)
    unsure |= [value is not None and type(value) is not str for value in values]
    return pl.Series(name, [value if type(value) is str else None for value in values], dtype=pl.String)


def _number_type(types: frozenset[type], values: list[Any]) -> pl.DataType | None:
    if not types <= {int, float}:
        return None
    largest = max((abs(v) for v in values if type(v) is int), default=0)
    if float in types:
        return pl.Float64() if largest <= _FLOAT_INTEGER_MAX else None
    return pl.Int64() if largest <= _INT64_MAX else None
