"""A condition in plain words, English and Korean: a tree of lines, as deep as the condition itself.

"all of these: age is below 19; it is school time; amount is at least 3,000 won": whoever approves a rule reads what it
says, not how it is written. What has no words of its own is told by its name.
"""

from __future__ import annotations

from dataclasses import dataclass

from haechi.events.wording import money, value
from haechi.features.phrases import TABLE, entity_words, wording
from haechi.rules.parse import parse
from haechi.rules.tree import Binary, Call, Compare, In, Logic, Name, Node, Not, Number, Text

__all__ = ["Told", "told"]

Words = dict[str, str]
ALL: Words = {"en": "all of these", "ko": "다음을 모두 만족"}
ANY: Words = {"en": "at least one of these", "ko": "다음 중 하나 이상"}
NONE: Words = {"en": "not so", "ko": "다음이 아님"}
FIELDS: dict[str, Words] = {
    "amount": {"en": "amount", "ko": "금액"},
    "age": {"en": "age of the customer", "ko": "고객 나이"},
    "hour": {"en": "hour of the day", "ko": "시각(시)"},
    "minute": {"en": "minute", "ko": "분"},
    "weekday": {"en": "day of the week (0 is Monday)", "ko": "요일(0은 월요일)"},
    "day": {"en": "day of the month", "ko": "날짜(일)"},
    "month": {"en": "month", "ko": "월"},
    "kind": {"en": "kind of event", "ko": "거래 종류"},
    "currency": {"en": "currency", "ko": "통화"},
    "lat": {"en": "latitude", "ko": "위도"},
    "lon": {"en": "longitude", "ko": "경도"},
}
TRUTHS: dict[str, Words] = {
    "is_weekend": {"en": "it is a weekend", "ko": "주말"},
    "is_holiday": {"en": "it is a public holiday", "ko": "공휴일"},
    "is_school_time": {"en": "it is school time", "ko": "등교·수업 시간"},
}
# How a sign is said: of a value on its right, and of the same turned round.
SIGNS: dict[str, tuple[Words, Words]] = {
    "<": ({"en": "{a} is below {b}", "ko": "{a} {b} 미만"}, {"en": "{a} is above {b}", "ko": "{a} {b} 초과"}),
    "<=": ({"en": "{a} is at most {b}", "ko": "{a} {b} 이하"}, {"en": "{a} is at least {b}", "ko": "{a} {b} 이상"}),
    "==": ({"en": "{a} is {b}", "ko": "{a}: {b}"},) * 2,
    "!=": ({"en": "{a} is not {b}", "ko": "{a}: {b} 아님"},) * 2,
}
WINDOWS: dict[str, Words] = {
    "count": {"en": "events of this {e} within {w}", "ko": "{w} 동안 이 {e}의 거래 수"},
    "sum": {"en": "total of this {e} within {w}", "ko": "{w} 동안 이 {e}의 합계 금액"},
    "mean": {"en": "average amount of this {e} within {w}", "ko": "{w} 동안 이 {e}의 평균 금액"},
    "max": {"en": "largest amount of this {e} within {w}", "ko": "{w} 동안 이 {e}의 최대 금액"},
    "min": {"en": "smallest amount of this {e} within {w}", "ko": "{w} 동안 이 {e}의 최소 금액"},
    "distinct": {"en": "different {o} of this {e} within {w}", "ko": "{w} 동안 이 {e}의 서로 다른 {o} 수"},
}
PATTERNS: dict[str, Words] = {
    "starts": {"en": "{a} begins with {b}", "ko": "{a}: {b}(으)로 시작"},
    "ends": {"en": "{a} ends with {b}", "ko": "{a}: {b}(으)로 끝남"},
    "contains": {"en": "{a} contains {b}", "ko": "{a}: {b} 포함"},
    "matches": {"en": "{a} matches {b}", "ko": "{a}: {b} 형식"},
}
UNITS: dict[str, Words] = {
    "s": {"en": "s", "ko": "초"}, "m": {"en": "min", "ko": "분"}, "h": {"en": "h", "ko": "시간"},
    "d": {"en": "d", "ko": "일"}, "w": {"en": "weeks", "ko": "주"},
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """One line in both languages, and the lines below it."""

    text: Words
    parts: tuple[Told, ...] = ()


def told(condition: str) -> Told:
    """A condition in words; BadRule when it cannot be read."""
    return _clause(parse(condition))


def _clause(node: Node) -> Told:
    """Something that is so or not."""
    if isinstance(node, Logic):
        return Told(ALL if node.sign == "and" else ANY, tuple(_clause(part) for part in node.parts))
    if isinstance(node, Not):
        return _denied(node.part)
    if isinstance(node, Compare):
        return Told(_compared(node))
    if isinstance(node, In):
        items = [_value(item) for item in node.items]
        return Told({"en": f"{_value(node.part)['en']} is one of {', '.join(i['en'] for i in items)}",
                     "ko": f"{_value(node.part)['ko']}: {', '.join(i['ko'] for i in items)} 중 하나"})  # fmt: skip
    if isinstance(node, Name) and node.name in TRUTHS:
        return Told(TRUTHS[node.name])
    return Told(_called(node) if isinstance(node, Call) else _value(node))


def _denied(node: Node) -> Told:
    if isinstance(node, Call) and node.name == "seen_before" and node.arguments:
        other = _value(node.arguments[-1])
        return Told(_said({"en": "{o} was never dealt with before", "ko": "{o}: 처음 거래하는 상대"}, o=other))
    below = _clause(node)
    if below.parts:
        return Told(NONE, (below,))
    return Told(_said({"en": "not: {a}", "ko": "아님: {a}"}, a=below.text))


def _compared(node: Compare) -> Words:
    """What is asked stands first, what it is held against second."""
    turned = _plainness(node.right) < _plainness(node.left)
    first, second = (node.right, node.left) if turned else (node.left, node.right)
    return _said(SIGNS[node.sign][turned], a=_value(first), b=_value(second))


def _plainness(node: Node) -> int:
    """What is asked about is a name rather than a calculation, and a bare value last of all."""
    return 0 if isinstance(node, Name | Call) else 2 if isinstance(node, Number | Text) else 1


def _value(node: Node) -> Words:
    """Something that has a value."""
    if isinstance(node, Number):
        return _number(node)
    if isinstance(node, Text):
        return {"en": f"“{node.value}”", "ko": f"“{node.value}”"}
    if isinstance(node, Name):
        return _named(node.name)
    if isinstance(node, Call):
        return _called(node)
    if isinstance(node, Binary):
        a, b = _value(node.left), _value(node.right)
        sign = {"*": "×", "/": "÷", "-": "−"}.get(node.sign, node.sign)
        return {"en": f"({a['en']} {sign} {b['en']})", "ko": f"({a['ko']} {sign} {b['ko']})"}
    below = _clause(node)
    return {language: "; ".join([below.text[language], *(p.text[language] for p in below.parts)]) for language in
            ("en", "ko")}  # fmt: skip


def _number(node: Number) -> Words:
    if len(node.unit) == 3:
        return money(round(node.value), node.unit)
    if node.unit == "s":
        return value(node.value, "seconds")
    plain = f"{node.value:,.0f}" if node.value == int(node.value) else f"{node.value:,g}"
    return {"en": plain, "ko": plain}


def _named(name: str) -> Words:
    """A field or a feature: customer.device.new, device.count_1d."""
    if name in FIELDS or name in TRUTHS:
        return FIELDS.get(name) or TRUTHS[name]
    *entities, base = name.split(".")
    stem, _, window = base.rpartition("_")
    for known, span in ((base, ""), (stem, window)):
        if known in TABLE and entities:
            found = wording(known, entities[0], entities[1] if len(entities) > 1 else "", span)[1]
            return dict(found)
    return entity_words(name) if not entities else {"en": name, "ko": name}


def _called(node: Call) -> Words:
    name, arguments = node.name, node.arguments
    if name in PATTERNS and len(arguments) == 2:
        return _said(PATTERNS[name], a=_value(arguments[0]), b=_value(arguments[1]))
    if name in WINDOWS and arguments and isinstance(arguments[-1], Text):
        return _window(node)
    if name == "in_list" and len(arguments) == 2:
        entity = _value(arguments[1])
        return _said({"en": "{e} is on the list {l}", "ko": "{e}: 목록 {l}에 있음"}, e=entity, l=_value(arguments[0]))
    if name == "seen_before" and arguments:
        return _said({"en": "{o} was dealt with before", "ko": "{o}: 전에 거래한 적 있음"}, o=_value(arguments[-1]))
    if name == "usual" and arguments:
        own = {"en": "the customer", "ko": "고객"}
        whose = _value(arguments[0]) if len(arguments) == 2 else own
        return _said({"en": "usual amount of {e}", "ko": "{e}의 평소 금액"}, e=whose)
    if name == "known" and arguments:
        return _said({"en": "{a} is known", "ko": "{a} 값이 있음"}, a=_value(arguments[0]))
    if name == "surprise" and arguments:
        return _said({"en": "how unusual {a} is", "ko": "{a}의 이상 정도"}, a=_value(arguments[0]))
    inner = [_value(one) for one in arguments]
    return {language: f"{name}({', '.join(one[language] for one in inner)})" for language in ("en", "ko")}


def _window(node: Call) -> Words:
    """A count over time, with what it is narrowed by."""
    arguments = [one.name if isinstance(one, Name) else "" for one in node.arguments]
    last = node.arguments[-1]
    span = last.value if isinstance(last, Text) else ""
    unit = UNITS.get(span[-1:], {"en": "", "ko": ""})
    count = span[:-1] if span[-1:] in UNITS else span
    within = {"en": f"{count} {unit['en']}".strip(), "ko": f"{count}{unit['ko']}"}
    other = entity_words(arguments[1]) if node.name == "distinct" and len(arguments) > 1 else {"en": "", "ko": ""}
    found = _said(WINDOWS[node.name], e=entity_words(arguments[0]), w=within, o=other)
    for name, texts in node.where:
        field, values = _named(name), ", ".join(text.value for text in texts)
        found = {language: f"{found[language]} ({field[language]}: {values})" for language in ("en", "ko")}
    return found


def _said(words: Words, **given: Words) -> Words:
    return {
        language: text.format_map({name: one[language] for name, one in given.items()})
        for language, text in words.items()
    }
