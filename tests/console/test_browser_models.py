"""The page of models over a home that was trained: its report, its curves, the threshold moved by hand and by key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from haechi.commands.demonstration import Demonstration, Plan
from homes import Asker, serving

from .browsing import ARGUMENTS, CHROMIUM, House, needs_browser

pytestmark = [needs_browser, pytest.mark.nightly]
ACCESS = (Path(__file__).parent / "access.js").read_text()
PLAN = Plan(customers=100, days=40, fraud_level=20.0)
DAYS = 6


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A small town's bank that learned, then decided for some days, and heard which payments were fraud."""
    folder = tmp_path_factory.mktemp("models")
    made = Demonstration(folder / "home", PLAN, lambda step, amount, total: None)
    key = made.build()
    with serving(folder / "home", key, folder / "log") as asker, sync_playwright() as playwright:
        lived(made, asker)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield House(asker, {"ana": key}, browser, folder / "log")
        browser.close()


def lived(made: Demonstration, asker: Asker) -> None:
    """Days after the history, decided one by one; then the truth about each, frauds and honest ones."""
    frauds, end = made.frauds(DAYS), PLAN.parameters.date_of(PLAN.days + DAYS).isoformat()
    for rows in made.days_before(end)[:DAYS]:
        for row in rows:
            asker.decide(row)
        when = max(datetime.fromisoformat(row["time"]) for row in rows).isoformat()
        for row in rows:
            if row["id"] in frauds or int(row["id"].rpartition("-")[2]) % 5 == 0:
                label = {"event_id": row["id"], "fraud": row["id"] in frauds, "known_at": when, "source": "truth"}
                assert asker.ask("POST", "/v1/labels", label)[0] in (200, 201, 202)


def told(page: Page) -> tuple[float, float, int]:
    """Alerts a day, the share of known frauds above the threshold, won caught a day."""
    text = page.inner_text(".threshold")
    alerts = re.search(r"Alerts a day\s+([\d,.]+)", text)
    share = re.search(r"Known frauds above it\s+([\d.]+)%", text)
    money = re.search(r"Money of frauds caught a day\s+([\d,]+) won", text)
    assert alerts and share and money, text  # noqa: PT018
    return float(alerts[1].replace(",", "")), float(share[1]), int(money[1].replace(",", ""))


def counted(page: Page) -> None:
    """The console counts scores beside the decisions: look again until it is through."""
    for _ in range(60):
        if "Still counting" not in page.inner_text("main"):
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError("it never ends to count")


def test_a_threshold_moved_tells_alerts_and_money(served: House) -> None:
    with served.seat("ana") as ana:
        page = ana.go("/models")
        counted(page)
        found = []
        for at in (0, 40, 70, 99):
            ana.go(f"/models?at={at}")
            found.append(told(page))
        assert found[0][1] == 100
        assert found[0][2] > 0
        assert found == sorted(found, reverse=True), "the higher the threshold, the less of each"
        assert found[0][0] > found[-1][0]
        ana.go("/models?at=70")
        page.keyboard.press("t")
        page.keyboard.press("ArrowLeft")
        page.wait_for_url("**at=69*")
        assert told(page)[0] >= found[2][0]
        assert page.locator(".threshold svg.drawing").count() == 2


def test_the_report_of_training_is_drawn_and_fit_to_read(served: House) -> None:
    with served.seat("ana", locale="ko-KR") as ana:
        for theme in ("light", "dark"):
            page = ana.go(f"/models?theme={theme}")
            text = page.inner_text("main")
            for word in ("챔피언", "평균 정밀도", "AUC", "하루 경보"):
                assert word in text
            assert page.locator("main svg.drawing").count() >= 4
            assert not page.evaluate(ACCESS)


def test_without_scripts_a_button_applies_the_threshold(served: House) -> None:
    with served.seat("ana", java_script_enabled=False) as ana:
        page = ana.go("/models?at=20")
        before = told(page)
        page.get_by_role("button", name="Apply").click()
        assert "at=20" in page.url
        assert told(page) == before
