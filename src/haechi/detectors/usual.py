"""Reasons of behaviour: the value, what is usual for this customer, and how often, in English and Korean.

Each family has one sentence, made from the row alone. None is weaker than 1 in 20, and none contradicts its own range:
a sentence whose value lies inside the range it names is said otherwise or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from math import isnan

from haechi.detectors.asked import FEW_ON_SUCH_DAYS, HERSELF, LITTLE_THEN, Asked, Who, clock
from haechi.detectors.frequency import BITS_MIN, often
from haechi.events import Reason
from haechi.events.shops import shop
from haechi.events.wording import Text, between, moment, spoken, value, with_particle

__all__ = ["ALL_KINDS", "families", "pair", "together", "whole"]

WIDE_HOURS = 15.0
HARDLY_HOURS = 0.5  # so little outside its range is told as inside
AN_HOUR: Text = {"en": "1 hour", "ko": "1시간"}
AIRLINER_KM_PER_HOUR = 900.0
CLEARLY = 0.7  # of the range's end: times are said in whole minutes or hours, and must not sound alike
HEAT_MIN = 6.0
SELDOM_BITS = 3.0  # 1 in 8: what is commoner is not even seldom
FIRMLY = SELDOM_BITS  # what lies outside its range may be said, however common
MORE = 1.05  # so much more than the payment alone, for what went before to be worth a word
YOUNG_DEVICE_S = 30 * 86_400
ALL_KINDS: Text = {"en": "hour, amount, pace and parties", "ko": "시각, 금액, 거래 간격, 거래 상대를"}
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
)


def families(asked: Asked) -> list[Reason]:
    """At most one reason of each family, the strongest first."""
    found = [reason for say in _FAMILIES if (reason := say(asked)) is not None]
    told = {reason.code.removeprefix("behaviour.") for reason in found}
    return sorted(found, key=lambda r: -r.weight) + list(_link(asked, told))


def together(asked: Asked) -> Reason | None:
    """Hour and amount in one sentence, where not both are odd enough alone; what lies in its range is only "seldom"."""
    of, bits, low, high = asked.of, asked.of["surprise_habit"], asked.of["amount_low"], asked.of["amount_high"]
    if not bits >= BITS_MIN or any(map(isnan, (low, high, asked.amount, asked.hour))):
        return None
    large, late = asked.amount > high, not asked.is_inside()
    if min(asked.bits("amount") + FIRMLY * large, asked.bits("hour") + FIRMLY * late) < SELDOM_BITS:
        return None
    said, paid, who, day, done = clock(asked.hour), asked.much, asked.who, asked.day, asked.done
    start, end = clock(of["hours_from"]), clock(of["hours_to"])
    usual = [f"{start['en']}-{end['en']}"] * late + [asked.ends] * large
    habit, odds = _habit(asked, large, late), _odds(bits)
    return Reason(
        "behaviour.habit", f"{said['en']}, {paid['en']}", ", ".join(usual) or "less, or at other hours", bits,
        {
            "en": f"{paid['en']} at {said['en']}, while on {day['en']} {who.en} {habit['en']} "
                  f"({who.want['en']}time and amount together: {odds['en']})",
            "ko": f"{said['ko']}에 {with_particle(paid['ko'], '을/를')} {done.ko}했는데, {who.ko} {day['ko']}에 "
                  f"{habit['ko']}({who.want['ko']}시각과 금액을 함께 보면 {odds['ko']})",
        },
    )  # fmt: skip


def pair(asked: Asked, bits: float) -> Reason:
    """Hour and amount that are odd only together, each being common enough alone."""
    said, paid, odds = clock(asked.hour), asked.much, _odds(bits)
    return Reason(
        "behaviour.habit", f"{said['en']}, {paid['en']}", "less, or at other hours", bits,
        {
            "en": f"{paid['en']} at {said['en']}, a time and an amount that together are unlike this customer "
                  f"({odds['en']})",
            "ko": f"{said['ko']}에 {with_particle(paid['ko'], '을/를')} {asked.done.ko}했는데, 시각과 금액을 함께 보면 "
                  f"이 고객의 평소와 다릅니다({odds['ko']})",
        },
    )  # fmt: skip


def _habit(asked: Asked, large: bool, late: bool) -> Text:
    """What is usual of hour and amount; an hour hardly outside its range is no argument."""
    done, does = asked.done.ko, asked.who.does(asked.done.does)
    clearly = late and not asked.is_inside(HARDLY_HOURS)
    if large and clearly:
        hours, span = asked.hours, asked.span
        return {"en": f"usually {does} {span['en']} between {hours['en']}",
                "ko": f"보통 {hours['ko']}에 {with_particle(span['ko'], '을/를')} {done}합니다"}  # fmt: skip
    if large:
        seldom, span = asked.bits("hour") >= SELDOM_BITS, asked.span
        return {"en": f"usually {does} {span['en']}" + ", and seldom at such an hour" * seldom,
                "ko": f"보통 {with_particle(span['ko'], '을/를')} {done}"
                      + ("하며, 이 시각에는 거의 거래하지 않습니다" if seldom else "합니다")}  # fmt: skip
    if clearly:
        hours = asked.hours
        return {"en": f"usually {does} between {hours['en']}, and seldom this much",
                "ko": f"보통 {hours['ko']}에 {done}하며, 이만한 금액은 드뭅니다"}  # fmt: skip
    return {"en": f"seldom {does} this much at such an hour", "ko": f"이 시각에 이만한 금액을 {done}하는 일이 드뭅니다"}


def whole(bits: float, view: Text) -> Reason:
    """How rare it is all in all, for an event whose parts are each within what they say is usual."""
    odds = _odds(bits)
    return Reason(
        "behaviour.whole", often(bits)["en"], "1 in 20 or more often", bits,
        {
            "en": f"taken together, {view['en']} are unlike this customer ({odds['en']})",
            "ko": f"{view['ko']} 함께 보면 이 고객의 평소와 다릅니다({odds['ko']})",
        },
    )  # fmt: skip


def _odds(bits: float) -> Text:
    """How many of all customers' transactions are as unusual for whoever made them."""
    f = often(bits)
    return {"en": f"{f['en']} of all transactions", "ko": f"전체 거래 {f['ko']}"}


