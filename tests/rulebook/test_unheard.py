"""A kind or a text that no event of a home ever had is warned about while one writes, with what was perhaps meant."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import msgspec
import polars as pl
import pytest

from haechi.restore import frame_of
from haechi.rulebook.reading import findings
from haechi.rulebook.seen import Seen
from haechi.rules.names import Names
from haechi.stores import DECIDED, LABEL, Archive, Entry
from haechi.stores.moving import archive_before
from haechi.stores.sqlite import SqliteStore
from homes import payment

from .making import SCHEMA, SPEC

NAMES = Names.of(SCHEMA, SPEC)
EVENTS = [
    payment(1, kind="payment", merchant_category="convenience", customer="c-1", payee="p-1"),
    payment(2, kind="login", merchant_category="ice_cream", customer="c-2"),
    payment(3, kind="transfer", merchant_category="5411", customer="c-3"),
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(tmp_path / "h.db") as made:
        yield made


def told(store: SqliteStore, folder: Path, archived: int = 0) -> Seen:
    for i, event in enumerate(EVENTS):
        entry = Entry(type=DECIDED, event_id=f"e-{i}", time_us=i, body=msgspec.json.encode(event), decision=b"{}")
        store.journal.write(entry).wait(10)
    archive = Archive(folder / "archive")
    archive_before(store.journal, archive, archived + 1, partial(frame_of, SCHEMA))
    return Seen(archive, store.journal, SCHEMA)


def file(condition: str, kinds: str = "") -> str:
    return f"""
[[rules]]
id = "r"
name = {{ en = "r", ko = "r" }}
reason = {{ en = "r", ko = "r" }}
kinds = [{kinds}]
condition = '''{condition}'''
effect = {{ minimum = "hold" }}
"""


@pytest.mark.parametrize("archived", [0, 2, 3])
@pytest.mark.parametrize(
    ("condition", "kinds", "says"),
    [
        ("amount > 5 won", '"payment", "login"', []),
        ("amount > 5 won", '"payments"', ["no event of this home is a 'payments'; did you mean payment?"]),
        ('kind == "paiment"', "", ["no event of this home is a 'paiment'; did you mean payment?"]),
        ('"paiment" != kind', "", ["no event of this home is a 'paiment'; did you mean payment?"]),
        ('merchant_category == "convience"', "", [
            "no event of this home has merchant_category 'convience'; did you mean convenience?"]),
        ('merchant_category in ("convenience", "zzz", "5411")', "", [
            "no event of this home has merchant_category 'zzz'; there is 5411, convenience, ice_cream"]),
        ('count(customer, "1h", kind=("login", "logni")) > 1', "", [
            "no event of this home is a 'logni'; did you mean login?"]),
        ('payee == "p-1" or customer == "c-9"', "", ["no event of this home has customer 'c-9'"]),
        ('country == "KR"', "", ["no event of this home has country 'KR'"]),
        ('currency == "EUR" and starts(device, "emu")', "", []),
    ],
)  # fmt: skip
def test_what_no_event_had_is_told(
    store: SqliteStore, tmp_path: Path, archived: int, condition: str, kinds: str, says: list[str]
) -> None:
    found = findings(file(condition, kinds), NAMES, told(store, tmp_path, archived))
    assert [one.message + "; " * bool(one.suggestion) + one.suggestion for one in found] == says
    assert {one.level for one in found} <= {"warning"}
    for one in found:
        if "paiment" in condition:
            assert one.pointer.splitlines()[0][one.column - 1 :].startswith('"paiment"')


def test_a_home_without_events_warns_of_nothing(store: SqliteStore, tmp_path: Path) -> None:
    seen = Seen(Archive(tmp_path / "archive"), store.journal, SCHEMA)
    assert findings(file('kind == "paiment"', '"payments"'), NAMES, seen) == []
    assert findings(file('kind == "paiment"', '"payments"'), NAMES) == []


def test_kinds_that_the_schema_translates_or_gives_are_known(store: SqliteStore, tmp_path: Path) -> None:
    from haechi.events import Schema

    path = tmp_path / "s.toml"
    path.write_text("""
name = "s"
kind = { column = "type", map = { CASH_OUT = "withdrawal", PAY = "payment" }, default = "other" }
time = { column = "time", timezone = "Asia/Seoul" }
id = { column = "id" }
[entities]
customer = { column = "customer" }
""")
    schema = Schema.read(str(path))
    body = {"id": "1", "type": "CASH_OUT", "time": "2024-10-11T07:02:00+09:00", "customer": "c-1"}
    for number, one in enumerate((body, {"no": "event"})):
        entry = Entry(type=DECIDED, event_id=f"e{number}", time_us=1, body=msgspec.json.encode(one), decision=b"{}")
        store.journal.write(entry).wait(10)
    said = {"event_id": "1", "fraud": True, "known_at_us": 1}
    label = Entry(type=LABEL, event_id="1", time_us=1, body=msgspec.json.encode(said))
    store.journal.write(label).wait(10)
    seen = Seen(Archive(tmp_path / "archive"), store.journal, schema)
    assert seen.unheard("kind", ["withdrawal", "other"]) == {}
    assert seen.unheard("kind", ["payment"]) == {"payment": "there is other, withdrawal"}


def test_the_archive_is_read_once_and_then_only_what_came_since(
    store: SqliteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = told(store, tmp_path, 3)
    asked: list[int] = []
    frames = seen._archive.frames

    def counted(after: int = 0, **more: object) -> Iterator[pl.DataFrame]:
        for frame in frames(after, **more):  # type: ignore[arg-type]
            asked.append(frame.height)
            yield frame

    monkeypatch.setattr(seen._archive, "frames", counted)
    for _ in range(3):
        assert "zzz" in seen.unheard("merchant_category", ["zzz"])
    assert sum(asked) == 3
