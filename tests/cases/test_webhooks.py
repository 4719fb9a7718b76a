"""Webhooks: signed, repeated, sent again by hand; nothing that happened is left untold."""

from __future__ import annotations

import base64
import hmac
import http.server
import json
import threading

import pytest

from haechi.cases import BadAsk, NotAllowed, Unknown
from haechi.cases.sending import post
from haechi.cases.webhooks import BACKOFF_US, signature

from .making import Work

URL = "https://bank.example/hook?a=1"


def test_what_happens_is_told_in_order_and_signed(work: Work) -> None:
    work.call("p-0")
    hook = work.desk.webhooks.add(URL, ["alert"], "root")
    id_ = work.call("p-1")
    work.desk.alerts.take(id_, "ana")
    work.challenge("p-2")
    work.desk.sweep()
    assert work.desk.webhooks.deliver() == 2
    told = [json.loads(body) for _, body, _ in work.sent]
    assert [(t["type"], t["id"]) for t in told] == [("alert.opened", id_), ("alert.taken", id_)]
    _, body, head = work.sent[0]
    secret = base64.b64decode(hook.secret.removeprefix("whsec_"))
    signed = f"{head['webhook-id']}.{head['webhook-timestamp']}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()
    assert head["webhook-signature"] == expected == signature(secret, "msg_1", work.clock.now // 10**6, body)
    assert work.desk.webhooks.deliver() == 0
    assert work.desk.webhooks.secret(hook.id) == hook.secret != work.desk.webhooks.secret(99)


def test_a_deaf_receiver_is_tried_later_and_later_then_by_hand(work: Work) -> None:
    hook = work.desk.webhooks.add(URL, ["alert.opened"], "root")
    work.call("p-1")
    work.desk.sweep()
    work.answers += [500, OSError("connection refused")] + [503] * 13
    for tried in range(15):
        assert work.desk.webhooks.deliver() == 1
        assert work.desk.webhooks.deliver() == 0, "not before its time"
        (found,) = work.desk.webhooks.deliveries(hook.id).deliveries
        assert found.attempts == tried + 1
        if tried == 1:
            assert (found.status, found.error) == (None, "connection refused")
            assert found.next_us == work.clock.now + 2 * BACKOFF_US
        work.clock.now = found.next_us
    assert (found.state, found.error) == ("failed", "answered 503")
    assert work.desk.webhooks.waiting() == 1
    assert work.desk.webhooks.deliver() == 0
    assert work.desk.webhooks.redeliver(found.number, "root").state == "waiting"
    assert work.desk.webhooks.deliver() == 1
    assert work.desk.webhooks.deliveries(hook.id, "delivered").deliveries[0].number == found.number
    assert len({head["webhook-id"] for _, _, head in work.sent}) == 1, "the receiver can tell a repetition"


def test_a_paused_webhook_misses_nothing(work: Work) -> None:
    hook = work.desk.webhooks.add(URL, ["alert.opened"], "root")
    work.desk.webhooks.set_state(hook.id, "paused", "root")
    work.call("p-1")
    work.desk.sweep()
    assert work.desk.webhooks.deliver() == 0
    work.desk.webhooks.set_state(hook.id, "active", "root")
    assert work.desk.webhooks.deliver() == 1
    work.desk.webhooks.set_state(hook.id, "ended", "root")
    work.call("p-2")
    work.desk.sweep()
    assert work.desk.webhooks.deliver() == 0
    with pytest.raises(NotAllowed, match="has ended"):
        work.desk.webhooks.set_state(hook.id, "active", "root")


def test_a_long_history_is_spread_in_parts(work: Work) -> None:
    work.desk.webhooks.add(URL, [], "root")
    for n in range(250):
        work.call(f"p-{n}")
    work.desk.sweep()
    work.desk.sweep()
    assert work.desk.webhooks.waiting() == 250


@pytest.mark.parametrize(
    "url",
    ["http://bank.example/", "ftp://x/", "https:///x", "https://a:b@bank.example/", "https://x y/", "https://[::1",
     "https://bank.example:99999/", "", "https://은행.example/"],
)  # fmt: skip
def test_an_address_must_be_one_that_can_be_trusted(work: Work, url: str) -> None:
    with pytest.raises(BadAsk):
        work.desk.webhooks.add(url, [], "root")
    assert work.desk.webhooks.all() == []


def test_limits_and_what_is_not_there(work: Work) -> None:
    webhooks = work.desk.webhooks
    with pytest.raises(BadAsk, match="topics"):
        webhooks.add(URL, ["x"] * 51, "root")
    for n in range(20):
        webhooks.add(f"http://localhost:{n + 1}/", [], "root")
    with pytest.raises(NotAllowed, match="20 webhooks"):
        webhooks.add(URL, [], "root")
    for call in (
        lambda: webhooks.deliveries(99), lambda: webhooks.redeliver(99, "root"),
        lambda: webhooks.set_state(99, "paused", "root"),
    ):  # fmt: skip
        with pytest.raises(Unknown):
            call()
    for call in (lambda: webhooks.set_state(1, "gone", "root"), lambda: webhooks.deliveries(1, "lost")):
        with pytest.raises(BadAsk):
            call()


def test_one_post_over_the_wire() -> None:
    heard: list[tuple[str, bytes, str]] = []

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            heard.append((self.path, body, self.headers["webhook-id"]))
            self.send_response(302)
            self.send_header("location", "http://127.0.0.1:1/")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/hook?a=1"
        try:
            assert post(url, b"{}", {"webhook-id": "msg_1"}, 10) == 302, "nobody is sent elsewhere"
        finally:
            server.shutdown()
            thread.join()
    assert heard == [("/hook?a=1", b"{}", "msg_1")]
    with pytest.raises(OSError, match="refused"):
        post(url, b"{}", {}, 1)
