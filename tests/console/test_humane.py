"""Whatever goes wrong, somebody reads a page in her language that says what happened and how to go on."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from haechi.console.words import words

from .making import Bank, Browser, Seen, happened

US, MIB = 1_000_000, 1 << 20
LANGUAGES = ("en", "ko")
NAMES = re.compile(
    r"haechi\.toml|\[cases\.attachments\]|haechi key add|`|/v1/\S+|[aec]-\S+|\bana\b|\bbo\b|what I typed"
)


def is_humane(answer: Any, name: str, language: str, status: int) -> Seen:
    """A page of this status with its title, a way on, and not a word of the other language in what it says."""
    assert answer.status_code == status, answer.text[-1_500:]
    seen, t = Seen(answer.text, answer), words(language)
    assert t(f"error.{name}.title") in seen.text
    assert t(f"error.{name}.text").replace("`", "") in seen.text.replace("`", "")
    assert t("error.back") in seen.text
    said = answer.text.partition("<main")[2].partition("</main")[0]
    said = NAMES.sub("", " ".join(re.sub(r"<[^>]*>", " ", said.partition(">")[2]).split()))
    other = re.search(r"[A-Za-z]{3,}" if language == "ko" else r"[가-힣]", said)
    assert other is None, (other, said)
    return seen


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mishap_is_a_page(bank: Bank, language: str) -> None:
    alert = happened(bank)
    ana = bank.person("ana", language=language)
    head = {"alert": alert, "verdict": "fraud", "event": "e-1", "comment": "what I typed"}
    is_humane(ana.line.get("/nowhere"), "missing", language, 404)
    is_humane(ana.line.get(f"/alerts/{alert}x"), "missing", language, 404)
    is_humane(ana.line.get("/queue?state=lost"), "bad", language, 400)
    is_humane(ana.send("/act/snooze", **ana.token(), alert=alert, days="9"), "bad", language, 400)
    blind = bank.person("eve", ["decide"], language)
    is_humane(blind.line.get("/queue"), "forbidden", language, 403)
    is_humane(ana.send("/act/take", csrf="x", once="y", alert=alert), "forbidden", language, 403)
    stale = is_humane(ana.send("/act/verdict", **ana.token(), **head, version="0"), "stale", language, 409)
    assert "what I typed" in stale.text
    bank.work.desk.alerts.take(alert, "bo")
    is_humane(ana.send("/act/verdict", **ana.token(), **head), "stale", language, 409)
    big = ana.send("/act/verdict", **ana.token(), **{**head, "comment": "x" * (bank.limits.form_bytes_max + 1)})
    is_humane(big, "large", language, 413)
    assert not bank.work.desk.alerts.alert(alert).verdicts


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_session_that_ended_while_one_wrote_is_told(bank: Bank, language: str) -> None:
    alert, ana = happened(bank), bank.person("ana", language=language)
    form = ana.token()
    bank.clock.now += bank.limits.idle_s_max * US
    answer = ana.line.post(
        "/act/verdict", data={**form, "alert": alert, "verdict": "fraud"}, headers={"accept": "text/html,*/*"}
    )
    assert answer.status_code == 401
    assert words(language)("error.expired.title") in answer.text
    assert not bank.work.desk.alerts.alert(alert).verdicts
    way_in = ana.line.get(f"/alerts/{alert}").headers["location"]
    assert way_in.startswith("/sign-in?to=%2Falerts%2F")
    assert words(language)("sign_in.title") in ana.line.get(way_in).text


def test_a_form_sent_twice_says_one_verdict_and_leads_to_the_same_page(bank: Bank) -> None:
    alert, ana = happened(bank), bank.person("ana")
    form = next(one for one in ana.get(f"/alerts/{alert}").forms if one["action"] == "/act/verdict")["fields"]
    first, again = (ana.send("/act/verdict", **{**form, "verdict": "fraud"}) for _ in range(2))
    assert first.headers["location"] == again.headers["location"]
    assert len(bank.work.desk.alerts.alert(alert).verdicts) == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("length", [True, False], ids=["told its length", "did not"])
def test_a_gigabyte_is_read_past_and_answered_with_a_page(bank: Bank, language: str, length: bool) -> None:
    case = bank.work.desk.cases.open("x", "ana", []).id
    ana = bank.person("ana", language=language)
    status, text, taken = asyncio.run(poured(bank, ana, {**ana.token(), "case": str(case)}, length=length))
    assert (status, taken) == (413, 1_024), "it is read to its end, so that the browser shows the answer"
    assert words(language)("error.large.title") in text
    assert not bank.work.desk.cases.case(case).attachments


async def poured(bank: Bank, browser: Browser, form: dict[str, str], *, length: bool) -> tuple[int, str, int]:
    """A gigabyte as the file of a form: status, page, and how many mebibytes were taken."""
    mebibytes = 1_024
    fields = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in form.items()
    )
    begin = fields + '--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    chunk, sent, taken = b"\x00" * MIB, list[Any](), 0

    async def receive() -> dict[str, Any]:
        nonlocal taken
        taken += 1
        body = begin.encode() + chunk if taken == 1 else chunk
        return {"type": "http.request", "body": body, "more_body": taken < mebibytes}

    async def send(message: Any) -> None:
        sent.append(message)

    names = {"cookie": f"haechi_session={browser.line.cookies['haechi_session']}", "host": "127.0.0.1",
             "accept-language": browser.line.headers["accept-language"],
             "content-type": "multipart/form-data; boundary=b"}  # fmt: skip
    names |= {"content-length": str(mebibytes * MIB)} if length else {}
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": "POST",
        "scheme": "http", "path": "/act/case-attach", "raw_path": b"/act/case-attach", "query_string": b"",
        "root_path": "", "headers": [(k.encode(), v.encode()) for k, v in names.items()],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    await bank.app(scope, receive, send)
    return sent[0]["status"], b"".join(m.get("body", b"") for m in sent[1:]).decode(), taken