def _oddest(asked: Asked, **may_be_told: bool) -> str:
    """The most surprising of the kinds that may be told; nothing where none is a reason."""
    oddest, most = "", 0.0
    for kind, may in may_be_told.items():
        if may and (bits := asked.bits(kind)) >= BITS_MIN and bits > most:
            oddest, most = kind, bits
    return oddest


def _reason(kind: str, asked: Asked, seen: str, usual: str, en: str, ko: str, who: Who | None = None) -> Reason:
    bits = asked.bits(kind)
    odds, want = _odds(bits), (who or asked.who).want
    # Korean sentences end in a verb, so that several can follow each other.
    text = {"en": f"{en} ({want['en']}{odds['en']})", "ko": f"{ko}({want['ko']}{odds['ko']})"}
    return Reason(f"behaviour.{kind}", seen, usual, bits, text)


def _hours(asked: Asked) -> Reason | None:
    if isnan(asked.hour) or not _oddest(asked, hour=True):
        return None
    of, said, day = asked.of, clock(asked.hour), asked.day
    who = asked.who
    if who is HERSELF and of["class_history"] < FEW_ON_SUCH_DAYS:
        who = asked.peers(LITTLE_THEN)
    vague = asked.is_inside() or of["hours_to"] - of["hours_from"] > WIDE_HOURS
    usual = "other hours" if vague else f"{clock(of['hours_from'])['en']}-{clock(of['hours_to'])['en']}"
    if vague or asked.is_inside(HARDLY_HOURS):
        does = f"hardly ever {who.does('pays')}" if asked.is_purchase else f"{_is(who)} hardly ever active"
        en = f"at {said['en']}, an hour at which {who.en} {does} on {day['en']}"
        ko = f"{said['ko']}에 거래했는데, {who.ko} {day['ko']} 이 시각에 거의 거래하지 않습니다"
    else:
        hours = asked.hours
        does = f"usually {who.does('pays')}" if asked.is_purchase else f"{_is(who)} usually active"
        en = f"at {said['en']}, while on {day['en']} {who.en} {does} between {hours['en']}"
        ko = f"{said['ko']}에 거래했는데, {who.ko} {day['ko']}에 보통 {hours['ko']}에 거래합니다"
    return _reason("hour", asked, said["en"], usual, en, ko, who)


def _is(who: Who) -> str:
    return "are" if who.want["en"] else "is"


def _amounts(asked: Asked) -> Reason | None:
    """Too much, too little, or much to new payees within days: one family."""
    x, low, high, sent = asked.amount, asked.of["amount_low"], asked.of["amount_high"], asked.of["sent_fresh"]
    if any(map(isnan, (x, low, high))):
        return None
    kind = _oddest(asked, amount=x > high, small=x < low, outflow=sent > high)
    if kind == "outflow":
        return _outflow(asked)
    if not kind:
        return None
    seen, expected = asked.much, _expected(asked)
    en = f"{seen['en']} {asked.done.en}, {expected['en']}"
    ko = f"{asked.done.ko} 금액이 {seen['ko']}인데, {expected['ko']}"
    return _reason(kind, asked, seen["en"], asked.ends, en, ko)


