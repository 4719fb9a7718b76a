"""What pages cost the server and a browser: `python tests/console/measuring.py [server] [browser]`.

A queue with 100,000 open alerts; an alert whose customer has 5,000 events in 30 days and a graph of 150 nodes, in a
ring of 400,000 events. CPU time, so that a busy machine tells the same; the asking client's own work is in it.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from console.making import Bank, Browser, happened
from console.painting import in_a_browser
from haechi.cases.recent import Seen
from haechi.events import Event
from haechi.stores import Work

ALERTS, RING, HISTORY, ROUNDS = 100_000, 400_000, 5_000, 9
DAY_US = 86_400_000_000


def cost(browser: Browser, path: str) -> str:
    """The median of some rounds, and what goes over the line."""
    cpu, wall = [], []
    for _ in range(ROUNDS):
        began, began_wall = time.process_time(), time.perf_counter()
        answer = browser.line.get(path, headers={"accept-encoding": "gzip"})
        cpu.append(1e3 * (time.process_time() - began))
        wall.append(1e3 * (time.perf_counter() - began_wall))
        assert answer.status_code == 200
    sent = int(answer.headers["content-length"])
    return f"{median(cpu):6.1f} ms CPU {median(wall):6.1f} ms (worst {max(wall):.0f}) {sent:7,} bytes  {path[:40]}"


def row(n: int, now: int) -> dict[str, Any]:
    """One open alert, behind all that come while measuring."""
    return {
        "seq": 10**7 + n, "id": f"a-x{n}", "event_id": f"x{n}", "action": "block" if n % 3 else "hold",
        "created_us": now, "state": "new", "subject": f"customer:x{n}", "amount": 7_000, "currency": "KRW",
        "expected_loss": 6_000, "urgency": 6_000, "rank": -(10**18) + n, "opened_us": now - n, "due_us": now + n,
    }  # fmt: skip


def queue_of(bank: Bank) -> None:
    """So many open alerts, the first page of them with decisions, every other one of two events."""
    now = bank.clock.now

    def many(work: Work) -> None:
        for n in range(ALERTS):
            work.add("alerts", row(n, now))

    bank.work.store.tables.do(many)
    for n in range(60):
        happened(bank, f"top-{n}", f"t-{n}", amount=10**7)
    for n in range(0, 60, 2):
        happened(bank, f"more-{n}", f"t-{n}", amount=10**7)
    bank.work.desk.count()


def month_of(bank: Bank) -> str:
    """A full ring, a customer with a long month, and her alert's address."""
    recent, now = bank.behind.recent, bank.clock.now

    def seen(n: int, customer: str, back_us: int, **links: str) -> Seen:
        event = Event(id=f"h{n}", kind="payment", time_us=now - back_us, entities={"customer": customer, **links},
                      amount=1_000 + n, currency="KRW")  # fmt: skip
        return Seen(n + 1, event, "hold" if n % 50 == 0 else "allow")

    for start in range(0, RING, 10_000):
        part = range(start, start + 10_000)
        recent.add([seen(n, f"z-{n % 50_000}", 40 * DAY_US, device=f"z-{n % 40_000}") for n in part])
    step = 30 * DAY_US // HISTORY
    recent.add([
        seen(RING + n, "c-17", n * step, device=f"d-{n % 20}", payee=f"p-{n % 60}", ip=f"10.0.0.{n % 30}")
        for n in range(HISTORY)
    ])  # fmt: skip
    recent.add([
        seen(2 * RING + n, f"o-{n % 40}", n, device=f"d-{n % 20}", payee=f"p-{n % 60}", ip=f"10.0.0.{n % 30}")
        for n in range(120)
    ])  # fmt: skip
    return "/alerts/" + happened(bank, "story", "c-17", links={"device": "d-1", "payee": "p-1", "ip": "10.0.0.1"})


def server(folder: Path) -> None:
    """CPU time and wall time of pages, without a browser."""
    bank = Bank(folder)
    ana = bank.person()
    queue_of(bank)
    for path in ("/queue", "/queue?action=block", "/queue?state=new&level=0"):
        print(cost(ana, path))
    alert = month_of(bank)
    for path in (alert, f"{alert}?graph=all"):
        print(cost(ana, path))
    bank.close()


def main() -> None:
    """Measure: both parts, or the one that is named."""
    parts = sys.argv[1:] or ["server", "browser"]
    with tempfile.TemporaryDirectory() as folder:
        if "server" in parts:
            server(Path(folder))
        if "browser" in parts:
            in_a_browser(Path(folder) / "served", ALERTS, row)


if __name__ == "__main__":
    main()
