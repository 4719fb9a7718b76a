"""Money as whole minor units: 12.34 EUR is 1234, 7000 KRW is 7000, 1.234 KWD is 1234.

The number of decimals of a currency follows ISO 4217 (list one, "minor unit"). Sums are exact: text and floats go
through their shortest decimal form, so 0.29 EUR is 29 and never 28. Fractions finer than the minor unit are rounded
half to even. Negative amounts and amounts beyond 10^15 minor units are rejected: a refund is a kind, not a sign.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Any

from haechi.events.errors import BadRow, BadSchema, nearest, shown
from haechi.events.values import FIELD_CHARS_MAX, NO_NUMBER, not_a_number, too_long

MINOR_UNITS_MAX = 10**15
AMOUNT_CHARS_MAX = 64
_EXACT = Context(prec=400, rounding=ROUND_HALF_EVEN)
_ROUGHLY_ABSURD = 25

# ISO 4217 currencies in circulation that do not have two decimals, then those that do.
_ODD = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_TWO = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF "
    "CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD "
    "HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT "
    "MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR "
    "SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU "
    "UZS VED VES WST XCD XCG YER ZAR ZMW ZWG "
)
EXPONENTS: dict[str, int] = dict.fromkeys(_TWO.split(), 2) | {c: n for n, codes in _ODD.items() for c in codes.split()}


def exponent(currency: str) -> int:
    """How many decimals a currency has."""
    try:
        return EXPONENTS[currency]
    except KeyError:
        close = nearest(currency, sorted(EXPONENTS))
        hint = f"; did you mean {close}?" if close else ""
        raise BadSchema(f"{currency!r} is no ISO 4217 currency{hint} (three capital letters such as KRW)") from None


def minor_units(value: Any, decimals: int, column: str = "amount", *, absolute: bool = False) -> int | None:
    """An amount in major units as whole minor units, exact; None when it is missing."""
    if type(value) is int:
        units = value * 10**decimals
    elif type(value) is float:
        found = _float_units(value, decimals, column)
        if found is None:
            return None
        units = found
    else:
        exact = decimal(value, column)
        if exact is None:
            return None
        units = _rounded(exact, decimals, column)
    return _sound(units, value, column, absolute)


def is_finer(value: Any, decimals: int, column: str = "amount") -> bool:
    """Whether an amount had to be rounded to the minor unit."""
    exact = decimal(value, column)
    if exact is None:
        return False
    scaled = _EXACT.scaleb(exact, decimals)
    return bool(scaled != scaled.to_integral_value(context=_EXACT))


def decimal(value: Any, column: str) -> Decimal | None:
    """A value as the finite decimal a person would read in it, None when it is missing."""
    if value is None:
        return None
    if isinstance(value, str):
        if len(value) > FIELD_CHARS_MAX:
            raise too_long(value, column)
        if value in NO_NUMBER:
            return None
        if len(value) > AMOUNT_CHARS_MAX or "_" in value:
            raise not_a_number(value, column)
    elif isinstance(value, float):
        value = repr(float(value))
    elif isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise not_a_number(value, column)
    try:
        exact = Decimal(value)
    except InvalidOperation as error:
        raise not_a_number(value, column) from error
    if exact.is_nan():
        return None
    if exact.is_infinite():
        raise BadRow("infinite", f"{column} is infinite; send the real amount")
    return exact


def _float_units(value: float, decimals: int, column: str) -> int | None:
    # When k / 10^d is the float itself and k has at most 15 digits, k / 10^d is its shortest decimal form: exact.
    scale = 10.0**decimals
    scaled = value * scale
    if -1e15 < scaled < 1e15:
        units = round(scaled)
        if units / scale == value:
            return units
    exact = decimal(value, column)
    return None if exact is None else _rounded(exact, decimals, column)


def _rounded(exact: Decimal, decimals: int, column: str) -> int:
    if exact and exact.adjusted() > _ROUGHLY_ABSURD:
        raise _absurd(exact, column)
    if exact and exact.adjusted() < -_ROUGHLY_ABSURD:
        return 0
    return int(_EXACT.scaleb(exact, decimals).to_integral_value(context=_EXACT))


def _sound(units: int, value: Any, column: str, absolute: bool) -> int:
    if units < 0:
        if not absolute:
            raise BadRow(
                "negative_amount", f"{column} is negative: {shown(value)}; send refunds as a kind of their own"
            )
        units = -units
    if units > MINOR_UNITS_MAX:
        raise _absurd(value, column)
    return units


def _absurd(value: Any, column: str) -> BadRow:
    return BadRow("absurd_amount", f"{column} is beyond 10^15 minor units: {shown(value)}; check its currency")
