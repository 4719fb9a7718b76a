"""What people keep of their lists: views that they come back to, and files that they took out, with the reason."""

from __future__ import annotations

import msgspec

from haechi.cases.errors import NotAllowed
from haechi.cases.office import Office, checked
from haechi.stores import Work

VIEWS_MAX = 30
QUERY_CHARS_MAX = 1_000


class View(msgspec.Struct, frozen=True):
    """A list as somebody likes to see it; `query` is what stands behind the question mark."""

    number: int
    person: str
    page: str
    name: str
    query: str
    at_us: int


class Export(msgspec.Struct, frozen=True):
    """A file that somebody took out."""

    number: int
    person: str
    what: str
    query: str
    reason: str
    lines: int
    at_us: int


_VIEWS = "SELECT number, person, page, name, query, at_us FROM saved_views WHERE person = :person AND page = :page"
_EXPORTS = "SELECT number, person, what, query, reason, lines, at_us FROM exports"


class Keeping:
    """Saved views and exports of one house."""

    def __init__(self, office: Office) -> None:
        self._office, self._tables = office, office.tables

    def views(self, person: str, page: str) -> list[View]:
        """A person's views of one page, by name."""
        rows = self._tables.rows(_VIEWS + " ORDER BY name", {"person": person, "page": page})
        return [View(*row) for row in rows]

    def keep(self, person: str, page: str, name: str, query: str) -> None:
        """Keep a view under a name; one of this name is written over."""
        checked("a name", name, 80, needed=True)
        checked("a view", query, QUERY_CHARS_MAX)
        now = self._office.now_us()

        def task(work: Work) -> None:
            mine = {"person": person, "page": page}
            work.run(
                "DELETE FROM saved_views WHERE person = :person AND page = :page AND name = :name",
                {**mine, "name": name},
            )
            count = work.rows("SELECT COUNT(*) FROM saved_views WHERE person = :person AND page = :page", mine)[0][0]
            if count >= VIEWS_MAX:
                raise NotAllowed(f"there are {VIEWS_MAX} views already: remove one")
            row = {"number": work.next("saved_views"), **mine, "name": name, "query": query, "at_us": now}
            work.add("saved_views", row)

        self._tables.do(task)

    def drop(self, person: str, number: int) -> None:
        """Remove one of one's own views."""
        gone = "DELETE FROM saved_views WHERE number = :number AND person = :person"
        self._tables.do(lambda work: work.run(gone, {"number": number, "person": person}))

    def export(self, person: str, what: str, query: str, reason: str, lines: int) -> Export:
        """Write down that somebody takes a file out, before she gets it."""
        checked("a reason", reason, 2_000, needed=True)
        checked("a query", query, QUERY_CHARS_MAX)
        now = self._office.now_us()

        def task(work: Work) -> Export:
            taken = Export(work.next("exports"), person, what, query, reason, lines, now)
            work.add("exports", msgspec.structs.asdict(taken))
            return taken

        return self._tables.do(task)

    def exports(self, before: int | None = None, limit: int = 100) -> list[Export]:
        """Files that were taken out, the newest first."""
        before = 2**62 if before is None else before
        where = " WHERE number < :before ORDER BY number DESC LIMIT :limit"
        return [Export(*row) for row in self._tables.rows(_EXPORTS + where, {"before": before, "limit": limit})]
