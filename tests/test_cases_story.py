"""The founding story to its end, by API against a real server: decided, looked at, marked, refunded; challenges too."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from api.live import until
from haechi.app import add_key, open_shut
from homes import SETTINGS, Asker, new_home, serving

CASES = SETTINGS + "[cases]\nundo_s = 1\n[policy.challenge]\ndeadline_s = 10\ntimeout = 'hold'\n"
RULE = """
[[rules]]
id = "{action}"
name = {{ en = "{action}", ko = "{action}" }}
reason = {{ en = "a new payee", ko = "새 수취인" }}
condition = '''channel == "{action}"'''
effect = {{ minimum = "{action}" }}
"""


class Bank:
    """Ana and Bo on one server."""

    def __init__(self, asker: Asker, second: str) -> None:
        self.ana, self.bo = asker, Asker(asker.port, second, asker.pid)
        self.number = 0

    def __call__(
        self, method: str, path: str, body: Any = None, kind: str = "application/json", by: str = "ana"
    ) -> Any:
        asker = self.ana if by == "ana" else self.bo
        status, answer = asker.ask(method, path, body.encode() if isinstance(body, str) else body, kind)
        assert status == 200, answer
        return answer

    def decided(self, action: str, customer: str = "c-1") -> str:
        """A transfer that a rule has treated so, whatever the models say; gives the event's id."""
        self.number += 1
        amount = 12_000_000 if action == "hold" else 20_000
        event = {"id": f"t-{self.number}", "kind": "transfer", "time": f"2024-10-25T07:02:{self.number:02d}+09:00",
                 "customer": customer, "payee": "p-3", "amount": amount, "currency": "KRW", "channel": action,
                 }  # fmt: skip
        answer = self.ana.decide(event)
        assert answer["action"] == action, answer
        return event["id"]


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    folder = tmp_path_factory.mktemp("cases")
    first = new_home(folder / "home", settings=CASES)
    with open_shut(folder / "home") as shut:
        second = add_key(shut.store, "bo", ["read", "rules:approve", "cases:approve"]).token
    with serving(folder / "home", first, folder / "log") as asker:
        found = Bank(asker, second)
        for action in ("hold", "challenge"):
            found("POST", "/v1/rules", RULE.format(action=action), "application/toml")
            change = found("POST", f"/v1/rules/{action}/lane", {"lane": "live"})["change"]["id"]
            found("POST", f"/v1/approvals/{change}", {"answer": "approve"}, by="bo")
        yield found
        found.bo.line.close()


class Receiver(http.server.BaseHTTPRequestHandler):
    """Hears what a webhook says."""

    heard: ClassVar[list[dict[str, Any]]] = []

    def do_POST(self) -> None:
        self.heard.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[str]:
    Receiver.heard.clear()
    with http.server.HTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_from_alert_to_refund(bank: Bank, receiver: str) -> None:
    hook = bank("POST", "/v1/webhooks", {"url": receiver, "topics": ["alert", "refund.paid"]})
    assert hook["secret"].startswith("whsec_")
    event = bank.decided("hold")
    bank.decided("hold")
    (alert,) = bank("GET", "/v1/queue")["alerts"]
    assert (alert["event_id"], alert["events"], alert["amount"]) == (event, 2, 24_000_000)
    mine = bank("POST", "/v1/alerts/next", {})["alert"]
    assert (mine["id"], mine["holder"]) == (f"a-{event}", "first")
    path = f"/v1/alerts/{mine['id']}"
    assert bank("POST", "/v1/alerts/next", {})["alert"] is None
    assert bank("GET", f"{path}/draft?template=customer_denies")["text"].startswith("customer:c-1 did not make 2")
    bank("POST", f"{path}/notes", {"text": "He was at school."})
    assert bank.ana.ask("POST", f"{path}/release", {"version": 1})[0] == 409
    case = bank("POST", "/v1/cases", {"title": "Ice cream at seven", "alerts": [mine["id"]]})
    file = bank("POST", f"/v1/cases/{case['id']}/attachments?name=a.txt", "what he said", "text/plain")
    status, text = bank.ana.ask("GET", f"/v1/attachments/{file['number']}")
    assert (status, text) == (200, "what he said")
    bank("POST", f"{path}/verdict", {"verdict": "unsure"})
    bank("POST", f"{path}/undo", {})
    bank("POST", f"{path}/verdict", {"verdict": "fraud", "typology": "account_takeover"})
    until(lambda: bank("GET", path)["verdicts"][-1]["state"] == "told")
    assert [h["what"] for h in bank("GET", f"{path}/history")["history"]] == [
        "opened", "folded", "taken", "note", "verdict", "undone", "verdict", "closed",
    ]  # fmt: skip
    refund = bank("POST", "/v1/refunds", {"event_id": event, "case_id": case["id"]})
    where = f"/v1/refunds/{refund['id']}"
    for step in ("frozen", "evidence"):
        bank("POST", f"{where}/step", {"step": step})
    asked = bank("POST", f"{where}/decide", {"amount": 12_000_000, "comment": "not his device"})
    assert asked["waiting"]["needs"] == 1
    assert bank("POST", f"{where}/answer", {"answer": "approve"}, by="bo")["state"] == "decided"
    bank("POST", f"{where}/money", {"kind": "recovered", "amount": 2_000_000, "reference": "B-1"})
    paid = bank("POST", f"{where}/money", {"kind": "paid", "amount": 12_000_000, "reference": "P-1"})
    assert (paid["state"], paid["loss"]) == ("paid", 10_000_000)
    assert bank("GET", "/v1/refunds/measure")["paid"] == 1
    until(lambda: [t["type"] for t in Receiver.heard][-1:] == ["refund.paid"])
    assert [t["type"] for t in Receiver.heard][:2] == ["alert.opened", "alert.folded"]
    until(lambda: not bank("GET", f"/v1/webhooks/{hook['id']}/deliveries?state=waiting")["deliveries"])
    bank("POST", f"/v1/webhooks/{hook['id']}/state", {"state": "ended"})


