"""Whole columns at once: what `values`, `money` and `times` do to one cell, done to many.

Every function answers with the values and with a mask of the rows it is not sure about. Those rows are read one by one
by the schema's own functions, so the fast way may be partial, but never different.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from haechi.events.errors import BadRow
from haechi.events.money import MINOR_UNITS_MAX
from haechi.events.times import LATEST_US, UNITS, TimeRole
from haechi.events.values import FIELD_CHARS_MAX, INTEGRAL_FLOAT_MAX, NO_NUMBER, text

Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]

# An amount text this short has at most 15 digits: its float says everything about it.
SHORT_AMOUNT_BYTES_MAX = 16
NUMBER_BYTES_MAX = 64
_EXACT_INTEGER_MAX = 1e15
_FINER = 10_000

_CLOCK = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d"
_FRACTION = r"\.\d{1,6}"
_DAY = r"^\d{4}-\d{2}-\d{2}"
_OFFSET = r"[+-]\d{2}:\d{2}"


def _iso_forms() -> list[tuple[str, str, bool]]:
    """(What it must look like, how to parse it, whether it carries a zone); fractions last, they parse slowly."""
    found = []
    for fraction, part in (("", ""), (_FRACTION, "%.f")):
        for sign in "T ":
            clock, form = f"{_DAY}{sign}{_CLOCK}{fraction}", f"%Y-%m-%d{sign}%H:%M:%S{part}"
            found += [
                (f"{clock}$", form, False),
                (f"{clock}Z$", f"{form}Z", True),
                (f"{clock}{_OFFSET}$", f"{form}%:z", True),
            ]
    return [*found, (f"{_DAY}$", "%Y-%m-%d", False)]


_ISO_FORMS = _iso_forms()


class Column(NamedTuple):
    """Values of one column and the rows that have to be read one by one."""

    values: pl.Series
    unsure: Mask | None = None


class Times(NamedTuple):
    """A column of times, the rows to read one by one, and how many of the others name a zone and how many do not."""

    values: pl.Series
    unsure: Mask | None
    zoned: int = 0
    naive: int = 0


class Units(NamedTuple):
    """Amounts in minor units, the rows to read one by one, and the rows that were rounded."""

    values: pl.Series
    unsure: Mask
    finer: Mask


def mask(series: pl.Series) -> Mask | None:
    """A boolean series as a mask, None when nothing is set."""
    return series.fill_null(False).to_numpy() if series.any() else None


def either(*masks: Mask | None) -> Mask | None:
    """Rows that are set in any of the masks."""
    found = None
    for one in masks:
        if one is not None:
            found = one if found is None else found | one
    return found


def all_filled(series: pl.Series) -> Mask:
    """Every row that holds something."""
    return series.is_not_null().to_numpy()


def text_column(series: pl.Series) -> Column:
    """A column as text, missing where it is null, empty or NaN."""
    kind = series.dtype
    if isinstance(kind, pl.Categorical | pl.Enum):
        series, kind = series.cast(pl.String), pl.String()
    if kind == pl.String:
        values = series.set(series == "", None) if (series == "").any() else series
        sizes = values.str.len_bytes()
        return Column(values, mask(sizes > FIELD_CHARS_MAX) if _most(sizes) > FIELD_CHARS_MAX else None)
    if kind.is_integer() or kind in (pl.Boolean, pl.Date):
        return Column(series.cast(pl.String))
    if kind == pl.Null:
        return Column(series.cast(pl.String))
    if kind.is_float():
        return _float_texts(series.cast(pl.Float64))
    return by_value(series, lambda value: text(value, series.name), pl.String())


def _float_texts(series: pl.Series) -> Column:
    series = series.fill_nan(None)
    whole = (series.abs() < INTEGRAL_FLOAT_MAX) & (series.floor() == series)
    if whole.all():
        return Column(series.cast(pl.Int64).cast(pl.String))
    return by_value(series, lambda value: text(value, series.name), pl.String())


def by_value(series: pl.Series, read: Callable[[Any], Any], kind: pl.DataType) -> Column:
    """Read each different value once, one by one; what cannot be read or compared is unsure."""
    if series.dtype.is_nested() or series.dtype == pl.Object:
        return Column(pl.Series(series.name, [None] * len(series), dtype=kind), all_filled(series))
    different = series.drop_nulls().unique()
    known, meant = [], []
    for place, value in enumerate(different.to_list()):
        try:
            meant.append(read(value))
            known.append(place)
        except BadRow:
            continue
    old, new = different.gather(known), pl.Series(meant, dtype=kind)
    values = series.replace_strict(old, new, default=None, return_dtype=kind)
    if len(known) == len(different):
        return Column(values)
    return Column(values, mask(series.is_not_null() & ~series.is_in(old.implode())))


def number_column(series: pl.Series) -> Column:
    """A column as finite floats, missing where it is null or NaN."""
    kind = series.dtype
    if kind == pl.String:
        values, wrong = _parsed_floats(series)
    elif kind.is_numeric() or kind in (pl.Boolean, pl.Null):
        values, wrong = series.cast(pl.Float64), None
    else:
        return Column(pl.Series(series.name, [None] * len(series), dtype=pl.Float64), all_filled(series))
    values = values.fill_nan(None)
    endless = mask(values.is_infinite())
    return Column(values, either(wrong, endless))


def _parsed_floats(series: pl.Series) -> tuple[pl.Series, Mask | None]:
    values = series.cast(pl.Float64, strict=False)
    odd = series.is_not_null() & values.is_null()
    if odd.any():
        odd &= ~series.is_in(list(NO_NUMBER))
    if _most(sizes := series.str.len_bytes()) > NUMBER_BYTES_MAX:
        odd |= sizes > NUMBER_BYTES_MAX
    return values, mask(odd)


def _most(sizes: pl.Series) -> int:
    found = sizes.max()
    return found if isinstance(found, int) else 0


def amount_column(series: pl.Series, decimals: Numbers | int, absolute: bool) -> Units:
    """A column of amounts in major units as whole minor units; `decimals` for all rows or for each."""
    if series.dtype.is_decimal():
        series = series.cast(pl.String)
    column = number_column(series if series.dtype != pl.Boolean else pl.Series(series.name, ["?"] * len(series)))
    unsure = np.zeros(len(series), bool) if column.unsure is None else column.unsure.copy()
    if series.dtype == pl.String:
        unsure |= (series.str.len_bytes() > SHORT_AMOUNT_BYTES_MAX).fill_null(False).to_numpy()
    wanted = column.values.is_not_null().to_numpy() & ~unsure
    major = column.values.fill_null(0.0).to_numpy()
    with np.errstate(over="ignore", invalid="ignore"):
        units, sure, finer = _scaled(major, np.power(10.0, decimals))
    if absolute:
        units = np.abs(units)
    sure &= (units >= 0) & (units <= MINOR_UNITS_MAX)
    unsure |= wanted & ~sure
    whole = np.where(wanted & sure, units, 0).astype(np.int64)
    values = pl.Series(series.name, whole).set(pl.Series(~(wanted & sure)), None)
    return Units(values, unsure, finer & wanted & sure)


def _scaled(major: Numbers, scale: Any) -> tuple[Numbers, Mask, Mask]:
    # k / 10^d == x with at most 15 digits in k proves that k is exact (see money._float_units).
    scaled = major * scale
    units = np.rint(scaled)
    sure = (np.abs(units) < _EXACT_INTEGER_MAX) & (units / scale == major)
    finer = ~sure
    if finer.any():
        places = np.flatnonzero(finer)
        parts = _rounded(major[places], scale if np.ndim(scale) == 0 else scale[places])
        units[places], sure[places] = parts
    return units, sure, finer


def _rounded(major: Numbers, scale: Any) -> tuple[Numbers, Mask]:
    # Four more decimals, the same proof, then half to even on integers; or so far from a half that no doubt is left.
    scaled, finer_scale = major * scale, scale * _FINER
    long = np.rint(major * finer_scale)
    proven = (np.abs(long) < _EXACT_INTEGER_MAX) & (long / finer_scale == major)
    whole, rest = np.divmod(np.where(proven, long, 0).astype(np.int64), _FINER)
    up = (rest > _FINER // 2) | ((rest == _FINER // 2) & (whole % 2 == 1))
    clear = (np.abs(scaled) < 1e9) & (np.abs(scaled - np.floor(scaled) - 0.5) > 1e-6)
    return np.where(proven, (whole + up).astype(np.float64), np.rint(scaled)), proven | clear


def time_column(series: pl.Series, role: TimeRole) -> Times:
    """A column of times as UTC microseconds; a missing time stays missing."""
    zoned = naive = 0
    if role.unit:
        values = _counted_times(series, role)
    elif isinstance(series.dtype, pl.Datetime) or series.dtype == pl.Date:
        values = _typed_times(series, role.timezone)
    elif series.dtype == pl.String and not role.format:
        values, zoned, naive = _iso_times(series, role.timezone)
    else:
        values = _no_times(series)
    first_us, end_us = role.bounds_us
    outside = (values < first_us) | (values >= end_us)
    unsure = mask((series.is_not_null() & values.is_null()) | outside.fill_null(False))
    return Times(values, unsure, zoned, naive)


def _no_times(series: pl.Series) -> pl.Series:
    return pl.Series(series.name, [None], dtype=pl.Int64).new_from_index(0, len(series))


def _typed_times(series: pl.Series, timezone: str) -> pl.Series:
    moments = series.cast(pl.Datetime("us")) if series.dtype == pl.Date else series.dt.cast_time_unit("us")
    return _epoch(moments, timezone)


def _epoch(moments: pl.Series, timezone: str) -> pl.Series:
    zoned = isinstance(moments.dtype, pl.Datetime) and moments.dtype.time_zone is not None
    if timezone and not zoned:
        moments = moments.dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null")
    return moments.dt.epoch("us")


def _iso_times(series: pl.Series, timezone: str) -> tuple[pl.Series, int, int]:
    found, counts = _no_times(series), [0, 0]
    left = series
    for looks, form, has_zone in _ISO_FORMS:
        if left.null_count() == len(left):
            break
        fits = left.str.contains(looks)
        if not fits.any():
            continue
        chosen = left if fits.all() else left.set(~fits, None)
        parsed = chosen.str.to_datetime(form, time_unit="us", strict=False)
        times = _epoch(parsed, "" if has_zone else timezone)
        found = times if found.null_count() == len(found) else found.zip_with(found.is_not_null(), times)
        counts[has_zone] += int(fits.sum())
        left = left.set(fits.fill_null(False), None)
    return found, counts[True], counts[False]


def _counted_times(series: pl.Series, role: TimeRole) -> pl.Series:
    kind = series.dtype
    if kind == pl.String:
        whole = series.cast(pl.Int64, strict=False)
        times = _from_integers(whole, role)
        if (whole.is_null() & series.is_not_null()).any():
            parts = _from_floats(series.cast(pl.Float64, strict=False), role)
            times = times.zip_with(whole.is_not_null(), parts)
        return times
    if kind.is_integer():
        return _from_integers(series.cast(pl.Int64, strict=False), role)
    if kind.is_float():
        return _from_floats(series.cast(pl.Float64), role)
    return _no_times(series)


def _reach(role: TimeRole) -> int:
    """The largest count that can still be an accepted time."""
    times, divided = UNITS[role.unit]
    return min((LATEST_US + abs(role.origin_us)) * divided // times + 1, 2**62 // times)


def _from_integers(series: pl.Series, role: TimeRole) -> pl.Series:
    times, divided = UNITS[role.unit]
    series = series.set((series.abs() > _reach(role)).fill_null(False), None)
    return series * times // divided + role.origin_us


def _from_floats(series: pl.Series, role: TimeRole) -> pl.Series:
    times, divided = UNITS[role.unit]
    series = series.fill_nan(None)
    series = series.set((series.abs() > _reach(role)).fill_null(False), None)
    return (series * times / divided).round(0, mode="half_to_even").cast(pl.Int64) + role.origin_us
