"""What is no reason by itself and yet tells one story from another: plain facts, in sentences behind the reasons."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from math import isnan

from haechi.detectors.asked import WITHDRAWAL, Asked
from haechi.detectors.parties import YOUNG_DEVICE_S, acquaintance, days_ago, others_with_device, others_with_payee
from haechi.events import Reason
from haechi.events.wording import Text, spoken, value, with_particle

__all__ = ["ASIDE", "context"]

ASIDE, ASIDE_WEIGHT = "behaviour.before", 0.01
PASSED_SHARE = 0.3  # so much of what came in is worth a word
YOUNG_SHARE = 0.7  # of the time that anybody of her age was known: who is known for less has come since
_NEW: dict[str, Text] = {
    "new": {"en": "The payee is new to this customer", "ko": "수취 계좌는 이 고객이 처음 이체하는 곳입니다"},
    "unsure": {"en": "The payee is new to this customer, or was not paid for long",
               "ko": "수취 계좌는 이 고객이 처음이거나 오랜만에 이체하는 곳입니다"},
}  # fmt: skip


def context(asked: Asked, told: Collection[str]) -> Iterator[Reason]:
    """The facts that no reason in `told` has said: payee, money that came in, limit, device, customer."""
    if lines := [*_payee(asked, told), *_money(asked, told), *_limit(asked), *_device(asked, told), *_customer(asked)]:
        text = {"en": ". ".join(line["en"] for line in lines), "ko": ". ".join(line["ko"] for line in lines)}
        yield Reason(ASIDE, text["en"], "", ASIDE_WEIGHT, text)


def _payee(asked: Asked, told: Collection[str]) -> Iterator[Text]:
    """Whether a payee is new, or since when it is known, and how many others dealt with it."""
    if not asked.is_transfer or isnan(asked.of["party_known"]):
        return
    others, new = others_with_payee(asked), _NEW.get(acquaintance(asked))
    if new and {"party", "outflow"}.isdisjoint(told):
        yield new
    elif not new and "party" not in told and (since := _since(asked)):
        yield since
    if others is not None:
        yield _crowd(others)


def _since(asked: Asked) -> Text | None:
    """How long the payee has been this customer's, and how often they had to do with each other."""
    first, last = asked.of.get("party_days", float("nan")), asked.of.get("payee_gap_days", float("nan"))
    seen, often = round(asked.of.get("payee_seen", 0.0)), dict[str, str](en="", ko="")
    if seen > 0:
        often = {"en": f" ({seen:,} earlier dealing{'s' * (seen > 1)})", "ko": f"(이전 거래 {seen:,}회)"}
    if not isnan(first):
        when = days_ago(first)
        return {"en": f"The payee was first paid {when['en']}{often['en']}",
                "ko": f"수취 계좌에는 {when['ko']} 처음 이체했습니다{often['ko']}"}  # fmt: skip
    if isnan(last):
        return None
    when = days_ago(last)
    return {"en": f"The payee was last dealt with {when['en']}{often['en']}",
            "ko": f"수취 계좌와의 마지막 거래는 {when['ko'].removesuffix('에')}입니다{often['ko']}"}  # fmt: skip


def _crowd(others: int) -> Text:
    if not others:
        return {"en": "No other customer has dealt with that account", "ko": "그 계좌와 거래한 다른 고객은 없습니다"}
    who = "1 other customer has" if others == 1 else f"{others:,} other customers have"
    return {"en": f"{who} dealt with that account", "ko": f"그 계좌와 거래한 다른 고객은 {others:,}명입니다"}


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


def _limit(asked: Asked) -> Iterator[Text]:
    """A limit that was changed of late."""
    if asked.is_transfer and not isnan(limit := asked.of.get("limit_gap_s", float("nan"))):
        ago = value(limit, "seconds")
        yield {"en": f"The limit had been changed {ago['en']} before", "ko": f"{ago['ko']} 전에 한도가 변경되었습니다"}


def _device(asked: Asked, told: Collection[str]) -> Iterator[Text]:
    """A device that others used, or that has long been the customer's."""
    if "device" in told:
        return
    if others := others_with_device(asked):
        yield {"en": f"The device was used by {others} other customer{'s' * (others > 1)} too",
               "ko": f"같은 기기를 다른 고객 {others}명도 사용했습니다"}  # fmt: skip
    elif asked.of["device_known"] == 1.0 and asked.of["device_age_s"] >= YOUNG_DEVICE_S:
        age = value(asked.of["device_age_s"], "seconds")
        yield {"en": f"The device has been this customer's for {age['en']}",
               "ko": f"이 고객이 {age['ko']} 전부터 쓰던 기기입니다"}  # fmt: skip


def _customer(asked: Asked) -> Iterator[Text]:
    """Of a customer who came later than her peers since when she is known: who is made up has no past."""
    known, others = (asked.of.get(name, float("nan")) for name in ("known_s", "peers_known_s"))
    if known < YOUNG_SHARE * others:
        age = value(known, "seconds")
        yield {
            "en": f"This customer has been known for {age['en']} only",
            "ko": f"이 고객은 거래를 시작한 지 {age['ko']}밖에 되지 않았습니다",
        }