def test_a_challenge_ends_in_a_final_decision(bank: Bank) -> None:
    event = bank.decided("challenge", "c-2")
    found = bank("GET", f"/v1/challenges/{event}")
    assert (found["state"], found["means"]["timeout"]) == ("waiting", "hold")
    check = {"id": "k-1", "kind": "check", "time": "2024-10-25T07:03:00+09:00", "customer": "c-2", "method": "otp",
             "challenge": found["id"], "result": "passed"}  # fmt: skip
    for wrong in ({"result": "?"}, {"challenge": "c-x"}, {"kind": "login"}):
        assert bank.ana.ask("POST", f"/v1/challenges/{event}/answer", {**check, **wrong})[0] == 400
    assert bank.ana.ask("POST", "/v1/challenges/c-x/answer", check)[0] == 404
    done = bank("POST", f"/v1/challenges/{event}/answer", check)
    assert (done["state"], done["action"], done["method"]) == ("passed", "allow", "otp")
    assert bank("POST", f"/v1/challenges/{event}/answer", check) == done, "sent twice, it is one answer"


def test_an_answer_may_come_as_any_other_event_and_refusing_calls_a_person(bank: Bank) -> None:
    event = bank.decided("challenge", "c-3")
    check = {"id": "k-2", "kind": "check", "time": "2024-10-25T07:03:00+09:00", "customer": "c-3",
             "challenge": f"c-{event}", "result": "refused"}  # fmt: skip
    bank("POST", "/v1/decide", check)
    assert bank("GET", f"/v1/challenges/{event}")["action"] == "block"
    called = bank("GET", f"/v1/alerts/a-{event}")["called"]
    assert ("block", event) in [(one["action"], one["event_id"]) for one in called]


def test_a_customer_is_warned_and_may_cancel(bank: Bank) -> None:
    event = bank.decided("hold", "c-4")
    shown = bank("POST", "/v1/warnings", {"event_id": event})
    assert "12,000,000 won to account p-3" in shown["text"]["en"]
    bank("POST", f"/v1/warnings/{shown['id']}/outcome", {"went_on": False})
    assert bank("GET", "/v1/warnings/figures")["cancel_rate"] == 1.0


def test_evidence_leaves_the_house_with_a_reason(bank: Bank) -> None:
    event = bank.decided("hold", "c-5")
    case = bank("POST", "/v1/cases", {"title": "for the police", "alerts": [f"a-{event}"]})
    status, _ = bank.ana.ask("POST", f"/v1/cases/{case['id']}/evidence", {"reason": ""})
    assert status == 400
    pack = bank("POST", f"/v1/cases/{case['id']}/evidence", {"reason": "asked for by the police"})
    (told,) = [one for one in pack["events"] if one["id"] == event]
    assert (told["decision"]["action"], told["body"]["customer"]) == ("hold", "c-5")
    assert told["decision"]["versions"]["rules"]
    assert told["journal"] > 0
    first = bank("GET", "/v1/exports?limit=1")
    assert (first["exports"][0]["what"], first["exports"][0]["reason"]) == ("evidence", "asked for by the police")
    assert bank.bo.ask("GET", "/v1/exports")[0] == 403


def test_who_may_not_is_told_so(bank: Bank) -> None:
    for method, path, body in (
        ("POST", "/v1/alerts/next", {}), ("POST", "/v1/refunds", {"event_id": "t-1"}),
        ("POST", "/v1/warnings", {"event_id": "t-1"}), ("GET", "/v1/webhooks", None),
    ):  # fmt: skip
        assert bank.bo.ask(method, path, body)[0] == 403
    for path in ("/v1/queue?state=lost", "/v1/queue?cursor=x", "/v1/queue?limit=0", "/v1/cases?state=lost"):
        assert bank.bo.ask("GET", path)[0] == 400
    for path in ("/v1/alerts/a-x", "/v1/cases/99", "/v1/refunds/99", "/v1/challenges/x", "/v1/attachments/99"):
        assert bank.bo.ask("GET", path)[0] == 404
