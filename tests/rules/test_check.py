"""What is accepted, what is refused, and where the pointer stands."""

from __future__ import annotations

import pytest

from haechi.events import Schema
from haechi.features import Window, default_spec
from haechi.rules import BadRule
from haechi.rules.check import check
from haechi.rules.names import Names
from haechi.rules.parse import parse
from haechi.rules.tree import Name

from .making import DAY_US, bank, names

ACCEPTED = (
    "amount >= 7_000 won",
    "amount > 12.50 EUR",
    "amount > 3 * usual(amount)",
    "amount > usual(card, amount)",
    "age < 19 and is_school_time",
    "customer.device.new",
    "not seen_before(payee)",
    "seen_before(customer, device)",
    'in_list("watch", payee)',
    'channel in ("app", "web")',
    'channel == "app"',
    '"app" != channel',
    'kind not in ("login",)',
    'segment == "vip"',
    'segment in ("vip", "vip")',
    "hour in (1, 2)",
    "hour in (1,)",
    "payee.age_s < 3 days",
    "customer.gap_s >= 90 seconds",
    "customer.payee.gap_days > 2 weeks",
    'count(customer, "1h") >= 3',
    'count(customer, "1h", kind="login", result=("a", "b")) > 1',
    'sum(card, amount, "1d") > 1_000_000 won',
    'mean(customer, amount, "7d") * 2 < amount',
    'max(card, amount, "1h") < 2_000 won',
    'min(card, amount, "1h", kind="payment") == amount',
    'distinct(customer, payee, "7d") > 5',
    'distinct(ip, channel, "1d") > 2',
    'matches(device, "^[a-z]+$")',
    'starts(device, "a") or ends(device, "b") or contains(payee, "c")',
    'surprise("amount") > 3',
    "known(risk) and not known(lat)",
    "abs(lat - 37.5) < 0.5",
    "max(risk, 0.5, duration_s) > 1",
    "max(amount, 5_000 won) > usual(amount)",
    "amount / usual(amount) > 3",
    "amount % 10_000 won == 0 won",
    "1 < hour < 5",
    "-1 < risk",
    "risk > -0.5",
    "- risk < 3",
    "+3 < hour",
    "(hour > 3)",
    "hour\n>\t3",
    "amount > 5 원",
    "customer.gap_s > 3 시간",
    "is_weekend or is_holiday",
    "risk != 3",
    "lat + lon > 3",
    "2 * amount > amount + 5 won",
    "customer.gap_s / 2 > 3 minutes",
    'currency == "EUR"',
    "payee != account and channel == kind",
    "amount > 3 EUR and hour > 3",
    'sum(customer, amount, "1d") + amount > 3 EUR',
)


@pytest.mark.parametrize("text", ACCEPTED)
def test_what_makes_sense_is_accepted_without_a_warning(text: str) -> None:
    assert check(text, names()).warnings == ()


