"""Sentences about what came before: a risky call or message, and an odd transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from math import isnan

from haechi.detectors.asked import HERSELF, Asked
from haechi.detectors.sentences import oddest, reason
from haechi.events import Reason
from haechi.events.wording import Text, moment, value, with_particle

__all__ = ["heard", "link"]

HEAT_MIN = 6.0
HIGH, CLEAR = 0.6, 0.35  # ratings in words: nobody is told that a call was 27 % risky and so 73 % fine
# What was odd about an earlier transaction, by the kernel's number of the kind.
_ODD: tuple[tuple[str, Text], ...] = (
    ("hour", {"en": "at an unusual hour", "ko": "이례적인 시각의 거래"}),
    ("amount", {"en": "of an unusually large amount", "ko": "금액이 이례적으로 큰 거래"}),
    ("small", {"en": "of an unusually small amount", "ko": "소액이라는 점에서 이례적인 거래"}),
    ("category", {"en": "at an unusual kind of shop", "ko": "평소와 다른 업종의 거래"}),
    ("gap", {"en": "that came unusually soon after the previous one", "ko": "거래 간격이 이례적으로 짧은 거래"}),
    ("tempo", {"en": "that ended an unusually quick succession", "ko": "거래 간격이 이례적으로 짧은 거래"}),
    ("party", {"en": "with an unfamiliar merchant or payee", "ko": "평소와 다른 상대와의 거래"}),
    ("place", {"en": "in an unusual place", "ko": "평소와 다른 지역의 거래"}),
    ("travel", {"en": "unusually far from the previous place", "ko": "직전 거래와 이례적으로 먼 곳의 거래"}),
    ("device", {"en": "on an unfamiliar device", "ko": "평소와 다른 기기를 쓴 거래"}),
    ("outflow", {"en": "that sent unusually much to new payees", "ko": "새 계좌로 보낸 금액이 이례적으로 큰 거래"}),
    ("heard", {"en": "that followed a risky call or message", "ko": "위험한 통화나 문자 뒤의 거래"}),
    ("passed", {"en": "that passed on what had just come in", "ko": "들어온 돈을 곧바로 내보낸 거래"}),
)


def heard(asked: Asked) -> Reason | None:
    """A call or message that was rated as risky, before a transfer."""
    risk = asked.of.get("heard_risk", 0.0)
    if not oddest(asked, heard=risk > 0.0):
        return None
    ago = value(asked.of["heard_gap_s"], "seconds")
    what: Text = {"en": "message", "ko": "문자"} if asked.of["heard_kind"] else {"en": "call", "ko": "통화"}
    rated: Text = {"en": "more suspicious than most", "ko": "다른 때보다 높게"}
    if risk >= CLEAR:
        rated = {"en": "suspicious", "ko": "높게"}
    if risk >= HIGH:
        rated = {"en": "highly suspicious", "ko": "매우 높게"}
    en = f"{ago['en']} after a {what['en']} that was rated {rated['en']}"
    ko = f"사기 의심도가 {rated['ko']} 평가된 {with_particle(what['ko'], '을/를')} 받은 지 {ago['ko']} 뒤의 이체입니다"
    seen = f"{what['en']} rated {rated['en']}, {ago['en']} before"
    return reason("heard", asked, seen, f"no such {what['en']} before", en, ko, HERSELF)


def link(asked: Asked, told: Collection[str]) -> Iterator[Reason]:
    """A link to the odd event that this one follows, unless it was odd for what is told already; it counts little."""
    gap, heat = asked.of["odd_gap_s"], asked.of["surprise_heat"]
    if isnan(gap) or not heat >= HEAT_MIN:
        return
    kind, what = _ODD[int(asked.of["odd_kind"])]
    if kind not in told:
        at, ago = moment(asked.event.time_us - round(gap * 1e6), asked.timezone), value(gap, "seconds")
        day, clock_en = at["en"].split(" ")
        yield Reason(
            "behaviour.link", at["en"], "", 0.5,
            {
                "en": f"{ago['en']} after a transaction {what['en']} (on {day} at {clock_en})",
                "ko": f"{what['ko']}({at['ko']})로부터 {ago['ko']} 뒤의 거래입니다",
            },
        )  # fmt: skip
