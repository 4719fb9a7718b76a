"""Values as the pages say them, in the page's language: money, moments, spans of time, shares."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from haechi.console.words import Words
from haechi.events import wording

SECOND_US = 1_000_000
_DAYS = {"en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), "ko": ("월", "화", "수", "목", "금", "토", "일")}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# From so many seconds on, the unit in which a span is told.
_UNITS = ((2 * 86_400, 86_400, "d"), (5_400, 3_600, "h"), (60, 60, "min"), (0, 1, "s"))
_MILLIONS = ((10**12, " T"), (10**9, " bn"), (10**6, " M"))
_MYRIADS = ((10**12, "조"), (10**8, "억"), (10**4, "만"))


class Say:
    """Says values in one language and one time zone; `currency` is that of amounts which name none."""

    def __init__(self, words: Words, timezone: str, currency: str = "") -> None:
        self._words, self._language, self._zone, self._currency = words, words.language, ZoneInfo(timezone), currency

    def money(self, minor_units: int | None, currency: str) -> str:
        """An amount of minor units: 7,000 won; a dash when there is none."""
        return "–" if minor_units is None else wording.money(minor_units, currency or self._currency)[self._language]

    def when(self, time_us: int | None) -> str:
        """A moment with its day: Fri 25 Oct 07:02 / 10월 25일 (금) 07:02."""
        if not time_us:
            return "–"
        at = self._at(time_us)
        day = _DAYS[self._language][at.weekday()]
        if self._language == "ko":
            return f"{at.month}월 {at.day}일 ({day}) {at:%H:%M}"
        return f"{day} {at.day} {_MONTHS[at.month - 1]} {at:%H:%M}"

    def short(self, time_us: int) -> str:
        """A moment for a narrow column: 10-25 07:02."""
        return f"{self._at(time_us):%m-%d %H:%M}"

    def near(self, time_us: int, other_us: int) -> str:
        """A moment beside another one: 07:02 on the same day, else 10-25 07:02."""
        same = self.date(time_us) == self.date(other_us)
        return self.clock(time_us)[:5] if same else self.short(time_us)

    def date(self, time_us: int | None) -> str:
        """A day: 2024-10-25."""
        return "–" if not time_us else f"{self._at(time_us):%Y-%m-%d}"

    def moment(self, iso: str) -> str:
        """A moment that came as text, as UTC where it names no zone: 2024-10-24T22:02:00Z is Fri 25 Oct 07:02."""
        return self.when(since_epoch_us(iso))

    def day(self, iso: str) -> str:
        """The day of a moment that came as text."""
        return self.date(since_epoch_us(iso))

    def clock(self, time_us: int) -> str:
        """The time of day: 07:02:31."""
        return f"{self._at(time_us):%H:%M:%S}"

    def exact(self, time_us: int) -> str:
        """The moment for machines and tooltips: 2024-10-25 07:02:00 KST."""
        return f"{self._at(time_us):%Y-%m-%d %H:%M:%S %Z}"

    def span(self, us: int) -> str:
        """How long: 45 min, 3 h, 2 d; in Korean 45분, 3시간, 2일."""
        seconds = abs(us) // SECOND_US
        size, unit = next((size, unit) for least, size, unit in _UNITS if seconds >= least)
        return self._words(f"span.{unit}", count=f"{seconds // size:,}")

    def share(self, part: float) -> str:
        """A share from 0 to 1: 4.2%."""
        return wording.value(part, "share")[self._language]

    def number(self, value: float | None) -> str:
        """A count with its thousands kept apart."""
        return "–" if value is None else f"{value:,.0f}"

    def axis(self, value: float) -> str:
        """A round number beside a drawing: 10,000 and 1 M; in Korean 1만, 1억."""
        units = _MYRIADS if self._language == "ko" else _MILLIONS
        size, unit = next(((size, unit) for size, unit in units if value >= size), (1, ""))
        return f"{value / size:,.6g}{unit}" if value < 1 else f"{value / size:,.0f}{unit}"

    def _at(self, time_us: int) -> datetime:
        return datetime.fromtimestamp(time_us / SECOND_US, self._zone)


def since_epoch_us(iso: str) -> int:
    """Microseconds since 1970 of a moment that came as text, as UTC where it names no zone."""
    at = datetime.fromisoformat(iso)
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * SECOND_US)
