"""Frames become canonical frames: the same meaning as `Schema.event`, many rows at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from haechi.events.columns import (
    Column,
    Mask,
    amount_column,
    by_value,
    either,
    number_column,
    text_column,
    time_column,
)
from haechi.events.errors import BadRow
from haechi.events.event import Event, Label
from haechi.events.money import is_finer
from haechi.events.roles import KeyRole
from haechi.events.rows import currency_reader, label_reader
from haechi.events.schema import Schema
from haechi.events.values import KEY_SEPARATOR


@dataclass
class Broken:
    """A record that could not even be taken apart."""

    line: int
    code: str
    message: str
    row: Any = None


@dataclass
class Chunk:
    """Some rows of a file as they came: columns with a role, line numbers, and the way back to one raw row."""

    frame: pl.DataFrame
    lines: pl.Series
    row: Callable[[int], Mapping[str, Any]]
    unsure: Mask | None = None
    broken: list[Broken] = field(default_factory=list)

    def parts(self, rows_max: int) -> Iterator[Chunk]:
        """The chunk in parts of at most so many rows; what is broken goes with the first part."""
        broken = self.broken
        for start in range(0, max(self.frame.height, 1), rows_max):
            part = slice(start, start + rows_max)
            unsure = None if self.unsure is None else self.unsure[part]
            yield Chunk(self.frame[part], self.lines[part], self._row_from(start), unsure, broken)
            broken = []

    def _row_from(self, start: int) -> Callable[[int], Mapping[str, Any]]:
        return lambda place: self.row(start + place)


@dataclass
class Converted:
    """Canonical rows, the rejected ones, how many amounts were rounded, how many times name a zone or none."""

    frame: pl.DataFrame
    rejected: list[Broken]
    rounded: int
    zoned: int = 0
    naive: int = 0


def canonical_columns(schema: Schema) -> dict[str, pl.DataType]:
    """The columns of a canonical frame and their types, in order."""
    found: dict[str, pl.DataType] = {
        "line": pl.Int64(), "id": pl.String(), "kind": pl.String(), "time_us": pl.Int64(),
        "amount": pl.Int64(), "currency": pl.String(),
    }  # fmt: skip
    found |= {f"entity:{n}": pl.String() for n in schema.entity_names}
    found |= {f"number:{n}": pl.Float64() for n in schema.number_names}
    found |= {f"category:{n}": pl.String() for n in schema.category_names}
    found |= {"lat": pl.Float64(), "lon": pl.Float64()} if schema.has_place else {}
    found |= {f"attribute:{n}": pl.String() for n in schema.attribute_names}
    return found | {"label": pl.Int8(), "known_at_us": pl.Int64()}


def convert(schema: Schema, chunk: Chunk, first_number: int = 1) -> Converted:
    """Read a chunk of rows; `first_number` counts the rows before it, for sources without an id."""
    reader = _Reader(schema, chunk, first_number)
    frame = pl.DataFrame(reader.columns(), schema=canonical_columns(schema))
    unsure = either(reader.unsure, chunk.unsure)
    rejected = list(chunk.broken)
    rounded = int(reader.finer.sum()) if unsure is None else int((reader.finer & ~unsure).sum())
    if unsure is not None:
        rows = []
        for place in np.flatnonzero(unsure).tolist():
            raw, line = chunk.row(place), int(chunk.lines[place])
            try:
                event, label = schema.event(raw, first_number + place), schema.label(raw, first_number + place)
            except BadRow as error:
                rejected.append(Broken(line, error.code, str(error), raw))
                continue
            rows.append(canonical_row(schema, event, label, line))
            rounded += _was_rounded(schema, raw, event)
        frame = _patched(frame.filter(~unsure), rows)
    return Converted(frame, sorted(rejected, key=lambda r: r.line), rounded, reader.zoned, reader.naive)


def _patched(frame: pl.DataFrame, rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    if not rows:
        return frame
    return pl.concat([frame, pl.DataFrame(rows, schema=frame.schema, orient="row")]).sort("line", maintain_order=True)


def canonical_row(schema: Schema, event: Event, label: Label | None, line: int) -> tuple[Any, ...]:
    """One event and its label as a row of the canonical frame."""
    row: list[Any] = [line, event.id, event.kind, event.time_us, event.amount, event.currency]
    row += [event.entities.get(n) for n in schema.entity_names]
    row += [event.numbers.get(n) for n in schema.number_names]
    row += [event.categories.get(n) for n in schema.category_names]
    row += [event.lat, event.lon] if schema.has_place else []
    row += [event.attributes.get(n) for n in schema.attribute_names]
    return (*row, -1, None) if label is None else (*row, int(label.fraud), label.known_at_us)


def _was_rounded(schema: Schema, raw: Mapping[str, Any], event: Event) -> bool:
    role = schema.amount
    if role is None or event.amount is None:
        return False
    return is_finer(raw[role.column], currency_reader(role)(raw.get)[1], role.column)


class _Reader:
    """Reads every role of one chunk and remembers which rows need a second, slower look."""

    def __init__(self, schema: Schema, chunk: Chunk, first_number: int) -> None:
        self.schema, self.chunk, self.first_number = schema, chunk, first_number
        self.rows = chunk.frame.height
        self.unsure: Mask | None = None
        self.finer = np.zeros(self.rows, bool)
        self.zoned = self.naive = 0

    def columns(self) -> list[pl.Series]:
        schema = self.schema
        times = time_column(self._raw(schema.time.column), schema.time)
        self.zoned, self.naive = times.zoned, times.naive
        time_us = self._take(Column(times.values, times.unsure))
        self._doubt(time_us.is_null())
        found = [self.chunk.lines, self._id(), self._kind(), time_us, *self._amount()]
        found += [self._key(key) for key in schema.keys]
        found += [self._take(number_column(self._raw(c))) for c in schema.number_names]
        found += [self._text(c) for c in schema.category_names]
        found += self._place()
        found += [self._text(column) for _, column in schema.attributes]
        found += self._label(time_us)
        return [series.alias(name) for series, name in zip(found, canonical_columns(schema), strict=True)]

    def _raw(self, column: str) -> pl.Series:
        if column not in self.chunk.frame.columns:
            return pl.Series(column, [None], dtype=pl.String).new_from_index(0, self.rows)
        series = self.chunk.frame[column]
        if self.schema.missing and series.dtype == pl.String:
            gone = series.is_in(list(self.schema.missing)).fill_null(False)
            series = series.set(gone, None) if gone.any() else series
        return series

    def _take(self, column: Column) -> pl.Series:
        self.unsure = either(self.unsure, column.unsure)
        return column.values

    def _doubt(self, rows: pl.Series) -> None:
        if rows.any():
            self.unsure = either(self.unsure, rows.fill_null(False).to_numpy())

    def _text(self, column: str) -> pl.Series:
        return self._take(text_column(self._raw(column)))

    def _constant(self, value: Any, kind: pl.DataType) -> pl.Series:
        return pl.Series([value], dtype=kind).new_from_index(0, self.rows)

    def _id(self) -> pl.Series:
        if not self.schema.id_column:
            return pl.int_range(self.first_number, self.first_number + self.rows, eager=True).cast(pl.String)
        values = self._text(self.schema.id_column)
        self._doubt(values.is_null())
        return values

    def _kind(self) -> pl.Series:
        role = self.schema.kind
        if role.constant:
            return self._constant(role.constant, pl.String())
        values = self._text(role.column)
        if role.default:
            values = values.fill_null(role.default)
        self._doubt(values.is_null())
        return values.replace(dict(role.map)) if role.map else values

    def _amount(self) -> list[pl.Series]:
        role = self.schema.amount
        if role is None:
            return [self._constant(None, pl.Int64()), self._constant("", pl.String())]
        raw = self._raw(role.column)
        if not role.currency_column:
            currency = self._constant(role.currency, pl.String())
            decimals: Any = currency_reader(role)({"": None}.get)[1]
        else:
            currency, decimals = self._currency(raw)
        units = amount_column(raw, decimals, role.absolute)
        self.unsure = either(self.unsure, units.unsure if units.unsure.any() else None)
        self.finer = units.finer
        if units.values.null_count():
            currency = currency.set(units.values.is_null(), "")
        return [units.values, currency]

    def _currency(self, amount: pl.Series) -> tuple[pl.Series, Any]:
        role = self.schema.amount
        assert role is not None
        read = currency_reader(role)
        raw = self._raw(role.currency_column)
        named = by_value(raw, lambda value: read({role.currency_column: value}.get)[0], pl.String())
        codes = named.values.fill_null(role.currency) if role.currency else named.values
        decimals = by_value(codes, lambda value: read({role.currency_column: value}.get)[1], pl.Int64())
        self._doubt(decimals.values.is_null() & amount.is_not_null())
        wrong = pl.Series(named.unsure) if named.unsure is not None else None
        if wrong is not None:
            self._doubt(wrong & amount.is_not_null())
        return codes.fill_null(""), decimals.values.fill_null(0).cast(pl.Float64).to_numpy()

    def _key(self, key: KeyRole) -> pl.Series:
        parts = [self._text(column) for column in key.columns]
        if len(parts) == 1:
            return parts[0]
        for part in parts:
            self._doubt(part.str.contains(KEY_SEPARATOR, literal=True))
        frame = pl.DataFrame([part.alias(str(i)) for i, part in enumerate(parts)])
        return frame.select(pl.concat_str(pl.all(), separator=KEY_SEPARATOR)).to_series()

    def _place(self) -> list[pl.Series]:
        if self.schema.place is None:
            return []
        lat, lon = (self._take(number_column(self._raw(c))) for c in self.schema.place)
        self._doubt((lat.abs() > 90) | (lon.abs() > 180))
        whole = lat.is_not_null() & lon.is_not_null()
        return [lat.set(~whole, None), lon.set(~whole, None)]

    def _label(self, time_us: pl.Series) -> list[pl.Series]:
        role = self.schema.label_role
        if role is None:
            return [self._constant(-1, pl.Int8()), self._constant(None, pl.Int64())]
        codes = self._take(by_value(self._raw(role.column), label_reader(self.schema), pl.Int8())).fill_null(-1)
        delayed = time_us + role.delay_us if role.delay_us is not None else self._constant(None, pl.Int64())
        known = delayed
        if role.known_at is not None:
            told = time_column(self._raw(role.known_at.column), role.known_at)
            if told.unsure is not None:
                self._doubt(pl.Series(told.unsure) & (codes >= 0))
            known = told.values.zip_with(told.values.is_not_null(), delayed)
            known = known.zip_with(known >= time_us, time_us).set(known.is_null(), None)
        known = known.set(codes < 0, None)
        return [codes.set(known.is_null(), -1), known]