REFUSED = (
    # the condition, what is pointed at, what is said
    ("", "", "the condition is empty"),
    ("amout > 3", "amout", "nothing is called 'amout' here; did you mean amount"),
    ("zzzz > 3", "zzzz", "nothing is called 'zzzz' here"),
    ("count > 3", "count", "a function needs brackets"),
    ("cuont(customer, '1h') > 3", "cuont(customer, '1h')", "no function 'cuont'; did you mean count"),
    ("hour > 3 and amount > 5000", "amount > 5000", "write the unit of the amount, like 5_000 won"),
    ("customer.gap_s > 5", "customer.gap_s > 5", "write the unit of the time, like 3 days"),
    ("amount > 3 days", "amount > 3 days", "an amount of money and a span of time do not go together"),
    ("amount", "amount", "yes or no is needed here; compare it with something"),
    ("hour and risk > 3", "hour", "this is a number"),
    ("is_holiday > 3", "is_holiday", "this is yes or no; a number or an amount"),
    ("hour > 3 and kind > 'a'", "kind > 'a'", "texts are compared with == and != only"),
    ("amount == 'a'", "'a'", "this is a text, and what it is compared with is an amount of money"),
    ("weekday == 'monday'", "'monday'", "what it is compared with is a number; Monday is 0, Sunday is 6"),
    ("kind == kind", "kind == kind", "compares a text with itself"),
    ("kind < payee", "kind < payee", "with == and != only"),
    ("segment != kind", "segment != kind", "texts of the event itself"),
    ("kind == hour", "kind", "this is a text"),
    ("'a' == 'b'", "'b'", "a text stands behind =="),
    ("kind in ('a', 3)", "3", "a text stands here in quotes"),
    ("hour in (1, 'a')", "'a'", "what it is compared with is a number"),
    ("weekday in ('monday')", "'monday'", "for one value write =="),
    ("hour in 3", "3", "for one value write =="),
    ("hour in kind", "kind", "behind `in` stand the values in brackets"),
    ("hour in (1, risk)", "risk", "numbers or texts only"),
    ("1 < hour in (1, 2)", "1 < hour in (1, 2)", "`in` stands alone"),
    ("hour = 3", "=", "for equal write =="),
    ("(hour = 3)", "hour", "for equal write =="),
    ("hour >", "", "a word or a sign is missing"),
    ("hour > 3 3", "3 3", "a word or a sign is missing"),
    ("(hour > 3", "(", "was never closed"),
    ("hour is 3", "hour is 3", "write =="),
    ("hour == None", "None", "write known(...)"),
    ("hour == True", "True", "write the condition itself"),
    ("hour > .5", ".1", "numbers begin with a digit"),
    ("hour > 1__0", "1__0", "numbers have at most"),
    ("hour > 2_000_000_000_000_000", "2_000_000_000_000_000", "numbers end at"),
    ("amount > 5 wonn", "wonn", "did you mean won?"),
    ("amount > 5 zzzzzz", "zzzzzz", "units are won"),
    ("amount > 0.5 won", "0.5 won", "KRW has 0 decimals; this amount has 1"),
    ("amount > 5.000 won", "5.000 won", "thousands are written with an underscore, like 5_000 won"),
    ("amount > 5.000 원", "5.000 원", "like 5_000 원"),
    ("amount > 5.000 EUR", "5.000 EUR", "EUR has 2 decimals; this amount has 3"),
    ("amount > 999_999_999_999_999 EUR", "999_999_999_999_999 EUR", "this amount of EUR is too large or too fine"),
    ("amount > 5_000 KWR", "KWR", "did you mean KRW?"),
    ("amount > 5_000 KRV", "KRV", "did you mean KRW?"),
    ("amount > 5_000 URE", "URE", "did you mean EUR?"),
    ("amount > 5_000 USX", "USX", "did you mean USD?"),
    ("age < 18 years", "years", "like age < 18"),
    ("age < 18 AND is_holiday", "AND", "write `and` in small letters"),
    ("is_holiday AND is_weekend", "AND", "write `and` in small letters"),
    ("NOT is_holiday", "NOT", "write `not` in small letters"),
    ("amount > 5,000 won", ",", "a comma stands between the values behind `in`"),
    ("hour > 3 and (amount > 5 , 000 won)", ",", "thousands are written with an underscore"),
    ("() and hour > 3", "()", "conditions know and, or"),
    ("amount > ₩5000", "₩", "like 5_000 won"),
    ("amount > 50€", "€", "like 50 EUR"),
    ("hour & 3", "&", "write `and`"),
    ("hour > 3 # late", "#", "conditions hold no comments"),
    ("hour > 3 …", "…", "has no meaning in a condition"),
    ("hour > 3\x07", "\x07", "'U+0007' has no meaning"),
    ("kind == 'a\u202e'", "\u202e", "an invisible character (U+202E)"),
    ("kind == 'a", "'a", "never closed"),
    ("kind == f'a'", "f", "a letter in front of a text"),
    ("kind == 'a' 'b'", "'a' 'b'", "one pair of quotes each"),
    ("__import__('os')", "__import__", "names do not begin with an underscore"),
    ("hour ** 2 > 3", "hour ** 2", "multiply instead"),
    ("hour // 2 > 3", "hour // 2", "write / and compare"),
    ("hour if hour else hour", "hour if hour else hour", "join the cases with and, or"),
    ("hour[0] > 3", "hour[0]", "there is nothing to index"),
    ("(hour).x > 3", "(hour).x", "nothing is called"),
    ("(1).real > 3", "(1).real", "dots stand inside names only"),
    ("customer.count(3) > 3", "customer.count(3)", "only the functions of the language"),
    ("+hour > 3", "+hour", "a plus sign in front of a value"),
    ("amount * amount > 3 won", "amount * amount", "cannot be multiplied by an amount of money"),
    ("3 / amount > 3", "3 / amount", "cannot be divided by an amount of money"),
    ("max(3 EUR, 3 won) > 3 won", "max(3 EUR, 3 won)", "these amounts are in EUR and in KRW"),
    ("hour >= 0", "hour >= 0", "always true"),
    ("hour > 23", "hour > 23", "never true"),
    ("count(customer) > 3", "count(customer)", 'write count(customer, "1d")'),
    ("sum(customer, '1d') > 3 won", "sum(customer, '1d')", 'write sum(customer, amount, "1d")'),
    ("distinct(customer, '1d') > 3", "distinct(customer, '1d')", 'write distinct(customer, payee, "1d")'),
    ("sum(customer, hour, '1d') > 3 won", "hour", "write amount here"),
    ("count(custommer, '1d') > 3", "custommer", "did you mean customer"),
    ("count(zzz, '1d') > 3", "zzz", "entities are customer, account"),
    ("count('customer', '1d') > 3", "'customer'", "the name of an entity"),
    ("count(customer, 3) > 3", "3", "stands here in quotes"),
    ("count(customer, 'soon') > 3", "'soon'", "'soon' is no span of time"),
    ("count(customer, '401d') > 3", "'401d'", "at least 1s and at most 400d"),
    ("count(customer, '1d', amount='x') > 3", "count(customer, '1d', amount='x')", "cannot be narrowed by 'amount'"),
    ("count(customer, '1d', zzz='x') > 3", "count(customer, '1d', zzz='x')", "there are kind, merchant_category"),
    ("count(customer, '1d', kind=3) > 3", "3", "kind takes a text or several"),
    ("count(customer, '1d', **kind) > 3", "count(customer, '1d', **kind)", "as kind=..."),
    ("distinct(customer, customer, '1d') > 3", "customer", "another entity or of a category"),
    ("distinct(customer, 3, '1d') > 3", "3", "another entity or of a category"),
    ("max(hour) > 3", "max(hour)", "max takes 2 to 20 values"),
    ("max(hour, 3, kind='a') > 3", "max(hour, 3, kind='a')", ""),
    ("abs() > 3", "abs()", "abs takes 1 value and nothing named"),
    ("abs(kind) > 3", "kind", "this is a text"),
    ("usual(hour) > 3 won", "hour", "only amounts have a usual value"),
    ("usual(ip, amount) > 3 won", "usual(ip, amount)", "features.toml can add ip.median50"),
    ("seen_before(ip, payee)", "seen_before(ip, payee)", "does not keep whom ip meets as payee"),
    ("surprise('zzz') > 3", "surprise('zzz')", "nothing is called 'zzz'"),
    ("in_list('wacht', payee)", "'wacht'", "did you mean watch?"),
    ("in_list('zzz', payee)", "'zzz'", "there are empty, watch; `haechi lists add zzz ...` makes one"),
    ("starts(segment, 'a')", "segment", "attributes are compared with == and in only"),
    ("starts(kind, '')", "''", "write 1 to 200 characters"),
    ("matches(kind, '(')", "'('", "no regular expression of RE2"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "place", "told"), REFUSED)
