"""Sentences about who and what is new: the payee or merchant, the device, the place and the way to it."""

from __future__ import annotations

from math import isnan

from haechi.detectors.asked import HERSELF, Asked
from haechi.detectors.sentences import oddest, reason, two_figures
from haechi.events import Reason
from haechi.events.wording import Text, value

__all__ = ["acquaintance", "crowd", "days_ago", "device", "others_with_device", "others_with_payee", "party", "place"]

YOUNG_DEVICE_S = 30 * 86_400
YOUNG_DAYS = 30.0  # a party that was first paid so lately is hardly known
ENTERED_DAYS = 2.0  # who is entered as a payee is paid the same day or the next
CROWD = 2  # other customers, from which on somebody new is worth a second look
KEPT_S = 72.0  # the kernel's least time between two places
AIRLINER_KM_PER_HOUR, TRAIN_KM_PER_HOUR, FAR_KM = 900.0, 300.0, 50.0
IMPOSSIBLY = 4.0  # bits by which a way that nobody can travel stands above what is only rare


def acquaintance(asked: Asked) -> str:
    """How well the other party is known: "new", "met" (but hardly ever), "unsure" of these two, or "" (known)."""
    if asked.of["party_known"] == 1.0:
        return ""
    met = "payee" if asked.is_transfer else "merchant"
    new, days = (asked.of.get(f"{met}_{n}", float("nan")) for n in ("new", "gap_days"))
    if new == 1.0 or days < ENTERED_DAYS:
        return "new"
    return "unsure" if isnan(days) else "met"


def party(asked: Asked) -> Reason | None:
    """Whom the money goes to."""
    if not oddest(asked, party=True):
        return None
    transfer = asked.is_transfer
    what: Text = {"en": "payee", "ko": "수취 계좌"} if transfer else {"en": "merchant", "ko": "가맹점"}
    met, last = acquaintance(asked), asked.of.get(f"{what['en']}_gap_days", float("nan"))
    use, ago = ("이체" if transfer else "이용"), value(last, "days")
    if met == "new":
        seen, en, ko = "new", f"a {what['en']} new to this customer", f"이 고객이 처음 {use}하는"
    elif met == "met":
        seen, en = (
            f"last met {ago['en']} ago",
            f"a {what['en']} that this customer has hardly ever paid, last dealt with {ago['en']} ago",
        )
        ko = f"이 고객이 거의 {use}하지 않았고 마지막 거래가 {ago['ko']} 전인"
    elif met:
        seen, en = "new or long unused", f"a {what['en']} new to this customer, or not met for long"
        ko = f"이 고객이 처음 {use}하거나 한동안 {use}하지 않은"
    else:
        seen, en, ko = _known(asked, what["en"], use)
    said = (crowd(asked) if transfer and met else {}) or {"en": "", "ko": "입니다"}
    seen, usual = f"{seen} {what['en']}", f"{what['en']}s used before"
    return reason("party", asked, seen, usual, en + said["en"], f"{ko} {what['ko']}{said['ko']}", HERSELF)


def _known(asked: Asked, what: str, use: str) -> tuple[str, str, str]:
    """A party that is known, but hardly met: since when, and when last."""
    first, last = asked.of.get("party_days", float("nan")), asked.of.get(f"{what}_gap_days", float("nan"))
    if not first < YOUNG_DAYS:
        return "rarely used", f"a {what} that this customer seldom pays", f"이 고객이 드물게 {use}하는"
    since, ago = days_ago(first), days_ago(last)
    again = {"en": "", "ko": ""} if isnan(last) or last >= first else ago
    en = f"a {what} first paid {since['en']}" + f", last dealt with {again['en']}" * bool(again["en"])
    ko = f"이 고객이 {since['ko']} 처음 {use}한" + f"(마지막 거래는 {again['ko'].removesuffix('에')})" * bool(
        again["ko"]
    )
    return "little known", en, ko


def days_ago(days: float) -> Text:
    """How many days ago, in words."""
    if days < 1.0:
        return {"en": "today", "ko": "오늘"}
    ago = value(days, "days")
    return {"en": f"{ago['en']} ago", "ko": f"{ago['ko']} 전에"}


def crowd(asked: Asked) -> Text:
    """Several customers at once with an account that is new to this one: a seller, a club, or a mule."""
    others = asked.of.get("payee_subjects_2d", float("nan"))
    if isnan(others) or round(others) < CROWD:
        return {}
    n = round(others)
    return {"en": f", with which {n} other customers dealt within two days",
            "ko": f"로, 최근 이틀 동안 다른 고객 {n}명도 거래했습니다"}  # fmt: skip


