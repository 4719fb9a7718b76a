"""What a training costs decisions: an open loop against a server, while its training stands still and while it runs.

Run by hand beside a server whose training is at work (`haechi models train`), with events of a town of its schema:
python tests/lifecycle/training_cost.py PORT KEY TRAINING_PID events.jsonl [decisions a second]
TRAINING_PID is the child's: `pgrep -f haechi.lifecycle.training_job`. Latency counts from when a decision was due.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

PHASE_S, ROUNDS, CONNECTIONS, SETTLE_S = 11.0, 2, 16, 0.3
KINDS = (b'"payment"', b'"transfer"', b'"withdrawal"')
Due = tuple[float, bytes, list[float]]


async def main(port: int, key: str, training: int, events: Path, rate: float) -> None:
    """Alternate, and tell both."""
    lines = (line.strip() for line in events.open("rb") if any(kind in line for kind in KINDS))
    queue: asyncio.Queue[Due] = asyncio.Queue()
    workers = [asyncio.create_task(decide(port, key, queue)) for _ in range(CONNECTIONS)]
    took: dict[str, list[float]] = {"warm": [], "stands": [], "runs": []}
    for phase in ("warm", *("stands", "runs") * ROUNDS):
        os.killpg(training, signal.SIGCONT if phase == "runs" else signal.SIGSTOP)
        await asyncio.sleep(SETTLE_S)
        await send(queue, lines, rate, took[phase])
    os.killpg(training, signal.SIGCONT)
    for worker in workers:
        worker.cancel()
    for phase in ("stands", "runs"):
        p50, p99 = np.quantile(took[phase], [0.5, 0.99]) * 1e3
        sys.stdout.write(f"training {phase}: {len(took[phase])} decisions, p50 {p50:.2f} ms, p99 {p99:.2f} ms\n")


async def send(queue: asyncio.Queue[Due], lines: Iterator[bytes], rate: float, took: list[float]) -> None:
    """One phase: each decision when it is due, whether those before it are answered or not."""
    start = time.perf_counter()
    for n in range(int(rate * PHASE_S)):
        due = start + n / rate
        await asyncio.sleep(max(due - time.perf_counter(), 0.0))
        queue.put_nowait((due, next(lines), took))
    await queue.join()


async def decide(port: int, key: str, queue: asyncio.Queue[Due]) -> None:
    """One connection: what is due, one after the other."""
    read, write = await asyncio.open_connection("127.0.0.1", port)
    while True:
        due, body, took = await queue.get()
        head = f"POST /v1/decide HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Length: {len(body)}\r\n"
        write.write(head.encode() + b"Content-Type: application/json\r\n\r\n" + body)
        told = (await read.readuntil(b"\r\n\r\n")).lower()
        assert told.startswith(b"http/1.1 200"), told
        await read.readexactly(int(told.split(b"content-length:")[1].split(b"\r\n")[0]))
        took.append(time.perf_counter() - due)
        queue.task_done()


if __name__ == "__main__":
    asyncio.run(
        main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]), float((sys.argv[5:] or ["100"])[0]))
    )
