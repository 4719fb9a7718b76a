"""What a browser measures of itself over a served home: paint, transfer, server time, frames while the feed runs."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Page

from console.browsing import PRACTICE, House, Seat, house
from haechi.app import open_shut
from haechi.stores import Work

ROUNDS, FULL_ROWS, FEED_S, FEED_ROWS_A_S, STORIES = 7, 60, 10, 50, 20
Row = Callable[[int, int], dict[str, Any]]
FIGURES = """async () => {
  const paint = await new Promise((done) => new PerformanceObserver((list) => {
    const first = list.getEntriesByName("first-contentful-paint")[0];
    if (first) done(first);
  }).observe({ type: "paint", buffered: true }));
  const [page] = performance.getEntriesByType("navigation");
  return { paint: paint.startTime, server: page.responseStart - page.requestStart, page: page.transferSize };
}"""
FRAMES = """() => { window.gaps = []; let last = performance.now();
  const tick = (now) => { gaps.push(now - last); last = now; requestAnimationFrame(tick); };
  requestAnimationFrame(tick); }"""


def in_a_browser(folder: Path, alerts: int, row: Row) -> None:
    """Serve a home with so many open alerts and tell what its pages and its feed cost in Chromium."""
    folder.mkdir()

    def before(home: Path) -> None:
        with open_shut(home) as shut:
            now = time.time_ns() // 1_000
            shut.store.tables.do(lambda work: fill(work, alerts, row, now))

    with house(folder, PRACTICE, before=before) as made:
        for n in range(FULL_ROWS):
            made.decide("hold", f"full-{n}", 9_000_000 + n * 7_919, merchant=f"shop-{n * 37}")
        with made.seat("ana") as ana:
            ana.go("/queue")
            assert ana.page.locator("tbody tr").count() == 50
            for path in ("/queue", f"/alerts/a-b-{made.number}"):
                print(painted(made, ana, path))
            told = ana.go("/queue").inner_text("header")
            assert f"{alerts + FULL_ROWS:,}" in told, told
        print(noticed(made))
        print(fed(made))


def noticed(made: House) -> str:
    """The founding story: from the answer of the decision to its row on the wall, seen from outside the browser."""
    took = []
    with made.seat("wall") as seat:
        page = seat.go("/watch")
        for n in range(STORIES):
            made.decide("challenge", f"pupil-{n}", 7_000)
            decided = time.perf_counter()
            page.get_by_role("link", name=f"pupil-{n}", exact=True).wait_for()
            took.append(1e3 * (time.perf_counter() - decided))
    return f"decision to alert on screen: median {median(took):.0f} ms, worst {max(took):.0f} of {STORIES}; {load()}"


def fill(work: Work, alerts: int, row: Row, now: int) -> None:
    """Write the alerts in one go."""
    for n in range(alerts):
        work.add("alerts", row(n, now))


def painted(made: House, ana: Seat, path: str) -> str:
    """Medians of some rounds with a warm cache, and what goes over the line when nothing is cached."""
    found = []
    for _ in range(ROUNDS):
        page = ana.go(path)
        found.append(page.evaluate(FIGURES))
    with made.seat("ana") as fresh:
        whole = cold(fresh.page, made.base + path)
    paint, server = (median(one[name] for one in found) for name in ("paint", "server"))
    worst = max(one["paint"] for one in found)
    return (
        f"{path[:20]:20} first paint {paint:5.0f} ms (worst {worst:.0f}), server {server:4.0f} ms, "
        f"{found[-1]['page']:,} bytes, {whole:,} with all it loads; {load()}"
    )


def cold(page: Page, address: str) -> int:
    """Bytes that come over the line for a page and all it loads, past the cache."""
    line, came = page.context.new_cdp_session(page), list[float]()
    line.on("Network.loadingFinished", lambda told: came.append(told["encodedDataLength"]))
    line.send("Network.enable")
    line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.goto(address)
    page.evaluate(FIGURES)
    return round(sum(came))


def fed(made: House) -> str:
    """The longest frame while the feed takes its rows."""
    with made.seat("wall") as seat:
        page = seat.go("/watch?all=1")
        page.evaluate(FRAMES)
        began, rows = time.perf_counter(), FEED_S * FEED_ROWS_A_S
        for n in range(rows):
            made.decide("hold", f"fast-{n}")
            time.sleep(max(0.0, began + n / FEED_ROWS_A_S - time.perf_counter()))
        took = time.perf_counter() - began
        page.get_by_role("link", name=f"fast-{rows - 1}").wait_for()
        gaps = page.evaluate("gaps")
        shown = len(set(re.findall(r"fast-\d+", page.inner_text("#feed"))))
    return (
        f"feed: {rows / took:.0f} rows/s for {took:.0f} s, longest frame {max(gaps):.0f} ms, "
        f"{sum(gap > 100 for gap in gaps)} of {len(gaps):,} over 100 ms, newest {shown} rows shown; {load()}"
    )


def load() -> str:
    """How busy the machine is."""
    return f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
