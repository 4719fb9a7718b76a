"""Decisions for the events of a file, with a memory that is thrown away afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import polars as pl

from haechi.app import Bell, Shut, champion, decide_again, house_for, open_shut
from haechi.commands.checking import afresh
from haechi.decision import House, Policy
from haechi.decision.decision import encode
from haechi.events import Event, Schema, read_frames
from haechi.features import Memory, default_spec
from haechi.features.course import Course
from haechi.restore import catch_up, pieces

__all__ = ["decisions", "events_in"]


def decisions(file: Path, schema: str | None, home: Path | None, history: Sequence[Path]) -> Iterator[bytes]:
    """The decision of each event as JSON, in time order; what the home or the history knows comes first.

    Labels in the history are learned when they became known; labels in the file itself are not looked at.
    """
    with ExitStack() as stack:
        shut = stack.enter_context(open_shut(home, beside=True)) if home is not None else None
        read = Schema.read(schema) if schema is not None else _own(shut)
        frames = read_frames(read, file)
        course, house = _alone(frames.schema) if shut is None else _at_home(shut, stack)
        if history:
            for frame in read_frames(read, list(history)):
                course.feed(frame)
        for frame in frames:
            for event in events_in(frame):
                known, decision = decide_again(event, house)
                if decision.action != "allow":
                    course.hold(event, known)
                yield encode(decision)


def _own(shut: Shut | None) -> Schema:
    assert shut is not None
    return shut.schema


def _alone(schema: Schema) -> tuple[Course, House]:
    course = Course(Memory(default_spec(schema)))
    return course, house_for(course, (), Policy(), None, Bell())


def _at_home(shut: Shut, stack: ExitStack) -> tuple[Course, House]:
    """The home's past is lived through again: its own memory must not learn from what is only tried."""
    past = stack.enter_context(afresh(shut, champion(shut.home, shut.spec)))
    for piece in pieces(shut.archive, shut.store.journal, 0):
        catch_up(past.course, shut.schema, shut.store.journal, piece)
    past.rules.put_newest_into(past.house)
    return past.course, past.house


def events_in(frame: pl.DataFrame) -> Iterator[Event]:
    """The events of a canonical frame; fields without a role are not in it."""
    parts = {"entity": "entities", "number": "numbers", "category": "categories", "attribute": "attributes"}
    plain = ("id", "kind", "time_us", "amount", "currency", "lat", "lon")
    for row in frame.iter_rows(named=True):
        told: dict[str, Any] = {name: row[name] for name in plain if name in row}
        told |= {name: {} for name in parts.values()}
        for column, value in row.items():
            part, colon, name = column.partition(":")
            if colon and part in parts and value is not None:
                told[parts[part]][name] = value
        yield Event(**told)
