"""What a server does beside deciding goes on when something is in its way."""

from __future__ import annotations

import asyncio
import errno
import logging
from types import SimpleNamespace
from typing import Any

import pytest

from haechi.commands import serving
from haechi.stores import StoreError


def test_the_archive_is_tried_again_after_a_full_disk(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(serving, "ARCHIVE_S", 0.0)
    wrong: list[Exception] = [OSError(errno.ENOSPC, "no space left"), StoreError("a part is there twice")]

    async def scene() -> None:
        done, loop = asyncio.Event(), asyncio.get_running_loop()

        def step() -> None:
            if wrong:
                raise wrong.pop(0)
            loop.call_soon_threadsafe(done.set)

        front: Any = SimpleNamespace(room=SimpleNamespace(archiving=SimpleNamespace(step=step)))
        task = asyncio.create_task(serving.archive(front))
        await asyncio.wait([task, asyncio.create_task(done.wait())], return_when=asyncio.FIRST_COMPLETED)
        assert done.is_set()
        task.cancel()

    with caplog.at_level(logging.WARNING, "haechi"):
        asyncio.run(scene())
    assert [one.message.partition("for now: ")[2] for one in caplog.records] == [
        "[Errno 28] no space left", "a part is there twice",
    ]  # fmt: skip
