"""Reasons of behaviour: the value, what is usual for this customer, and how often, in English and Korean.

Each family has one sentence, made from the row alone. None is weaker than 1 in 20, and none contradicts its own range:
a sentence whose value lies inside the range it names is said otherwise or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import ceil, floor, isnan
from typing import NamedTuple

from haechi.detectors.frequency import BITS_MIN, often
from haechi.events import Event, Reason
from haechi.events.wording import Text, moment, value, with_particle

__all__ = ["ALL_KINDS", "PUPILS", "Asked", "families", "together", "whole"]

PUPILS = (6.0, 19.0)
FEW_ON_SUCH_DAYS, FEW = 5.0, 15.0
WIDE_HOURS = 15.0
CLEARLY = 0.7  # of the range's end: times are said in whole minutes or hours, and must not sound alike
HEAT_MIN = 6.0
SELDOM_BITS = 3.0  # 1 in 8: what is commoner is not even seldom
FIRMLY = SELDOM_BITS  # what lies outside its range may be said, however common
MORE = 1.05  # so much more than the payment alone, for what went before to be worth a word
YOUNG_DEVICE_S = 30 * 86_400
TRANSFER, WITHDRAWAL = 1.0, "withdrawal"
WITHOUT_CENTS = ("KRW", "JPY", "")
_DAYS: tuple[Text, ...] = (
    {"en": "working days", "ko": "평일"},
    {"en": "weekdays of the school break", "ko": "방학 중 평일"},
    {"en": "Saturdays", "ko": "토요일"},
    {"en": "Sundays", "ko": "일요일"},
    {"en": "public holidays", "ko": "공휴일"},
)
ALL_KINDS: Text = {"en": "hour, amount, pace and parties", "ko": "시각, 금액, 빠르기, 거래 상대를"}
_SCHOOL: Text = {"en": "school days", "ko": "등교일"}
_KINDS: tuple[Text, ...] = (
    {"en": "its hour", "ko": "시각"}, {"en": "its amount", "ko": "금액"}, {"en": "its small amount", "ko": "소액"},
    {"en": "its kind of shop", "ko": "업종"}, {"en": "its pace", "ko": "간격"}, {"en": "its pace", "ko": "빠르기"},
    {"en": "the other party", "ko": "거래 상대"}, {"en": "its place", "ko": "장소"}, {"en": "its place", "ko": "장소"},
    {"en": "its device", "ko": "기기"}, {"en": "what went to new payees", "ko": "새 계좌로 보낸 금액"},
)  # fmt: skip


class Asked(NamedTuple):
    """What a sentence is made from: the event, its numbers by name, and who it is about."""

    event: Event
    of: Mapping[str, float]  # the features of behaviour without their prefix, age_years and km_per_hour
    timezone: str
    has_peers: bool
    category: str

    def bits(self, kind: str) -> float:
        """How surprising a kind is; -1 when it does not apply."""
        found = self.of[f"surprise_{kind}"]
        return -1.0 if isnan(found) else found

    @property
    def day(self) -> Text:
        """Comparable days, in words."""
        number = int(self.of["day_class"])
        pupil = PUPILS[0] <= self.of.get("age_years", -1.0) < PUPILS[1]
        return _SCHOOL if number == 0 and pupil else _DAYS[number]

    @property
    def who(self) -> Text:
        """Whose usual it is: a customer with little history is judged by her peers, and the sentence says so."""
        if self.of["history"] >= FEW:
            return {"en": "this customer", "ko": "이 고객은"}
        return self.peers

    @property
    def peers(self) -> Text:
        """Those whom a customer without history is compared with."""
        if self.has_peers:
            return {"en": "customers of this age (this one is new)", "ko": "신규 고객이라 비교한 같은 연령대 고객은"}
        return {"en": "other customers (this one is new)", "ko": "신규 고객이라 비교한 다른 고객은"}

    @property
    def done(self) -> Text:
        """What was done with the money."""
        if self.of["direction"] == TRANSFER:
            return {"en": "transferred", "ko": "이체"}
        return {"en": "withdrawn", "ko": "출금"} if self.is_withdrawal else {"en": "paid", "ko": "결제"}

    @property
    def did(self) -> Text:
        """What was done with a device; an event without money may be anything."""
        if isnan(self.of["amount"]):
            return {"en": "done on", "ko": "접속했습니다"}
        return {"en": f"{self.done['en']} {'from' if self.of['direction'] == TRANSFER else 'with'}",
                "ko": f"{self.done['ko']}했습니다"}  # fmt: skip

    @property
    def where(self) -> Text:
        """Among what the amount is compared."""
        if self.of["direction"] == TRANSFER:
            return {"en": " per transfer", "ko": "이체 한 건에 "}
        if self.is_withdrawal:
            return {"en": " per withdrawal", "ko": "출금 한 건에 "}
        return {"en": " at this kind of shop", "ko": "이 업종에서 "} if self.category else {"en": "", "ko": ""}

    @property
    def is_withdrawal(self) -> bool:
        """Whether cash was taken."""
        return self.event.kind == WITHDRAWAL


def families(asked: Asked) -> list[Reason]:
    """At most one reason of each family, the strongest first."""
    found = [reason for say in _FAMILIES for reason in _strongest(say(asked))]
    return sorted(found, key=lambda r: -r.weight) + list(_link(asked))


def together(asked: Asked) -> Reason | None:
    """Hour and amount in one sentence, where not both are odd enough alone; what lies in its range is only "seldom"."""
    of, bits = asked.of, asked.of["surprise_habit"]
    low, high = of["amount_low"], of["amount_high"]
    if not bits >= BITS_MIN or any(map(isnan, (low, high, _amount(asked), _hour_of(asked)))):
        return None
    large, late = _amount(asked) > high, not _is_inside(asked)
    if min(asked.bits("amount") + FIRMLY * large, asked.bits("hour") + FIRMLY * late) < SELDOM_BITS:
        return None
    said, start, end = _clock(asked), _hour(of["hours_from"]), _hour(of["hours_to"])
    paid, less, more = _money(_amount(asked), asked), _money(low, asked, ceil), _money(high, asked, floor)
    hours, span = (f"{a['ko']}~{b['ko']}" for a, b in ((start, end), (less, more)))
    pays, f, day, who = _pays(asked.who), often(bits), asked.day, asked.who
    en, ko = {
        (True, True): (f"usually {pays} {less['en']} to {more['en']} between {start['en']} and {end['en']}",
                       f"보통 {hours}에 {span} 거래합니다"),
        (True, False): (f"usually {pays} {less['en']} to {more['en']}, seldom at such an hour",
                        f"보통 {span} 거래하며, 이 시각에는 드뭅니다"),
        (False, True): (f"usually {pays} between {start['en']} and {end['en']}, seldom as much",
                        f"보통 {hours}에 거래하며, 이만한 금액은 드뭅니다"),
        (False, False): (f"seldom {pays} as much at such an hour", "이 시각에 이만한 금액은 드뭅니다"),
    }[large, late]  # fmt: skip
    usual = [f"{start['en']}-{end['en']}"] * late + [f"{less['en']}-{more['en']}"] * large
    return Reason(
        "behaviour.habit", f"{said['en']}, {paid['en']}", ", ".join(usual) or "less, or at other hours", bits,
        {
            "en": f"{paid['en']} at {said['en']}, on {day['en']} {who['en']} {en} "
                  f"(both together: {f['en']} transactions)",
            "ko": f"{said['ko']}에 {paid['ko']} 거래로, {who['ko']} {day['ko']}에 {ko}. "
                  f"시각과 금액이 함께 이런 거래는 {f['ko']}입니다",
        },
    )  # fmt: skip


def whole(bits: float, view: Text) -> Reason:
    """How rare it is all in all, for an event whose parts are each within what they say is usual."""
    f = often(bits)
    return Reason(
        "behaviour.whole", f["en"], "1 in 20 or more often", bits,
        {
            "en": f"{view['en']} together are unlike this customer ({f['en']} transactions)",
            "ko": f"{view['ko']} 함께 볼 때 이 고객의 평소와 다릅니다. 이런 거래는 {f['ko']}입니다",
        },
    )  # fmt: skip


def _strongest(found: Iterator[Reason]) -> list[Reason]:
    told = [reason for reason in found if reason.weight >= BITS_MIN]
    return [max(told, key=lambda r: r.weight)] if told else []


def _pays(who: Text) -> str:
    """The verb for one customer, or for those whom a new one is compared with."""
    return "pays" if who["en"] == "this customer" else "pay"


def _reason(kind: str, asked: Asked, seen: Text, usual: Text, en: str, ko: str) -> Reason:
    f = often(asked.bits(kind))
    # Korean sentences end in a verb, so that several can follow each other.
    text = {"en": f"{en} ({f['en']} transactions)", "ko": f"{ko} 이런 거래는 {f['ko']}입니다"}
    return Reason(f"behaviour.{kind}", seen["en"], usual["en"], asked.bits(kind), text)


def _hours(asked: Asked) -> Iterator[Reason]:
    if isnan(_hour_of(asked)):
        return
    of, said, day = asked.of, _clock(asked), asked.day
    start, end = _hour(of["hours_from"]), _hour(of["hours_to"])
    who = asked.who if of["class_history"] >= FEW_ON_SUCH_DAYS else asked.peers
    inside = _is_inside(asked)
    usual = {k: f"{start[k]}-{end[k]}" for k in start}
    if inside or of["hours_to"] - of["hours_from"] > WIDE_HOURS:
        usual = {"en": "other hours", "ko": "다른 시각"}
        en = f"at {said['en']}, an hour at which {who['en']} hardly ever {_pays(who)} on {day['en']}"
        ko = f"{said['ko']} 거래로, {who['ko']} {day['ko']}에 이 시각에 거의 거래하지 않습니다."
    else:
        en = f"at {said['en']}, on {day['en']} {who['en']} usually {_pays(who)} between {start['en']} and {end['en']}"
        ko = f"{said['ko']} 거래로, {who['ko']} {day['ko']}에 보통 {start['ko']}~{end['ko']}에 거래합니다."
    yield _reason("hour", asked, said, usual, en, ko)


def _amounts(asked: Asked) -> Iterator[Reason]:
    of, x = asked.of, _amount(asked)
    if any(map(isnan, (x, of["amount_low"], of["amount_high"]))):
        return
    seen, low, high = _money(x, asked), _money(of["amount_low"], asked, ceil), _money(of["amount_high"], asked, floor)
    where = asked.where
    for kind, is_odd in (("amount", x > of["amount_high"]), ("small", x < of["amount_low"])):
        if is_odd:
            usual = {k: f"{low[k]}-{high[k]}" for k in low}
            span = {"en": f"{low['en']} to {high['en']}", "ko": f"{low['ko']}~{high['ko']}"}
            en = f"{seen['en']} {asked.done['en']}, {span['en']} is usual for {asked.who['en']}{where['en']}"
            done = with_particle(f"{seen['ko']} {asked.done['ko']}", "으로/로")
            ko = f"{done}, {asked.who['ko']} {where['ko']}보통 {span['ko']} "
            ko += f"{asked.done['ko']}합니다."
            yield _reason(kind, asked, seen, usual, en, ko)
    yield from _outflow(asked, low, high)


def _outflow(asked: Asked, low: Text, high: Text) -> Iterator[Reason]:
    """What went to new payees within days, beside what one transfer usually is: the same family as the amount."""
    sent, x = asked.of["sent_fresh"], _amount(asked)
    if asked.bits("outflow") < 0.0 or not sent > asked.of["amount_high"]:
        return
    seen = _money(sent if sent > MORE * x else x, asked)
    usual = {k: f"{low[k]}-{high[k]}" for k in low}
    span = {"en": f"{low['en']} to {high['en']}", "ko": f"{low['ko']}~{high['ko']}"}
    if sent > MORE * x:
        en = f"{seen['en']} sent within days to payees known for less than a month"
        ko = f"거래한 지 한 달이 안 된 계좌로 며칠 사이 보낸 돈이 {seen['ko']}이며"
    else:
        en = f"{seen['en']} transferred to a payee known for less than a month"
        ko = f"거래한 지 한 달이 안 된 계좌로 {with_particle(seen['ko'], '을/를')} 이체했으며"
    en += f", {span['en']} is usual for {asked.who['en']} per transfer"
    ko += f", {asked.who['ko']} 이체 한 건에 보통 {span['ko']} 이체합니다."
    yield _reason("outflow", asked, seen, usual, en, ko)


def _pace(asked: Asked) -> Iterator[Reason]:
    of, gap = asked.of, asked.of.get("gap_s", float("nan"))
    if gap < CLEARLY * of["gap_low_s"]:
        seen, low, high = (value(x, "seconds") for x in (gap, of["gap_low_s"], of["gap_high_s"]))
        en = f"{seen['en']} after the event before, usually {low['en']} to {high['en']} lie between"
        ko = f"직전 거래 {seen['ko']} 뒤의 거래로, 보통 {low['ko']}~{high['ko']} 간격입니다."
        yield _reason("gap", asked, seen, {k: f"{low[k]}-{high[k]}" for k in low}, en, ko)
    if of["last5_s"] < CLEARLY * of["tempo_low_s"]:
        seen, low, high = (value(x, "seconds") for x in (of["last5_s"], of["tempo_low_s"], of["tempo_high_s"]))
        en = f"five events within {seen['en']}, usually they take {low['en']} to {high['en']}"
        ko = f"{seen['ko']} 안에 거래 5건으로, 보통 5건에 {low['ko']}~{high['ko']} 걸립니다."
        yield _reason("tempo", asked, seen, {k: f"{low[k]}-{high[k]}" for k in low}, en, ko)


def _party(asked: Asked) -> Iterator[Reason]:
    if asked.bits("party") < 0.0:
        return
    transfer, known = asked.of["direction"] == TRANSFER, asked.of["party_known"] == 1.0
    what = {"en": "payee", "ko": "받는 계좌"} if transfer else {"en": "merchant", "ko": "가맹점"}
    state = (
        {"en": "rarely used", "ko": "거의 거래하지 않던"}
        if known
        else {"en": "new or long unused", "ko": "최근 거래한 적이 없는"}
    )
    seen = {k: f"{state[k]} {what[k]}" for k in what}
    en = f"a {what['en']} {'that is rarely used by' if known else 'new to or long unused by'} {asked.who['en']}"
    ko = f"{seen['ko']}입니다."
    yield _reason("party", asked, seen, {"en": f"{what['en']}s used before", "ko": "거래하던 상대"}, en, ko)


def _device(asked: Asked) -> Iterator[Reason]:
    if asked.bits("device") < 0.0:
        return
    age = asked.of["device_age_s"]
    usual, did = {"en": "devices used before", "ko": "쓰던 기기"}, asked.did
    if asked.of["device_known"] != 1.0:
        seen, en, ko = (
            {"en": "new device", "ko": "새 기기"},
            f"{did['en']} a device new to this customer",
            f"이 고객이 쓴 적이 없는 기기로 {did['ko']}.",
        )
    elif age < YOUNG_DEVICE_S:
        ago = value(age, "seconds")
        seen = {"en": f"first seen {ago['en']} ago", "ko": f"{ago['ko']} 전 처음 등장"}
        en, ko = f"{did['en']} a device first seen {ago['en']} ago", f"{ago['ko']} 전에 처음 쓴 기기로 {did['ko']}."
    else:
        seen = {"en": "rarely used device", "ko": "거의 쓰지 않던 기기"}
        en, ko = f"{did['en']} a device that this customer rarely uses", f"이 고객이 거의 쓰지 않던 기기로 {did['ko']}."
    yield _reason("device", asked, seen, usual, en, ko)


def _place(asked: Asked) -> Iterator[Reason]:
    if asked.bits("place") >= 0.0:
        known = asked.of["place_known"] == 1.0
        seen = {
            "en": "rarely visited area" if known else "new area",
            "ko": "거의 가지 않던 지역" if known else "처음 거래하는 지역",
        }
        en = f"an area {'rarely visited by' if known else 'new to or long unvisited by'} {asked.who['en']}"
        yield _reason(
            "place", asked, seen, {"en": "areas visited before", "ko": "다니던 지역"}, en, f"{seen['ko']}입니다."
        )
    speed = asked.of.get("km_per_hour", float("nan"))
    if asked.bits("travel") >= BITS_MIN and not isnan(speed):
        said = value(float(round(speed)), "km/h")
        usual = {"en": "below 500 km/h", "ko": "시속 500km 미만"}
        en = f"{said['en']} from the place before to this one, too fast for one person"
        yield _reason(
            "travel",
            asked,
            said,
            usual,
            en,
            f"직전 장소에서 {said['ko']}로 이동한 셈으로, 한 사람이 갈 수 없는 속도입니다.",
        )


def _category(asked: Asked) -> Iterator[Reason]:
    if not asked.category or asked.bits("category") < 0.0 or asked.of["direction"] == TRANSFER:
        return
    name = asked.category.replace("_", " ")
    seen = {"en": name, "ko": name}
    en = f"{asked.who['en']} rarely {_pays(asked.who)} at this kind of shop, {name}"
    ko = f"{asked.who['ko']} 이 업종({name})을 거의 이용하지 않습니다."
    yield _reason("category", asked, seen, {"en": "other kinds of shops", "ko": "다른 업종"}, en, ko)


def _link(asked: Asked) -> Iterator[Reason]:
    """A link to the odd event that this one follows; it stands last and counts little."""
    gap, heat = asked.of["odd_gap_s"], asked.of["surprise_heat"]
    if isnan(gap) or not heat >= HEAT_MIN:
        return
    at, ago = moment(asked.event.time_us - round(gap * 1e6), asked.timezone), value(gap, "seconds")
    what = _KINDS[int(asked.of["odd_kind"])]
    yield Reason(
        "behaviour.link", at["en"], "", 0.5,
        {
            "en": f"it follows, {ago['en']} later, an event at {at['en']} that was unusual for {what['en']}",
            "ko": f"{at['ko']}에 {with_particle(what['ko'], '이/가')} 드문 거래가 있은 지 {ago['ko']} 뒤입니다",
        },
    )  # fmt: skip


def _amount(asked: Asked) -> float:
    return asked.of["amount"]


def _money(x: float, asked: Asked, towards: Callable[[float], int] = round) -> Text:
    """An amount; the ends of a range are rounded inwards, so that what lies outside still does when it is said."""
    currency = asked.event.currency
    if x != asked.of["amount"]:
        unit = 10.0 ** max(len(str(int(max(x, 1.0)))) - 2, 0 if currency in WITHOUT_CENTS else -1)
        x = towards(x / unit) * unit
    return value(x, "money", currency)


def _hour(x: float) -> Text:
    return value(x % 24.0, "hour")


def _hour_of(asked: Asked) -> float:
    return asked.of["hour"]


def _is_inside(asked: Asked) -> bool:
    """Whether the hour lies in the range that is usual on such days."""
    of = asked.of
    return (_hour_of(asked) - of["hours_from"]) % 24.0 <= of["hours_to"] - of["hours_from"]


def _clock(asked: Asked) -> Text:
    return value(_hour_of(asked), "hour")


_FAMILIES: tuple[Callable[[Asked], Iterator[Reason]], ...] = (
    _hours,
    _amounts,
    _category,
    _pace,
    _party,
    _place,
    _device,
)