def _expected(asked: Asked) -> Text:
    """What was to be expected: her usual amount; where she hardly pays, what her payments elsewhere suggest."""
    who, span, done = asked.who, asked.span, asked.done
    if asked.category and asked.is_purchase and asked.bits("category") >= BITS_MIN:
        whose = f"{who.ko.removesuffix('은')}의"
        return {"en": f"where payments elsewhere by {who.en} suggest {span['en']}",
                "ko": f"{whose} 다른 업종 결제로 미루어 예상한 금액은 {span['ko']}입니다"}  # fmt: skip
    where: Text = {"en": " at a time", "ko": "건당 "}
    if asked.is_purchase:
        at = shop(asked.category) if asked.category else None
        where = {"en": f" {at.all}", "ko": f"{at.kind}에서 "} if at else {"en": "", "ko": ""}
    much = with_particle(span["ko"], "을/를")
    return {"en": f"while {who.en} usually {who.does(done.does)} {span['en']}{where['en']}",
            "ko": f"{who.ko} {where['ko']}보통 {much} {done.ko}합니다"}  # fmt: skip


def _outflow(asked: Asked) -> Reason:
    """What went to new payees within days, beside what one transfer usually is."""
    sent, who, span = asked.of["sent_fresh"], asked.who, asked.span
    if sent > MORE * asked.amount:  # a sum that fades by half in three days
        seen = spoken(_two_figures(sent), asked.event.currency)
        en = f"about {seen['en']} sent within about three days to payees first paid less than a month ago"
        ko = f"처음 거래한 지 한 달이 안 된 계좌들로 최근 사흘 남짓 동안 보낸 돈이 약 {seen['ko']}인데"
    else:
        seen = asked.much
        en = f"{seen['en']} transferred to a payee first paid less than a month ago"
        ko = f"처음 거래한 지 한 달이 안 된 계좌로 {with_particle(seen['ko'], '을/를')} 이체했는데"
    en += f", while a single transfer by {who.en} is usually {span['en']}"
    ko += f", {who.ko} 한 번에 보통 {with_particle(span['ko'], '을/를')} 이체합니다"
    return _reason("outflow", asked, seen["en"], asked.ends, en, ko)


def _pace(asked: Asked) -> Reason | None:
    of, gap = asked.of, asked.of.get("gap_s", float("nan"))
    is_quick, is_dense = gap < CLEARLY * of["gap_low_s"], of["last5_s"] < CLEARLY * of["tempo_low_s"]
    kind = _oddest(asked, gap=is_quick, tempo=is_dense)
    if kind == "gap":
        seen, usual, span = _times(gap, of["gap_low_s"], of["gap_high_s"])
        en = f"{seen['en']} after the previous transaction, while the usual gap is {span['en']}"
        ko = f"직전 거래 {seen['ko']} 뒤에 거래했는데, 평소 거래 간격은 {span['ko']}입니다"
    elif kind:
        seen, usual, span = _times(of["last5_s"], of["tempo_low_s"], of["tempo_high_s"])
        en = f"five transactions within {seen['en']}, while five usually take {span['en']}"
        ko = f"{seen['ko']} 사이에 5건을 거래했는데, 평소에는 5건에 {with_particle(span['ko'], '이/가')} 걸립니다"
    else:
        return None
    return _reason(kind, asked, seen["en"], usual, en, ko)


def _times(seen: float, low: float, high: float) -> tuple[Text, str, Text]:
    """A time, what is usual, and the same as a range in words: the ends are doublings, and 68 minutes is an hour."""
    said, less, more = (value(x, "seconds") for x in (seen, low, high))
    ends = (AN_HOUR if 3_240.0 < x < 5_400.0 else text for x, text in ((low, less), (high, more)))
    return said, f"{less['en']}-{more['en']}", between(*ends)


def _party(asked: Asked) -> Reason | None:
    if not _oddest(asked, party=True):
        return None
    transfer, known = asked.is_transfer, asked.of["party_known"] == 1.0
    what: Text = {"en": "payee", "ko": "수취 계좌"} if transfer else {"en": "merchant", "ko": "가맹점"}
    seen = f"{'rarely used' if known else 'new or long unused'} {what['en']}"
    if not known:
        en, ko = f"a {what['en']} new to this customer, or long unused", "이 고객이 처음 거래하거나 오랜만에 거래하는"
    elif transfer and not isnan(asked.of["sent_fresh"]):  # told of payees that are not known for long
        en = f"a {what['en']} first paid less than a month ago, and seldom since"
        ko = "처음 거래한 지 한 달이 안 됐고 거래도 거의 없던"
    else:
        en, ko = f"a {what['en']} that this customer rarely pays", "이 고객과 거래가 거의 없던"
    return _reason("party", asked, seen, f"{what['en']}s used before", en, f"{ko} {what['ko']}입니다", HERSELF)