def test_what_makes_no_sense_is_refused_with_a_pointer_at_the_place(text: str, place: str, told: str) -> None:
    with pytest.raises(BadRule) as caught:
        check(text, names())
    error = caught.value
    assert told in str(error)
    if place and place != ".1":
        assert text[error.position :].startswith(place[:1])
        assert text[error.position : error.position + error.length] == place or error.length == 1


def test_a_list_that_waits_for_others_is_named_so() -> None:
    here = names()
    here.coming = {"zzz": 7}
    with pytest.raises(BadRule, match="list 'zzz' is not in force yet; change 7, which makes it, waits for others"):
        check("in_list('zzz', payee)", here)


def test_what_was_once_kept_means_what_it_meant_then() -> None:
    kept = check("amount > 5.000 won", names(), strict=False)
    assert kept.expression == check("amount > 5 won", names()).expression
    with pytest.raises(BadRule, match="too fine"):
        check("amount > 0.5 won", names(), strict=False)


def test_the_pointer_stands_under_the_place_in_its_line() -> None:
    with pytest.raises(BadRule) as caught:
        check("hour > 3\nand amout > 3 won", names())
    assert (caught.value.line, caught.value.column) == (2, 5)
    assert caught.value.pointer() == "and amout > 3 won\n    ^^^^^"
    assert BadRule("nothing").pointer() == "\n^"
    with pytest.raises(BadRule) as caught:
        check("\n  hour > 3 and\n  amout > 3 won", names())
    assert (caught.value.line, caught.value.column, caught.value.pointer()) == (3, 3, "  amout > 3 won\n  ^^^^^")
    with pytest.raises(BadRule) as caught:
        check("  hour => 3", names())
    assert caught.value.column == 8


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("not " * 60 + "is_holiday", "inside each other"),
        ("(" * 31 + "hour", "more than 30 brackets"),
        (" or ".join("hour > 3" for _ in range(200)), "more than 500 parts"),
        ("hour in (" + ", ".join("3" for _ in range(201)) + ")", "keep them in a list"),
        ("x" * 4_001, "the limit is 4,000"),
        (" and ".join(f'count(customer, "{n}m") > 3' for n in range(1, 22)), "more than 20 different windows"),
        ("-" * 3_900 + "1", "inside each other"),
    ],
)
def test_there_is_a_limit_on_everything(text: str, told: str) -> None:
    with pytest.raises(BadRule, match=told):
        check(text, names())


