"""The small day that the pictures show: rules as a bank would write them, a month of six customers, one Friday morning.

Nothing in it is anybody's data.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from console.browsing import House
from homes import Asker

SETTINGS = """
[cases]
undo_s = 2
[cases.four_eyes]
KRW = 1_000_000
[policy.challenge]
deadline_s = 600
[asking]
double_review_share = 1.0
"""
RULE = """
[[rules]]
id = "{id}"
name = {{ en = "{en}", ko = "{ko}" }}
reason = {{ en = "{why_en}", ko = "{why_ko}" }}
condition = '''{condition}'''
effect = {{ minimum = "{action}" }}
tags = ["{tag}"]
"""
WRITTEN = (
    ("minor-school-hours", "Minor pays during school hours", "미성년자 등교·수업 시간 결제",
     "a minor paying during school hours, for more than twice the usual",
     "미성년자가 등교·수업 시간에 평소의 2배가 넘는 금액 결제",
     "age < 19 and is_school_time and amount > 2 * usual(amount)", "hold", "minors"),
    ("mule-account", "Money to a reported account", "신고된 계좌로 이체",
     "money to an account that others have reported", "다른 고객이 신고한 계좌로 이체",
     'payee == "a-88" and amount >= 300_000 won', "block", "mules"),
    ("early-large-payment", "Large payment before eight", "이른 아침 고액 결제",
     "a large payment before eight in the morning", "아침 8시 이전의 고액 결제",
     "amount >= 80_000 won and hour < 8", "hold", "hours"),
    ("new-shop-early", "New shop, early", "이른 아침 새 가맹점",
     "an early payment at a shop that is new to the customer", "이른 아침 처음 이용하는 가맹점에서 결제",
     "amount >= 30_000 won and hour < 8 and not seen_before(merchant)", "challenge", "hours"),
)  # fmt: skip
FIELDS = ("id", "en", "ko", "why_en", "why_ko", "condition", "action", "tag")
RULES = {row[0]: RULE.format(**dict(zip(FIELDS, row, strict=True))) for row in WRITTEN}
ASKED = RULE.format(
    id="night-transfer", en="First transfer at night", ko="심야 첫 이체", action="challenge", tag="hours",
    why_en="a large first transfer at night", why_ko="심야에 처음 거래하는 계좌로 고액 이체",
    condition='kind == "transfer" and hour < 6 and amount >= 500_000 won and not seen_before(payee)',
)  # fmt: skip
PEOPLE = ("c-17", "c-9", "c-24", "c-31", "c-44", "c-52")
MORNING = (
    ("c-31", 4_800_000, {}), ("c-24", 920_000, {}), ("c-9", 310_000, {}), ("c-52", 88_000, {}), ("c-17", 7_000, {}),
    ("c-44", 45_000, {"merchant": "bakery-3", "merchant_category": "bakery"}),
)  # fmt: skip


def told(made: House) -> dict[str, str]:
    """A month of a pupil and her friends, then the Friday morning and the work on it; ids that pages need."""
    start = datetime.fromisoformat("2024-09-25T15:30:00+09:00")
    for n in range(180):
        at = start + timedelta(days=n // 6, hours=n * 7 % 5, minutes=n * 13 % 60)
        who = PEOPLE[n % 6]
        usual = 1_500 if who == "c-17" else 20_000 + 9_000 * (n % 6)
        made.asker.decide(event(f"past-{n}", at, who, usual + 137 * (n * 5 % 17)))
    friday = datetime.fromisoformat("2024-10-25T07:02:00+09:00")
    for n, (who, amount, more) in enumerate(MORNING):
        made.asker.decide(event(f"now-{n}", friday + timedelta(minutes=n), who, amount, **more))
    worked(made)
    return {"alert": "now-4"}


def worked(made: House) -> None:
    """What people have done about it, and what waits for a second person."""
    for path, body in (
        ("/v1/webhooks", {"url": "http://127.0.0.1:9/told", "topics": ["case", "refund"]}),  # where nobody listens
        ("/v1/cases", {"title": "Ice cream at seven", "alerts": ["a-now-4"]}),
        ("/v1/cases/1/people", {"entity": "payee:a-88", "role": "mule"}),
        ("/v1/cases/1/tick", {"number": 1}),
        ("/v1/alerts/a-now-4/notes", {"text": "He says he was at school; the phone was in his bag."}),
        ("/v1/refunds", {"event_id": "now-4", "case_id": 1}),
        ("/v1/refunds/1/step", {"step": "frozen"}),
        ("/v1/refunds", {"event_id": "now-0"}),
        ("/v1/refunds/2/step", {"step": "frozen"}),
        ("/v1/refunds/2/step", {"step": "evidence"}),
        ("/v1/refunds/2/decide", {"amount": 4_800_000, "comment": "no doubt that she was deceived"}),
        ("/v1/rules/night-transfer/lane", {"lane": "live", "comment": "two weeks in shadow, no false alarm"}),
        ("/v1/lists/mules", {
            "purpose": "block", "comment": "reported by three customers",
            "rows": [{"entity": "payee:a-88", "reason": "reported three times"}],
        }),
    ):  # fmt: skip
        if path.startswith("/v1/rules"):
            ask(made.asker, "/v1/rules", ASKED.encode(), "application/toml")
        ask(made.asker, path, body)
    other = Asker(made.asker.port, made.keys["bo"], made.asker.pid)
    ask(other, "/v1/alerts/a-now-1/verdict", {"verdict": "fraud", "typology": "account_takeover"})
    other.line.close()


def listed(made: House) -> None:
    """A list that two people agreed on."""
    rows = [{"entity": "a-1", "reason": "the school's own account"}, {"entity": "a-2", "reason": "the canteen"}]
    asked = ask(made.asker, "/v1/lists/school", {"purpose": "allow", "rows": rows, "comment": "told by the school"})
    other = Asker(made.asker.port, made.keys["bo"], made.asker.pid)
    ask(other, f"/v1/approvals/{(asked.get('change') or asked)['id']}", {"answer": "approve"})
    other.line.close()


def ask(asker: Asker, path: str, body: Any, kind: str = "application/json") -> Any:
    """One call that must be taken."""
    status, answer = asker.ask("POST", path, body, kind)
    assert status in (200, 201, 202), (path, status, answer)
    return answer


def event(id_: str, at: datetime, who: str, amount: int, **more: str) -> dict[str, Any]:
    """A payment, or a transfer when it is large."""
    is_pupil = who == "c-17"
    return {
        "id": id_, "kind": "payment" if amount < 100_000 else "transfer", "time": at.isoformat(), "customer": who,
        "merchant": "ice_cream-7", "device": "d-5" if who in ("c-17", "c-24", "c-31") else f"d-{who}",
        "payee": "a-88" if amount > 100_000 else f"a-{who}", "amount": amount, "currency": "KRW",
        "channel": "pos" if amount < 10_000 else "app", "method": "pin",
        "merchant_category": "ice_cream", "birth_date": "2007-05-01" if is_pupil else "1985-03-09", **more,
    }  # fmt: skip