def others_with_payee(asked: Asked) -> int | None:
    """How many other customers ever dealt with this account; None where nobody counts them."""
    met, new = asked.of.get("payee_subjects_met", float("nan")), asked.of.get("payee_new", float("nan"))
    return None if isnan(met) or isnan(new) else max(round(met) - (new != 1.0), 0)


def others_with_device(asked: Asked) -> int:
    """How many other customers were ever seen with this device; 0 where nobody counts them."""
    met, new = asked.of.get("device_subjects_met", float("nan")), asked.of.get("device_new", float("nan"))
    return 0 if isnan(met) or isnan(new) else max(round(met) - (new != 1.0), 0)


def device(asked: Asked) -> Reason | None:
    """What it was done with."""
    if not oddest(asked, device=True):
        return None
    age, others = asked.of["device_age_s"], others_with_device(asked)
    others_en = f", and used by {others} other customer{'s' * (others > 1)} before" * bool(others)
    others_ko = f"다른 고객 {others}명도 사용한 기기로, " * bool(others)
    if asked.of["device_known"] != 1.0:
        seen, en = "new device", "a device new to this customer"
        ko = "이 고객은 쓴 적이 없습니다" if others else "이 고객이 쓴 적이 없는 기기입니다"
    elif age < YOUNG_DEVICE_S:
        ago = value(age, "seconds")
        seen, en = f"first seen {ago['en']} ago", f"a device first seen with this customer {ago['en']} ago"
        ko = (
            f"이 고객에게서는 {ago['ko']} 전에 처음 확인되었습니다"
            if others
            else f"이 고객에게서 {ago['ko']} 전에 처음 확인된 기기입니다"
        )
    else:
        seen, en = "rarely used device", "a device that this customer rarely uses"
        ko = "이 고객은 거의 쓰지 않았습니다" if others else "이 고객이 거의 쓰지 않던 기기입니다"
    return reason("device", asked, seen, "devices used before", en + others_en, others_ko + ko, HERSELF)


def place(asked: Asked) -> Reason | None:
    """Where it was, or how far from the place before."""
    speed = asked.of.get("km_per_hour", float("nan"))
    kind = oddest(asked, place=True, travel=not isnan(speed))
    if not kind:
        return None
    if kind == "travel":
        return _travel(asked, speed, asked.of.get("km", float("nan")))
    known = asked.of["place_known"] == 1.0
    seen, usual = "rarely visited area" if known else "new area", "areas visited before"
    en = "an area that this customer rarely visits" if known else "an area new to this customer, or long unvisited"
    ko = f"이 고객이 {'거의 가지 않던' if known else '처음 거래하거나 오랫동안 거래하지 않은'} 지역입니다"
    return reason("place", asked, seen, usual, en, ko, HERSELF)


def _travel(asked: Asked, speed: float, km: float) -> Reason:
    """A speed that follows from the way and the time that are told."""
    en, ko = f"about {value(two_figures(speed), 'km/h')['en']} since the place of the transaction before", ""
    if isnan(km):
        ko = f"직전 거래 장소에서 약 {value(two_figures(speed), 'km/h')['ko']}로 이동한 셈입니다"
    else:
        far, seconds = two_figures(km), max(3_600.0 * km / speed - KEPT_S, 1.0)
        unit = 60.0 if seconds >= 60.0 else 1.0
        took, speed = value(seconds, "seconds"), 3_600.0 * far / (max(round(seconds / unit), 1) * unit)
        way, said = value(far, "km"), value(two_figures(speed), "km/h")
        en = f"{way['en']} from the place of the transaction before in {took['en']}, about {said['en']}"
        ko = f"직전 거래 장소에서 {way['ko']} 떨어진 곳에서 {took['ko']} 뒤에 이루어진 거래로, "
        ko += f"약 {said['ko']}인 셈입니다"
    if speed > AIRLINER_KM_PER_HOUR:
        en, ko = f"{en}, faster than one person can travel", f"{ko}. 같은 사람이 이동하기 어려운 속도입니다"
    found = reason("travel", asked, value(two_figures(speed), "km/h")["en"], "below 500 km/h", en, ko, HERSELF)
    beyond = speed > TRAIN_KM_PER_HOUR and not km < FAR_KM
    found.weight += IMPOSSIBLY * beyond
    return found