def _device(asked: Asked) -> Reason | None:
    if not _oddest(asked, device=True):
        return None
    age, on = asked.of["device_age_s"], asked.done
    if asked.of["device_known"] != 1.0:
        seen, en, ko = "new device", "a device new to this customer", "이 고객이 쓴 적이 없는"
    elif age < YOUNG_DEVICE_S:
        ago = value(age, "seconds")
        seen, en = f"first seen {ago['en']} ago", f"a device first seen with this customer {ago['en']} ago"
        ko = f"이 고객이 {ago['ko']} 전에 처음 쓴"
    else:
        seen, en, ko = "rarely used device", "a device that this customer rarely uses", "이 고객이 거의 쓰지 않던"
    return _reason(
        "device", asked, seen, "devices used before", f"{on.on} {en}", f"{ko} 기기로 {on.ko}했습니다", HERSELF
    )


def _place(asked: Asked) -> Reason | None:
    speed = asked.of.get("km_per_hour", float("nan"))
    kind = _oddest(asked, place=True, travel=not isnan(speed))
    if kind == "travel":
        en, ko = _travel(speed, asked.of.get("km", float("nan")))
        if speed > AIRLINER_KM_PER_HOUR:
            en, ko = f"{en}, faster than one person can travel", f"{ko}으로, 같은 사람이 이동하기 어려운 속도"
        seen, usual, ko = value(float(round(speed)), "km/h")["en"], "below 500 km/h", f"{ko}입니다"
    elif kind:
        known = asked.of["place_known"] == 1.0
        seen, usual = "rarely visited area" if known else "new area", "areas visited before"
        en = "an area that this customer rarely visits" if known else "an area new to this customer, or long unvisited"
        ko = f"이 고객이 {'거의 가지 않던' if known else '처음 거래하거나 오랜만에 거래하는'} 지역입니다"
    else:
        return None
    return _reason(kind, asked, seen, usual, en, ko, HERSELF)


def _travel(speed: float, km: float) -> tuple[str, str]:
    """A speed as one can believe it: two figures, with the way and the time that it comes from."""
    said = value(_two_figures(speed), "km/h")
    if isnan(km):
        return f"about {said['en']} since the previous place", f"직전 장소에서 약 {said['ko']}로 이동한 셈"
    way, took = value(_two_figures(km), "km"), value(3_600.0 * km / speed, "seconds")
    return (
        f"{way['en']} from the previous place in {took['en']}, about {said['en']}",
        f"직전 장소에서 {took['ko']} 만에 {way['ko']}를 약 {said['ko']}로 이동한 셈",
    )


def _two_figures(x: float) -> float:
    unit = 10.0 ** max(len(str(int(x))) - 2, 0)
    return round(x / unit) * unit


def _heard(asked: Asked) -> Reason | None:
    """A call or message that somebody rated as risky, before a transfer."""
    if not _oddest(asked, heard=asked.of.get("heard_risk", 0.0) > 0.0):
        return None
    risk, ago = value(asked.of["heard_risk"], "share"), value(asked.of["heard_gap_s"], "seconds")
    what: Text = {"en": "message", "ko": "문자"} if asked.of["heard_kind"] else {"en": "call", "ko": "통화"}
    en = f"{ago['en']} after a {what['en']} rated {risk['en']} risky, as few transfers are"
    ko = f"위험도 {risk['ko']}로 평가된 {what['ko']} {ago['ko']} 뒤에 이체했는데, 이런 이체는 드뭅니다"
    seen = f"{what['en']} rated {risk['en']}, {ago['en']} before"
    return _reason("heard", asked, seen, f"no such {what['en']} before", en, ko, HERSELF)


def _category(asked: Asked) -> Reason | None:
    if not asked.category or asked.is_transfer or not _oddest(asked, category=True):
        return None
    seen, who, at = asked.category.replace("_", " "), asked.who, shop(asked.category)
    en = f"{who.en} rarely {who.does(asked.done.does)} {at.all}"
    ko = f"{who.ko} {with_particle(at.kind, '을/를')} 거의 이용하지 않습니다"
    return _reason("category", asked, seen, "other kinds of shops", en, ko)


def _link(asked: Asked, told: Collection[str]) -> Iterator[Reason]:
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


_FAMILIES: tuple[Callable[[Asked], Reason | None], ...] = (
    _hours,
    _amounts,
    _category,
    _pace,
    _party,
    _place,
    _device,
    _heard,
)
