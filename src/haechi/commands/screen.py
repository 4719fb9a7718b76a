"""What commands show: bars for long work on a terminal, JSON where figures are asked for."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

    from haechi.events import Schema

PLAIN_COLUMNS = 110  # where there is no terminal to ask
QUIET_S = 2.0  # work that is done sooner needs no bar


class Bars:
    """One bar for each step of some long work, with rate and time left; nothing where nobody watches."""

    def __init__(self, progress: Progress | None, quiet_s: float = QUIET_S) -> None:
        self._progress = progress
        self._show_at = perf_counter() + quiet_s
        self._tasks: dict[str, TaskID] = {}

    def advance(self, step: str, amount: float = 1, *, total: float | None = None) -> None:
        """Move a step's bar on; a new step gets a bar; `total` tells its length as soon as that is known."""
        if self._progress is None:
            return
        if step not in self._tasks:
            self._tasks[step] = self._progress.add_task(step, total=total)
        task = self._tasks[step]
        if total is not None:
            self._progress.update(task, total=total)
        self._progress.advance(task, amount)
        self._show()

    def reach(self, step: str, share: float) -> None:
        """Put a step's bar at a share of its whole."""
        if self._progress is None:
            return
        if step not in self._tasks:
            self._tasks[step] = self._progress.add_task(step, total=100)
        self._progress.update(self._tasks[step], completed=round(100 * share))
        self._show()

    def finish(self, step: str) -> None:
        """Fill a step's bar."""
        if self._progress is None:
            return
        self.advance(step, 0)
        done = self._progress.tasks[self._tasks[step]].completed
        self._progress.update(self._tasks[step], total=done or 1, completed=done or 1)

    def close(self) -> None:
        """Leave the bars as they are; what follows is written below them."""
        if self._progress is not None and self._progress.live.is_started:
            self._progress.stop()

    def _show(self) -> None:
        if self._progress is not None and not self._progress.live.is_started and perf_counter() >= self._show_at:
            self._progress.start()


@contextmanager
def bars(unit: str = "", *, quiet_s: float = QUIET_S) -> Iterator[Bars]:
    """Bars on standard error while the block runs, when that is a terminal and the work takes longer."""
    if not sys.stderr.isatty():
        yield Bars(None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    progress = Progress(
        SpinnerColumn(finished_text="[green]✓"), TextColumn("{task.description}"), BarColumn(),
        MofNCompleteColumn(), TextColumn(unit), _rate_column(), TimeRemainingColumn(elapsed_when_finished=True),
        console=Console(stderr=True),
    )  # fmt: skip
    shown = Bars(progress, quiet_s)
    try:
        yield shown
    finally:
        shown.close()


def _rate_column() -> Any:
    from rich.progress import ProgressColumn, Task
    from rich.text import Text

    class Rate(ProgressColumn):
        """How many a second."""

        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text("" if speed is None else f"{speed:,.0f}/s", style="cyan")

    return Rate()


def console() -> Console:
    """Standard output, in colour where it is a terminal."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else PLAIN_COLUMNS)


def say(text: str = "") -> None:
    """Write a line to standard output."""
    print(text)


def note(text: str) -> None:
    """Write a line to standard error: what a person should know, and no program needs."""
    print(text, file=sys.stderr)


def say_json(figures: Any) -> None:
    """Write figures as JSON to standard output, indented for a person where one is watching."""
    print(json.dumps(figures, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None, default=str))


def read_schema(name: str) -> Schema:
    """The schema of that file or name; a file that is not there is a wrong call."""
    from haechi.events import Schema
    from haechi.events.schema import BUILT_IN

    if name not in BUILT_IN and not Path(name).is_file():
        built_in = ", ".join(BUILT_IN)
        raise typer.BadParameter(f"there is no schema {name!r}; draft one with `haechi schema guess FILE`, or name a "
                                 f"built-in one: {built_in}")  # fmt: skip
    return Schema.read(name)


def check_writable(path: Path, *, force: bool) -> None:
    """Refuse to write over a file that is there, unless told to."""
    if path.exists() and not force:
        raise typer.BadParameter(f"{path} is already there; choose another name, or --force")
