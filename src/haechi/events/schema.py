"""A schema: one TOML file that says how somebody else's columns become our words."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

from haechi.events.errors import BadSchema, WrongColumn
from haechi.events.event import Event, Label
from haechi.events.roles import (
    AmountRole,
    KeyRole,
    KindRole,
    LabelRole,
    Table,
    expand,
    is_pattern,
    read_amount,
    read_attributes,
    read_entities,
    read_id,
    read_kind,
    read_label,
    read_place,
    read_time,
)
from haechi.events.rows import compile_event, compile_label
from haechi.events.times import TimeRole

BUILT_IN = ("bank",)
SCHEMA_BYTES_MAX = 1 << 20


@dataclass(frozen=True)
class Schema:
    """How the columns of one source become events; `event` and `label` read one row, `read_frames` reads files."""

    name: str
    kind: KindRole
    time: TimeRole
    id_column: str
    keys: tuple[KeyRole, ...]
    amount: AmountRole | None
    number_names: tuple[str, ...]
    category_names: tuple[str, ...]
    place: tuple[str, str] | None
    attributes: tuple[tuple[str, str], ...]
    label_role: LabelRole | None
    private: tuple[str, ...]
    missing: frozenset[str]
    optional: bool
    left_out: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    document: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @classmethod
    def read(cls, path_or_name: str | Path) -> Schema:
        """Read a schema from a TOML file, or a built-in one by its name ("bank")."""
        if str(path_or_name) in BUILT_IN:
            text = resources.files(__package__ or "").joinpath(f"{path_or_name}.toml").read_text("utf-8")
        else:
            text = _file_text(Path(path_or_name))
        try:
            return cls.parse(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise BadSchema(f"{path_or_name} is not TOML: {error}") from error

    @classmethod
    def parse(cls, mapping: Mapping[str, Any]) -> Schema:
        """Build a schema from the content of its document; `schema.document` gives it back."""
        table = Table("the schema", mapping)
        time = read_time(table.need("time", (str, Mapping)))
        numbers = Table("numbers", table.get("numbers", Mapping, {}))
        categories = Table("categories", table.get("categories", Mapping, {}))
        private = Table("private", table.get("private", Mapping, {}))
        schema = cls(
            name=table.need("name"),
            kind=read_kind(table.need("kind", (str, Mapping))),
            time=time,
            id_column=read_id(table.get("id", (str, Mapping))),
            keys=read_entities(table.get("entities", Mapping)),
            amount=read_amount(table.get("amount", Mapping)),
            number_names=numbers.names("columns"),
            category_names=categories.names("columns"),
            place=read_place(table.get("place", Mapping)),
            attributes=read_attributes(table.get("attributes", Mapping)),
            label_role=read_label(table.get("label", Mapping), time),
            private=private.names("fields"),
            missing=frozenset(table.names("missing")),
            optional=table.get("optional", bool, False),
            left_out=(numbers.names("except"), categories.names("except")),
            document=dict(mapping),
        )
        for part in (table, numbers, categories, private):
            part.close()
        return schema

    def bind(self, columns: Sequence[str], source: str = "the data") -> Schema:
        """The schema with its patterns expanded over these columns; a named column that is missing is a WrongColumn."""
        there = tuple(columns)
        taken = set(self._named_columns())
        numbers = expand(self.number_names, self.left_out[0], there, taken)
        categories = expand(self.category_names, self.left_out[1], there, taken | set(numbers))
        document = dict(self.document)
        for part, names in (("numbers", numbers), ("categories", categories)):
            if part in document:
                document[part] = {"columns": list(names)}
        bound = replace(
            self, number_names=numbers, category_names=categories, left_out=((), ()), document=document
        )  # fmt: skip
        bound._check_columns(there, source)
        return bound

    def _check_columns(self, there: tuple[str, ...], source: str) -> None:
        needed = (self.time.column,) if self.optional else self.columns
        for column in needed:
            if column not in there:
                raise WrongColumn(column, there, source)

    @property
    def subject(self) -> str | None:
        """The entity whose behaviour is judged: the first one, if there is any."""
        return self.keys[0].name if self.keys else None

    @property
    def entity_names(self) -> tuple[str, ...]:
        """The entities, the subject first."""
        return tuple(k.name for k in self.keys)

    @property
    def attribute_names(self) -> tuple[str, ...]:
        """What events tell about their subject for good."""
        return tuple(name for name, _ in self.attributes)

    @property
    def currency(self) -> str:
        """The currency of amounts that name none."""
        return self.amount.currency if self.amount else ""

    @property
    def timezone(self) -> str:
        """The zone in which naive times are read and calendars are meant; UTC when the schema names none."""
        return self.time.timezone or "UTC"

    @property
    def ordinal(self) -> bool:
        """Whether time is a running number without a clock."""
        return self.time.ordinal

    @property
    def has_place(self) -> bool:
        """Whether events carry a latitude and a longitude."""
        return self.place is not None

    @property
    def has_label(self) -> bool:
        """Whether the source says which events were fraud."""
        return self.label_role is not None

    @property
    def label_delay_us(self) -> int | None:
        """How long after the event its label is known; None when a column says it or there is no label."""
        return self.label_role.delay_us if self.label_role else None

    @property
    def is_bound(self) -> bool:
        """Whether no column pattern is left to expand."""
        return not any(map(is_pattern, self.number_names + self.category_names))

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Every column with a role, each once."""
        return tuple(dict.fromkeys((*self._named_columns(), *self.number_names, *self.category_names)))

    def _named_columns(self) -> list[str]:
        found = [self.time.column, self.id_column, self.kind.column]
        found += [c for key in self.keys for c in key.columns]
        if self.amount:
            found += [self.amount.column, self.amount.currency_column]
        found += self.place or ()
        found += [column for _, column in self.attributes]
        if self.label_role:
            found.append(self.label_role.column)
            found += [self.label_role.known_at.column] if self.label_role.known_at else []
        return list(dict.fromkeys(c for c in found if c))

    @cached_property
    def event(self) -> Callable[..., Event]:
        """Read one row: `schema.event(row, number=0) -> Event`, or BadRow; without an id column, number is the id."""
        self._need_bound()
        return compile_event(self)

    @cached_property
    def label(self) -> Callable[..., Label | None]:
        """Read one row's label: `schema.label(row, number=0) -> Label | None`; None when it is unlabelled."""
        self._need_bound()
        return compile_label(self)

    def __reduce__(self) -> tuple[Callable[..., Schema], tuple[dict[str, Any]]]:
        """Another process builds its own functions from the document."""
        return Schema.parse, (dict(self.document),)

    def _need_bound(self) -> None:
        if not self.is_bound:
            raise BadSchema(f"schema {self.name!r} has column patterns; bind it to the columns first")


def _file_text(path: Path) -> str:
    try:
        if path.stat().st_size > SCHEMA_BYTES_MAX:
            raise BadSchema(f"{path} is larger than {SCHEMA_BYTES_MAX} bytes: that is no schema")
        return path.read_text("utf-8")
    except FileNotFoundError as error:
        raise BadSchema(f"there is no schema {str(path)!r}; built in: {', '.join(BUILT_IN)}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadSchema(f"cannot read the schema {path}: {error}") from error
