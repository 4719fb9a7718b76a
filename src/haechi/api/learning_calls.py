"""The calls about labels and data sets: each runs in a thread, for cards are read from the disk."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

import msgspec


class LearningDesk(Protocol):
    """What is known about learning; calls come from threads and raise refusals."""

    def label_delays(self) -> dict[str, Any]:
        """Delays of labels."""
        ...

    def datasets(self) -> dict[str, Any]:
        """Every data set."""
        ...

    def dataset(self, name: str) -> dict[str, Any]:
        """One data set."""
        ...


class Asked(Protocol):
    """A request as these calls see it."""

    @property
    def value(self) -> str:
        """The value in the path."""
        ...


class LearningCalls:
    """One method for each name in the table of routes."""

    def _learning(self) -> LearningDesk:
        raise NotImplementedError

    async def label_delays(self, request: Asked) -> bytes:
        """Show delays."""
        return msgspec.json.encode(await asyncio.to_thread(self._learning().label_delays))

    async def datasets(self, request: Asked) -> bytes:
        """List data sets."""
        return msgspec.json.encode(await asyncio.to_thread(self._learning().datasets))

    async def dataset(self, request: Asked) -> bytes:
        """Show a data set."""
        return msgspec.json.encode(await asyncio.to_thread(self._learning().dataset, request.value))
