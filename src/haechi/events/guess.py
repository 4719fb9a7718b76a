"""A first draft of a schema from a file: which column is what, and why we think so."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from haechi.events.columns import time_column
from haechi.events.draft import shortened, write_draft
from haechi.events.errors import BadSchema
from haechi.events.money import EXPONENTS
from haechi.events.profile import Profile, profile_file, snake
from haechi.events.schema import Schema
from haechi.events.times import TimeRole

EPOCHS = (("s", 1e9, 4.2e9), ("ms", 1e12, 4.2e12), ("us", 1e15, 4.2e15), ("ns", 1e18, 4.2e18))
ASSUMED_ORIGIN = "2020-01-01"
TEXT_VALUES_MAX = 1_000
CODE_VALUES_MAX = 50
KIND_VALUES_MAX = 20
ENTITY_VALUES_MIN = 20
LEAK_SHARE = 0.9
LEAK_AUC = 0.99
SAME_AS_TIME = 0.999
POSITIVES_MIN = 20

TIME_WORDS = "time|date|datetime|timestamp|dt|ts|when|created|step|at|trans_date_trans_time"
PERSON_WORDS = "first|last|name|surname|street|email|phone|ssn|passport|address|first_name|last_name"
BIRTH_WORDS = "dob|birth|birthday|birthdate|birth_date|date_of_birth|born"
LABEL_WORDS = "fraud|isfraud|is_fraud|label|labels|class|target|chargeback|fraudulent|y"
AMOUNT_WORDS = "amount|amt|value|price|sum|paid|total"
ENTITIES = (
    ("customer", "customer|client|user|member|orig|source|sender|payer|nameorig|person"),
    ("card", "card|cc|pan|cc_num|card1"),
    ("account", "account|acct|iban"),
    ("merchant", "merchant|terminal|shop|store|vendor|seller"),
    ("payee", "payee|beneficiary|dest|target|receiver|recipient|namedest"),
    ("device", "device|fingerprint"),
    ("ip", "ip"),
    ("location", "location"),
)
CODE_WORDS = (
    "code|type|category|mcc|zip|postcode|addr|addr1|addr2|card|card2|card3|card5|channel|country|state|product|cd"
)
PERSONAL = ("customer", "card", "account", "device", "ip")
KINDS = {
    "payment": "payment", "purchase": "payment", "debit": "payment", "transfer": "transfer", "withdrawal": "withdrawal",
    "cash_out": "withdrawal", "cashout": "withdrawal", "atm": "withdrawal", "deposit": "deposit", "cash_in": "deposit",
    "cashin": "deposit", "refund": "refund", "login": "login",
}  # fmt: skip


@dataclass
class Draft:
    """A drafted schema: its document, what was assumed for each part, and what was left out and why."""

    document: dict[str, Any]
    because: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def toml(self) -> str:
        """The draft as a TOML file with its assumptions as comments."""
        return write_draft(self.document, self.because, self.left_out)

    @property
    def schema(self) -> Schema:
        """The draft as a schema."""
        return Schema.parse(tomllib.loads(self.toml))


def guess_schema(path: str | Path) -> Draft:
    """Draft a schema from the first 200,000 rows of a CSV, Parquet or JSON Lines file."""
    name = snake(Path(path).name.split(".")[0]) or "source"
    guess = _Guess(name, profile_file(path))
    guess.run()
    return guess.draft


class _Guess:
    """Hands out the columns, the surest roles first."""

    def __init__(self, name: str, profiles: list[Profile]) -> None:
        self.free = {p.name: p for p in profiles}
        self.draft = Draft({"name": name, "kind": "payment"})
        self.clock: pl.Series | None = None
        self.fraud: np.ndarray[Any, np.dtype[np.bool_]] | None = None
        self.known = np.zeros(0, bool)
        self.all_names = [p.name for p in profiles]

    def run(self) -> None:
        """Every role in turn; what is left becomes categories and numbers."""
        self._empty()
        self._birth()
        self._id()
        self._time()
        self._label()
        self._amount()
        self._place()
        self._entities()
        self._leaks()
        self._kind()
        self._rest()

    def _take(self, column: Profile, part: str, why: str) -> None:
        self.free.pop(column.name, None)
        self.draft.because[part] = why

    def _leave(self, column: Profile, why: str) -> None:
        self.free.pop(column.name, None)
        self.draft.left_out[column.name] = why

    def _empty(self) -> None:
        for column in list(self.free.values()):
            if column.kind in ("empty", "nested"):
                self._leave(column, f"it is {column.kind}")
            elif column.unique < 2 and len(column.cells) > 1 and not _currencies(column):
                self._leave(column, "it always says the same")

    def _birth(self) -> None:
        for column in list(self.free.values()):
            if column.says(BIRTH_WORDS) and (column.is_time or column.kind == "text"):
                self.draft.document["attributes"] = {"birth_date": {"column": column.name}}
                self._take(column, "attributes", "from its name")
                return

    def _time(self) -> None:
        scored = [
            (score, -place, column) for place, column in enumerate(self.free.values()) if (score := _time_score(column))
        ]
        if not scored:
            raise BadSchema(f"no column looks like a time; there are: {', '.join(self.all_names[:12])}")
        column = max(scored, key=lambda item: item[:2])[2]
        role, why = _time_role(column)
        self.draft.document["time"] = {"column": column.name} | role
        self._take(column, "time", why)
        self.clock = _as_numbers(column)
        for other in list(self.free.values()):
            if self.clock is not None and _follows(_as_numbers(other), self.clock) and not other.says(LABEL_WORDS):
                self._leave(other, f"it repeats {column.name}, row by row")

    def _label(self) -> None:
        found = [c for c in self.free.values() if 2 <= c.unique <= 6 and c.says(LABEL_WORDS) and c.kind != "float"]
        if not found:
            self.draft.because["label"] = "no column looks like a label: what was fraud is not known here"
            return
        column = min(found, key=lambda c: (len(snake(c.name)), -c.unique) if not c.says("flagged") else (999, 0))
        cells = column.cells.cast(pl.String, strict=False).str.strip_chars().str.to_lowercase()
        fraud = cells.is_in(["1", "1.0", "true", "yes", "y", "fraud", "fraudulent", "t"]).fill_null(False)
        legit = cells.is_in(
            ["0", "0.0", "false", "no", "n", "legit", "legitimate", "genuine", "f", "normal"]
        ).fill_null(False)
        if not fraud.any() or not legit.any():
            return
        self.fraud, self.known = fraud.to_numpy(), (fraud | legit).to_numpy()
        ordinal = self.draft.document["time"].get("unit") == "order"
        self.draft.document["label"] = {
            "column": column.name,
            "positive": _values(column, fraud),
            "negative": _values(column, legit),
            "delay": 0 if ordinal else "7d",
        }
        other = len(column.cells) - int(self.known.sum())
        why = f"{int(fraud.sum())} fraud, {int(legit.sum())} legitimate, {other} unlabelled in the sample"
        self._take(column, "label", why + "; the delay is assumed: how long does it take until a fraud is known?")

    def _id(self) -> None:
        for words in (
            "transaction_id|trans_num|tx_id|event_id|id|transactionid|uuid|reference",
            "num|no|number|key|nr",
        ):
            for column in self.free.values():
                sound = column.unique == len(column.cells) and column.kind in ("integer", "text")
                if sound and column.says(words) and not _entity(column):
                    self.draft.document["id"] = {"column": column.name}
                    self._take(column, "id", "different in every row")
                    return
        self.draft.because["id"] = "no column has its own value in every row: the row number serves"

    def _amount(self) -> None:
        found = [c for c in self.free.values() if c.is_number and c.says(AMOUNT_WORDS) and c.unique > 2]
        if not found:
            return
        column = min(found, key=lambda c: (not c.says("amount|amt"), len(c.name)))
        role: dict[str, Any] = {"column": column.name, "currency": "EUR"}
        why = "no currency found: EUR is assumed, write the real one"
        for other in list(self.free.values()):
            if _currencies(other):
                role["currency"] = {"column": other.name}
                why = "the currency stands in a column"
                self.free.pop(other.name)
        assert column.numbers is not None
        below = int((column.numbers < 0).sum())
        if below > 0.001 * column.filled:
            role["negative"] = "absolute"
            why += f"; {below} are negative: their sign is dropped (without this line they are rejected)"
        self.draft.document["amount"] = role
        self._take(column, "amount", why)

    def _place(self) -> None:
        lat = next((c for c in self.free.values() if snake(c.name) in ("lat", "latitude") and c.is_number), None)
        lon = next(
            (c for c in self.free.values() if snake(c.name) in ("lon", "long", "lng", "longitude") and c.is_number),
            None,
        )
        if lat and lon:
            self.draft.document["place"] = {"lat": lat.name, "lon": lon.name}
            self._take(lat, "place", "from their names")
            self._take(lon, "place", "from their names")

    def _entities(self) -> None:
        found: dict[str, dict[str, str]] = {}
        for column in list(self.free.values()):
            name = _entity(column)
            if name and name not in found and column.kind in ("integer", "text") and column.unique >= ENTITY_VALUES_MIN:
                found[name] = {"column": column.name}
                self._take(column, f"entities.{name}", f"{column.unique} different ones in {column.filled} rows")
        order = [name for name, _ in ENTITIES]
        named = {name: found[name] for name in sorted(found, key=order.index)}
        if named:
            self.draft.document["entities"] = named
            subject = next(iter(named))
            self.draft.document["private"] = {"fields": [n for n in named if n in PERSONAL] or [subject]}
            self.draft.because["entities"] = f"the first, {subject}, is the one whose behaviour is judged"
        else:
            self.draft.because["entities"] = "no column looks like a customer, card, account or shop"

    def _leaks(self) -> None:
        if self.fraud is None:
            return
        label = self.draft.document["label"]["column"]
        for column in list(self.free.values()):
            if _gives_away(column, self.fraud, self.known):
                self._leave(column, f"it nearly determines {label}: most likely a leak, known only afterwards")
            elif column.says("fraud|isfraud|chargeback") and column.name != label:
                self._leave(column, "its name speaks of fraud: it may be known only afterwards")

    def _kind(self) -> None:
        for column in self.free.values():
            if column.kind != "text" or column.unique > KIND_VALUES_MAX:
                continue
            words = [w for w in column.cells.drop_nulls().unique().sort().to_list() if isinstance(w, str)]
            known = {w: KINDS[snake(w)] for w in words if snake(w) in KINDS}
            if len(known) * 2 >= len(words) and len(known) > 1:
                self.draft.document["kind"] = {"column": column.name, "map": known}
                self.draft.because["kind"] = "its words are kinds of events; it is kept as a category too"
                return
        self.draft.because["kind"] = "assumed: every row is a payment"

    def _rest(self) -> None:
        numbers, categories = [], []
        for column in list(self.free.values()):
            if column.is_time:
                self._leave(column, "another time; name it under label.known_at if it says when a fraud was reported")
            elif column.kind == "text" and column.says(PERSON_WORDS):
                self._leave(column, "personal data by its name, and of little use")
            elif column.kind in ("text", "truth") and column.unique <= TEXT_VALUES_MAX:
                categories.append(column.name)
            elif column.kind == "text":
                self._leave(column, f"free text with {column.unique} different values; personal data? an entity?")
            elif column.kind == "integer" and column.says(CODE_WORDS) and column.unique <= TEXT_VALUES_MAX:
                categories.append(column.name)
            elif column.kind == "integer" and column.unique == len(column.cells) > CODE_VALUES_MAX:
                self._leave(column, "different in every row, like a second id")
            else:
                numbers.append(column.name)
        for part, names in (("numbers", numbers), ("categories", categories)):
            if names:
                others = [n for n in self.all_names if n not in names]
                self.draft.document[part] = {"columns": shortened(names, others)}
                self.draft.because[part] = "all that is left and numeric" if part == "numbers" else "text and codes"


def _currencies(column: Profile) -> bool:
    return 0 < column.unique <= 200 and set(column.cells.drop_nulls().unique().to_list()) <= set(EXPONENTS)


def _entity(column: Profile) -> str:
    return next((name for name, words in ENTITIES if column.says(words)), "")


def _values(column: Profile, rows: pl.Series) -> list[Any]:
    found = column.cells.filter(rows).unique().sort().to_list()
    return [int(v) if column.is_number else v for v in found]


def _time_score(column: Profile) -> int:
    """How much a column looks like the time of the event; 0 is not at all."""
    named = column.says(TIME_WORDS)
    if column.is_time:
        return (10 if column.kind == "time" else 6) + 2 * named
    if not column.is_number or column.numbers is None:
        return 0
    if _epoch_unit(column):
        return 8 if named else 0
    return 4 + (column.cells.name.lower() in ("time", "step", "transactiondt")) if named else 0


def _epoch_unit(column: Profile) -> str:
    assert column.numbers is not None
    low, high = column.numbers.min(), column.numbers.max()
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return ""
    return next((unit for unit, first, last in EPOCHS if first <= low and high <= last), "")


def _time_role(column: Profile) -> tuple[dict[str, Any], str]:
    if column.is_time:
        note = (
            "" if _has_zone(column) else "; times without a zone are read as UTC, add timezone = 'Asia/Seoul' or yours"
        )
        how = f"written as {column.format or 'ISO 8601'}" if column.cells.dtype == pl.String else "a column of times"
        return ({"format": column.format} if column.format else {}), how + note
    unit = _epoch_unit(column)
    if unit:
        return {"unit": unit}, "its size is that of seconds, or parts of them, since 1970"
    assert column.numbers is not None
    numbers = column.numbers.drop_nulls()
    low, high = float(numbers.min() or 0), float(numbers.max() or 0)  # type: ignore[arg-type]
    if column.unique == len(numbers) and high - low < 1.5 * len(numbers) and column.kind == "integer":
        return {"unit": "order"}, "a running number, one a row: an order without a clock"
    unit, why = _count_unit(column, high - low)
    return {"unit": unit, "origin": ASSUMED_ORIGIN}, f"{why}; the origin is assumed, write the real one"


def _has_zone(column: Profile) -> bool:
    if isinstance(column.cells.dtype, pl.Datetime):
        return column.cells.dtype.time_zone is not None
    some = column.cells.drop_nulls().head(100)
    return some.dtype == pl.String and bool(some.str.contains(r"(Z|[+-]\d\d:?\d\d)$").any())


def _count_unit(column: Profile, span: float) -> tuple[str, str]:
    for words, unit in (
        ("hour|hours|step", "h"),
        ("day|days", "d"),
        ("minute|minutes|min", "min"),
        ("ms|millis", "ms"),
    ):
        if column.says(words):
            return unit, f"counted in units of {unit}, from its name"
    if span < 10_000 and column.unique_share < 0.05:
        return "h", "many rows share a value: taken for hours"
    return "s", "taken for seconds"


def _as_numbers(column: Profile) -> pl.Series | None:
    """The column as numbers that grow with time, where it can be."""
    if column.numbers is not None and column.is_number:
        return column.numbers
    if not column.is_time:
        return None
    if column.cells.dtype != pl.String:
        return column.cells.cast(pl.Datetime("us")).dt.epoch("us").cast(pl.Float64)
    return time_column(column.cells, TimeRole(column.name)).values.cast(pl.Float64)


def _follows(other: pl.Series | None, clock: pl.Series) -> bool:
    """Whether a column grows with time, row by row."""
    if other is None or other.null_count() or clock.null_count() or other.n_unique() < 3:
        return False
    both = pl.DataFrame({"a": clock, "b": other}).sort("a")
    steps = both["b"].diff().drop_nulls()
    if (steps >= 0).mean() == 1.0:
        return True
    found = pl.DataFrame({"a": clock.rank(), "b": other.rank()}).select(pl.corr("a", "b")).item()
    return isinstance(found, float) and found > SAME_AS_TIME


def _gives_away(column: Profile, fraud: Any, known: Any) -> bool:
    """Whether the column alone tells fraud from the rest almost without error."""
    if fraud.sum() < POSITIVES_MIN or column.unique < 2:
        return False
    if column.unique <= CODE_VALUES_MAX:
        frame = pl.DataFrame({"v": column.cells.cast(pl.String, strict=False), "f": fraud}).filter(pl.Series(known))
        groups = frame.group_by("v").agg(pl.col("f").sum().alias("bad"), pl.len().alias("all"))
        told = groups.filter(pl.col("bad") * 2 >= pl.col("all"))
        caught, named = int(told["bad"].sum()), int(told["all"].sum())
        return caught >= LEAK_SHARE * fraud.sum() and caught >= LEAK_SHARE * max(named, 1)
    if column.numbers is None:
        return False
    sound = known & column.numbers.is_not_null().to_numpy()
    ranks = column.numbers.filter(pl.Series(sound)).rank().to_numpy()
    bad = fraud[sound]
    good = len(bad) - bad.sum()
    if bad.sum() < POSITIVES_MIN or good < POSITIVES_MIN:
        return False
    auc = (ranks[bad].sum() - bad.sum() * (bad.sum() + 1) / 2) / (bad.sum() * good)
    return bool(auc >= LEAK_AUC or auc <= 1 - LEAK_AUC)
