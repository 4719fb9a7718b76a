"""The feed: numbered events, a place in the ring for each reader, rights at every word, and an end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from haechi.cases.pulse import ROWS_MAX, Row
from haechi.console import Limits
from haechi.console.feed import ALLOWED_ROWS

from .making import Bank, Browser, happened

US = 1_000_000


@asynccontextmanager
async def reading(bank: Bank, browser: Browser, query: str = "", **head: str) -> AsyncIterator[Any]:
    """A stream being read: call it for the next event's lines."""
    got: asyncio.Queue[Any] = asyncio.Queue()
    gone = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if not receive.asked:  # type: ignore[attr-defined]
            receive.asked = True  # type: ignore[attr-defined]
            return {"type": "http.request", "body": b"", "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    receive.asked = False  # type: ignore[attr-defined]
    cookie = f"haechi_session={browser.line.cookies.get('haechi_session', '')}"
    names = {"cookie": cookie, "host": "127.0.0.1", "accept-language": "en", **head}
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": "GET",
        "scheme": "http", "path": "/feed", "raw_path": b"/feed", "query_string": query.encode(), "root_path": "",
        "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in names.items()], "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }  # fmt: skip
    task = asyncio.create_task(bank.app(scope, receive, got.put))

    async def following() -> dict[str, str]:
        while True:
            message = await asyncio.wait_for(got.get(), 10)
            if message["type"] == "http.response.start":
                if message["status"] != 200:
                    return {"status": str(message["status"])}
                continue
            text = message.get("body", b"").decode()
            if not message.get("more_body", False):
                return {"event": "end"}
            found: dict[str, str] = {}
            for line in text.splitlines():
                name, _, value = line.partition(": ")
                found[name] = found.get(name, "") + value
            if "event" in found or text.startswith(":"):
                return found

    try:
        yield following
    finally:
        gone.set()
        await asyncio.wait_for(task, 10)


def test_what_is_told_often_is_named_without_one_customers_figures(bank: Bank) -> None:
    text = {"en": "59,850 won paid, while 2,300 won is usual", "ko": "59,850원 결제"}
    row = Row(1, "e-1", bank.clock(), "payment", "hold", "customer:c-1", 59_850, "KRW", text, "behaviour.amount", text)
    other = row._replace(seq=2, event_id="e-2", reason="rules.minor", reason_text={"en": "a minor", "ko": "미성년자"})
    bank.behind.pulse.add([row, row._replace(seq=3), other], bank.clock())
    told = bank.person().get("/watch").text.partition("Reasons told most")[2].partition("As it happens")[0]
    assert "an unusually large amount 2 in this half hour" in told
    assert "a minor 1 in this half hour" in told
    assert "59,850" not in told
    assert "평소보다 큰 금액" in bank.person(language="ko").get("/watch").text


def test_rows_come_as_they_are_decided_with_their_numbers(bank: Bank) -> None:
    ana = bank.person()

    async def told() -> None:
        async with reading(bank, ana, "all=1") as following:
            assert (await following())["event"] == "wall"
            happened(bank, "e-1", "<b>c</b>", action="allow")
            bank.app.feed.ring()
            rows = await following()
            assert (rows["event"], rows["id"]) == ("rows", str(bank.behind.pulse.last_seq))
            assert "&lt;b&gt;c&lt;/b&gt;" in rows["data"]
        async with reading(bank, ana, "all=1", last_event_id="0") as following:
            assert "e-1" in (await following())["data"], "a reconnect loses nothing"

    asyncio.run(told())


def test_what_was_allowed_is_left_out_unless_asked_for(bank: Bank) -> None:
    ana = bank.person()
    happened(bank, "quiet", "c-1", action="allow")
    happened(bank, "loud", "c-2")

    async def told() -> None:
        async with reading(bank, ana, "", last_event_id="0") as following:
            rows = (await following())["data"]
            assert "loud" in rows
            assert "quiet" not in rows

    asyncio.run(told())


def test_who_fell_behind_loads_again(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = bank.person()
    happened(bank)
    row = bank.behind.pulse.rows()[0]
    bank.behind.pulse.add([row._replace(seq=row.seq + n) for n in range(ROWS_MAX + 1)], bank.clock())

    async def told() -> None:
        async with reading(bank, ana, "", last_event_id="0") as following:
            assert (await following())["event"] == "reload"

    asyncio.run(told())


def test_of_what_was_allowed_a_few_are_shown_and_how_many_more_is_said(bank: Bank) -> None:
    ana = bank.person()
    happened(bank, "quiet", action="allow")
    row = bank.behind.pulse.rows(stopped=False)[0]

    def more(count: int) -> None:
        last = bank.behind.pulse.last_seq
        bank.behind.pulse.add([row._replace(seq=last + n, event_id=f"q-{last + n}") for n in range(1, count + 1)],
                              bank.clock())  # fmt: skip
        bank.app.feed.ring()

    async def told() -> None:
        async with reading(bank, ana, "all=1", last_event_id="0") as following:
            assert "more were allowed" not in (await following())["data"]
            more(ALLOWED_ROWS)
            assert "more were allowed" not in (await following())["data"]
            more(ALLOWED_ROWS + 7)
            rows = (await following())["data"]
            assert "At least 7 more were allowed" in rows
            assert rows.count("data-row ") == ALLOWED_ROWS

    asyncio.run(told())


def test_the_queue_only_hears_how_many(bank: Bank) -> None:
    ana = bank.person()
    after = bank.clock()
    bank.clock.now += US

    async def told() -> None:
        async with reading(bank, ana, f"of=queue&after={after}") as following:
            happened(bank)
            bank.app.feed.ring()
            assert (await following())["data"] == "1"

    asyncio.run(told())


def test_nobody_reads_without_a_right_and_a_revoked_key_ends_it(bank: Bank) -> None:
    ana, nobody, blind = bank.person("ana", ["read", "cases:write"]), bank.browser(), bank.person("blind", ["decide"])

    async def told() -> None:
        for other in (nobody, blind):
            async with reading(bank, other) as following:
                assert (await following())["status"] == "401"
        async with reading(bank, ana) as following:
            await following()
            bank.behind.keys.clear()
            happened(bank)
            bank.app.feed.ring()
            assert (await following())["event"] == "gone"
            assert (await following())["event"] == "end"

    asyncio.run(told())


def test_an_open_feed_keeps_only_a_wall_signed_in(bank: Bank) -> None:
    wall = bank.person("wall", ["read"])

    async def watched(browser: Browser) -> None:
        async with reading(bank, browser) as following:
            await following()
            bank.clock.now += (bank.limits.idle_s_max - 5) * US
            bank.app.feed.ring()
            await following()

    asyncio.run(watched(wall))
    bank.clock.now += 10 * US
    assert wall.get("/watch")
    ana = bank.person("ana2", ["read", "cases:write"])
    bank.app.feed.ring()  # a new bell: the old one belongs to the loop that has ended
    asyncio.run(watched(ana))
    bank.clock.now += 10 * US
    assert ana.get("/watch", 303)


def test_readers_are_limited_hearts_beat_and_stopping_ends_them(tmp_path) -> None:
    bank = Bank(tmp_path, Limits(feeds_max=1, heartbeat_s=0.2))
    ana = bank.person()

    async def told() -> None:
        async with reading(bank, ana, f"of=queue&after={bank.clock()}") as following:
            assert "" in await following()
            async with reading(bank, ana) as second:
                assert (await second())["status"] == "503"
            bank.app.feed.close()
            while (await following()).get("event") != "end":
                continue

    asyncio.run(told())
    bank.close()
