"""What the events of a home ever told: what tells a mistyped id, kind or category from one that is there."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

import msgspec

from haechi.events import EventsError, Schema
from haechi.restore import event_of, recent_us
from haechi.rulebook.words import perhaps
from haechi.stores import DECIDED, LEARNED, Archive, Journal

__all__ = ["Seen"]

LATELY = 1_000  # entries whose words are read one by one, to have some to suggest
VALUES_MAX = 10_000  # of one field


class Seen:
    """The events of one home, asked for words; every call may come from any thread."""

    def __init__(self, archive: Archive, journal: Journal, schema: Schema) -> None:
        self._archive, self._journal, self._schema = archive, journal, schema
        self._kept: dict[str, tuple[int, frozenset[str]]] = {}  # field -> how far the archive was read, its values

    def heard(self, entity: str, id_: str) -> bool:
        """Look for an entity in the bodies of the whole journal, then in one column of the whole archive."""
        if _heard(self._journal, id_):
            return True
        column = f"entity:{entity}"
        frames = self._archive.frames(columns=[column])
        return any((frame[column] == id_).any() for frame in frames if column in frame.columns)

    def newest_us(self) -> int | None:
        """Where the home stands in time; None without any event."""
        return recent_us(self._archive, self._journal)

    def unheard(self, field: str, words: Iterable[str]) -> dict[str, str]:
        """Those of these words that no event ever had in a field, each with a suggestion; none without any event."""
        left = set(words)
        if not left or not (self._archive.rows or self._journal.durable_seq):
            return {}
        if field in self._schema.entity_names:
            return {word: "" for word in left if not self.heard(field, word)}
        known = self._constant(field) | set(self._lately(field))
        if left - known:
            known |= self._archived(field)
        left = {word for word in left - known if not any(_heard(self._journal, s) for s in self._sources(field, word))}
        return {word: perhaps(word, sorted(known)) for word in left}

    def _constant(self, field: str) -> set[str]:
        role = self._schema.kind
        return {word for word in (role.constant, role.default) if word} if field == "kind" else set()

    def _sources(self, field: str, word: str) -> Collection[str]:
        """How a source may have called it: bodies in the journal stand there as they came."""
        if field != "kind":
            return (word,)
        return (word, *(theirs for theirs, ours in self._schema.kind.map.items() if ours == word))

    def _lately(self, field: str) -> Iterator[str]:
        for entry in self._journal.entries(max(self._journal.durable_seq - LATELY, 0)):
            if entry.type in (DECIDED, LEARNED):
                try:
                    event = event_of(self._schema, entry.body)
                except EventsError:
                    continue  # it came under another schema
                if word := event.kind if field == "kind" else event.categories.get(field):
                    yield word

    def _archived(self, field: str) -> frozenset[str]:
        """Every value in a column of the archive; only parts that came since are read."""
        column = "kind" if field == "kind" else f"category:{field}"
        through, values = self._kept.get(field, (0, frozenset()))
        for frame in self._archive.frames(through, columns=[column]):
            if column in frame.columns and len(values) < VALUES_MAX:
                values |= set(frame[column].cast(str).drop_nulls().unique())
        self._kept[field] = self._archive.last_seq, values
        return values


def _heard(journal: Journal, id_: str) -> bool:
    if not id_.isdigit():
        return any(journal.mentioning(msgspec.json.encode(id_)))
    alone = re.compile(rb"(?<![\w.])" + id_.encode() + rb"(?![\w.])")  # a number needs no quotes; 12 is not in 1123
    return any(alone.search(body) for body in journal.mentioning(id_.encode()))
