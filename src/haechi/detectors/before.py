"""Sentences about what came before: a risky call, an odd transaction, a limit that was raised, money that came in."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from math import isnan

from haechi.detectors.asked import HERSELF, WITHDRAWAL, Asked
from haechi.detectors.parties import YOUNG_DEVICE_S, others_with_device
from haechi.detectors.sentences import oddest, reason
from haechi.events import Reason
from haechi.events.wording import Text, moment, spoken, value, with_particle

__all__ = ["ASIDE", "context", "heard", "link"]

HEAT_MIN = 6.0
HIGH, CLEAR = 0.6, 0.35  # ratings in words: nobody is told that a call was 27 % risky and so 73 % fine
ASIDE, ASIDE_WEIGHT = "behaviour.before", 0.01
PASSED_SHARE = 0.3  # so much of what came in is worth a word
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


def context(asked: Asked, told: Collection[str]) -> Iterator[Reason]:
    """What is no reason by itself and yet tells one story from another: sentences of their own behind the reasons."""
    if lines := [*_money(asked, told), *_rest(asked, told)]:
        text = {"en": ". ".join(line["en"] for line in lines), "ko": ". ".join(line["ko"] for line in lines)}
        yield Reason(ASIDE, text["en"], "", ASIDE_WEIGHT, text)


def _money(asked: Asked, told: Collection[str]) -> Iterator[Text]:
    """What came in before, or that nothing did: it parts a mule from a victim and a thief."""
    of, came = asked.of, asked.of.get("came_in", float("nan"))
    if "passed" in told or not (asked.is_transfer or asked.event.kind == WITHDRAWAL):
        return
    if of.get("passed_share", 0.0) >= PASSED_SHARE:
        much, ago = spoken(came, asked.event.currency), value(of["came_s"], "seconds")
        yield {"en": f"{much['en']} had come in {ago['en']} before",
               "ko": f"{ago['ko']} 전에 {with_particle(much['ko'], '이/가')} 입금되었습니다"}  # fmt: skip
    elif isnan(came) and of.get("surprise_passed", float("nan")) >= 0.0:
        yield {"en": "No money came in during the two hours before", "ko": "직전 2시간 동안 입금 내역은 없습니다"}


def _rest(asked: Asked, told: Collection[str]) -> Iterator[Text]:
    """A limit that was changed of late, a device that others used, or that has long been the customer's."""
    if asked.is_transfer and not isnan(limit := asked.of.get("limit_gap_s", float("nan"))):
        ago = value(limit, "seconds")
        yield {"en": f"The limit had been changed {ago['en']} before", "ko": f"{ago['ko']} 전에 한도가 변경되었습니다"}
    if "device" in told:
        return
    if others := others_with_device(asked):
        yield {"en": f"The device was used by {others} other customer{'s' * (others > 1)} too",
               "ko": f"같은 기기를 다른 고객 {others}명도 사용했습니다"}  # fmt: skip
    elif asked.of["device_known"] == 1.0 and asked.of["device_age_s"] >= YOUNG_DEVICE_S:
        age = value(asked.of["device_age_s"], "seconds")
        yield {"en": f"The device has been this customer's for {age['en']}",
               "ko": f"이 고객이 {age['ko']} 전부터 쓰던 기기입니다"}  # fmt: skip


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