def test_a_part_that_decides_nothing_is_a_warning() -> None:
    found = check("amount > 5 won and (hour > 30 or hour < 5)", names())
    (warning,) = found.warnings
    assert warning.message == "this part is never true"
    assert found.text[warning.position : warning.position + warning.length] == "hour > 30"
    assert (
        check("hour > 3 and not (risk == 1 and risk == 2)", names()).warnings[0].message == "this part is always true"
    )


def test_a_condition_says_which_windows_it_needs() -> None:
    text = (
        'count(customer, "24h") > 3 and sum(card, amount, "1d", kind="payment") > 3 won and count(customer, "1d") < 9'
    )
    assert check(text, names()).windows == (
        Window("count", "customer", "", DAY_US),
        Window("sum", "card", "amount", DAY_US, (("kind", ("payment",)),)),
    )


def test_characters_are_counted_not_bytes() -> None:
    tree = parse("known(금액) and 시간표 > 3")
    assert isinstance(tree.parts[1].right, Name)  # type: ignore[attr-defined]
    with pytest.raises(BadRule) as caught:
        check("hour > 3 or 금액 > 3 won", names())
    assert caught.value.position == len("hour > 3 or ")
    assert caught.value.length == 2


def small(**more: object) -> Names:
    """A source with one currency, and one without clock, attributes and amounts."""
    document = {
        "name": "s", "kind": "payment", "time": {"column": "t", "unit": "s"}, "id": {"column": "id"},
        "entities": {"card": {"column": "card"}}, "amount": {"column": "a", "currency": "EUR"}, **more,
    }  # fmt: skip
    schema = Schema.parse({k: v for k, v in document.items() if v is not None})
    return Names.of(schema, default_spec(schema))


def test_a_home_with_one_currency_refuses_others() -> None:
    assert check("amount > 5 EUR", small()).inputs == check("amount > 9 EUR", small()).inputs
    with pytest.raises(BadRule, match="these amounts are in EUR and in KRW"):
        check("amount > 5 won", small())
    assert check('in_list("any", card)', small()).inputs[0].text == "any"


def test_a_source_without_clock_counts_running_numbers() -> None:
    order = small(time={"column": "t", "unit": "order"})
    assert check('count(card, "1000") > 3', order).windows == (Window("count", "card", "", 1_000_000_000),)
    for wrong in ('"1h"', '"0"', '"99999999"'):
        with pytest.raises(BadRule, match="times are running numbers here"):
            check(f"count(card, {wrong}) > 3", order)
    with pytest.raises(BadRule, match="nothing is called 'hour'"):
        check("hour > 3", order)


def test_a_source_without_amounts_and_entities_has_few_names() -> None:
    bare = small(amount=None, entities=None, numbers={"columns": ["x"]})
    assert check("x > 3", bare).windows == ()
    for text in ("amount > 3 won", "usual(amount) > 3 won", "seen_before(card)", 'count(card, "1d") > 3', "age > 3"):
        with pytest.raises(BadRule):
            check(text, bare)


def test_every_feature_that_a_person_can_read_has_a_name() -> None:
    _, spec = bank()
    unnamed = {f.unit for f in spec.features if f.name not in names().symbols}
    assert unnamed == {"hour", "weekday", "code"} - {"hour", "weekday"} or unnamed <= {"hour", "weekday", "code"}


def test_surprise_is_the_memorys_where_it_keeps_behaviour() -> None:
    schema = Schema.read("bank")
    kept = Names.of(schema, default_spec(schema, overrides={"behaviour": True}))
    for field, feature in (("amount", "amount"), ("payee", "party"), ("device", "device"), ("lat", "place")):
        (read,) = check(f'surprise("{field}") > 7', kept).inputs
        assert (read.source, read.name) == ("feature", f"behaviour.surprise_{feature}")
    (unknown,) = check('surprise("amount") > 7', names()).inputs
    assert unknown.source == "surprise", "undecided, and no error, where nobody keeps it"
