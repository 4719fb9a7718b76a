"""What the console asks of the demonstration's town: scenes to choose from, plays, and the truth afterwards."""

from __future__ import annotations

from typing import Any, Protocol


class TownStage(Protocol):
    """The stage; only a demonstration has one."""

    def scenes(self) -> list[Any]:
        """What can be played: `.name`, `.kind` (story, fraud), `.is_fraud`."""
        ...

    def plays(self) -> list[Any]:
        """What was played, the newest first."""
        ...

    def play_of(self, number: int) -> Any:
        """One play: `.scene`, `.steps`, `.state`, `.truth`, `.frauds`, `.caught`, `.bothered`."""
        ...

    def play(self, name: str) -> Any:
        """Begin to play a scene."""
        ...
