"""A snooze for somebody of whom no event ever told is warned about, and for nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import msgspec
import pytest

from haechi.restore import frame_of
from haechi.rulebook.seen import Seen
from haechi.stores import DECIDED, Archive, Entry, Journal
from haechi.stores.moving import archive_before
from haechi.stores.sqlite import SqliteStore
from homes import payment

from .making import SCHEMA

BODIES = (
    msgspec.json.encode(payment(1, customer="c-901", card=4411)),
    msgspec.json.encode(payment(2, customer="c-902", card=1123, amount=5512)),
    msgspec.json.encode(payment(3, customer="해치", card="77")),
)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[tuple[Archive, Journal]]:
    with SqliteStore(tmp_path / "h.db") as store:
        for i, body in enumerate(BODIES):
            entry = Entry(type=DECIDED, event_id=f"e-{i}", time_us=i, body=body, decision=b"{}")
            store.journal.write(entry).wait(10)
        yield Archive(tmp_path / "archive"), store.journal


@pytest.mark.parametrize("archived", [0, 2, 3])
@pytest.mark.parametrize(
    ("entity", "id_", "known"),
    [
        ("customer", "c-901", True),
        ("customer", "해치", True),
        ("card", "4411", True),
        ("card", "77", True),
        ("customer", "c-90", False),
        ("card", "441", False),
        ("card", "551", False),
    ],
)
def test_whoever_was_in_an_event_is_known(
    home: tuple[Archive, Journal], archived: int, entity: str, id_: str, known: bool
) -> None:
    archive, journal = home
    archive_before(journal, archive, archived + 1, partial(frame_of, SCHEMA))
    assert Seen(archive, journal, SCHEMA).heard(entity, id_) is known
