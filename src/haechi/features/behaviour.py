"""Behaviour in a recipe and in the generated kernel: who plays which part, and the lines that call the blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from haechi.features import control as at
from haechi.features.blocks import surprise_layout as lay
from haechi.features.calendar import COUNTRIES
from haechi.features.errors import BadSpec
from haechi.features.spec import Behaviour, Spec

if TYPE_CHECKING:
    from haechi.features.generate import Plan

__all__ = ["EVERYBODY", "GROUPS_MAX", "PEERS", "choose", "say_behaviour", "say_peers", "say_verdict"]

PEERS, EVERYBODY = "behaviour.peers", "behaviour.everybody"
# More groups than this are judged as everybody: segments come from strangers, and a group is 24 KB.
GROUPS_MAX = 1_000
PAYEES = ("payee", "target", "beneficiary", "recipient")
DEVICES = ("device",)
NO_PARTY = {"card", "account", "device", "ip", "location", "home"}
CATEGORIES = ("merchant_category", "category", "mcc", "product")
PARTS = ("merchant", "payee", "device", "category", "calendar")


def choose(
    names: Sequence[str], categories: Sequence[str], timezone: str, wanted: Mapping[str, Any] | bool | None
) -> Behaviour | None:
    """Who plays which part, by name; `wanted` is what features.toml says: a table of parts, or true. Else nobody."""
    if wanted is None or wanted is False or not names:
        return None
    said = dict(wanted) if isinstance(wanted, Mapping) else {}
    strange = sorted(set(said) - set(PARTS))
    if strange:
        raise BadSpec(f"[behaviour] in features.toml does not know {strange[0]!r}; it knows {sorted(PARTS)}")
    others = list(names[1:])
    payee = next((n for n in others if n in PAYEES), "")
    found = {
        "merchant": next((n for n in others if n == "merchant" or n not in {payee, *NO_PARTY}), ""),
        "payee": payee,
        "device": next((n for n in others if n in DEVICES), ""),
        "category": next((n for n in CATEGORIES if n in categories), ""),
        "calendar": COUNTRIES.get(timezone, ""),
        **said,
    }
    for part, known in (("merchant", others), ("payee", others), ("device", others), ("category", categories)):
        if found[part] and found[part] not in known:
            raise BadSpec(f"[behaviour] {part} is {found[part]!r}, which is no such column; there are {sorted(known)}")
    return Behaviour(**found)


def say_peers(p: Plan) -> None:
    """Find the records of everybody and of the customer's peers before anything is learned."""
    subject = p.spec.subject
    assert subject is not None
    group = "k_peers" if any(e.role == "peers" for e in p.spec.entities) else "0"
    everybody, peers = p.layout.number(EVERYBODY), p.layout.number(PEERS)
    p.say(f"""b_every = locate(c, {everybody}, mix({_salt(everybody)}))
if b_every == 0:
    return False
b_all = locate(c, {peers}, mix({_salt(peers)}))
if b_all == 0:
    return False
b_peers = b_all
kb = {group}
if kb != 0:
    kb = mix(kb ^ {_salt(peers)})
    if peek(c, {peers}, kb) != 0 or load_i8(c + {8 * (at.SHELVES + peers * at.SHELF_WORDS + at.KNOWN)}) < {GROUPS_MAX}:
        b_peers = locate(c, {peers}, kb)
        if b_peers == 0:
            return False
b_every += {at.HEAD_BYTES}
b_all += {at.HEAD_BYTES}
b_peers += {at.HEAD_BYTES}""")


def say_behaviour(p: Plan) -> None:
    """Judge, emit and learn the subject's behaviour, after every entity has been looked at."""
    subject, part = p.spec.subject, p.spec.behaviour
    assert subject is not None
    assert part is not None
    n = subject.name
    names = [(b, f"behaviour.{b}", "") for b in (*lay.NAMES, *lay.NAMES_USUAL)]
    o = p.emit(names, entity=n)
    popular = "0.0"
    if part.merchant:
        popular = f"np.float64(load_i8(r_{part.merchant} + {at.HEAD_COUNT})) if r_{part.merchant} != 0 else 0.0"
    speed = "-1.0"
    if subject.place and p.spec.has_place:
        speed = f"np.float64(load_f4(out + {4 * [f.name for f in p.features].index(f'{n}.km_per_hour')}))"
    p.say(f"receipt = 0\nif r_{n} != 0:")
    p.say(_category(p), 2)
    p.say(
        f"""receipt = behaviour(
    r_{n} + {p.layout.shelf(n).blocks["behaviour"]}, b_peers, b_all, b_every, sums + {lay.WORK_AT}, {p.spec.scale!r},
    out + {o}, t, local, {p.spec.day_us}, load_i8(row + {_class_at(p.spec)}), {_age(p)}, {_risk(p.spec)}, {_is_new(p)},
    x if money else 0.0, kind, {_key(part.merchant)}, {_key(part.payee)}, {_met(p)}, {popular}, {_place(p.spec)},
    {_key(part.device)}, {speed}, k_{n},
)""",
        2,
    )


def say_verdict(p: Plan) -> None:
    """Settle what was learned of an event when its verdict is known."""
    subject, part = p.spec.subject, p.spec.behaviour
    assert subject is not None
    assert part is not None
    number = p.layout.number(subject.name)
    keyed = {e.name: i for i, e in enumerate(p.spec.keyed)}
    # In this order: the text is hashed, and a set would order it anew in each process.
    for name in dict.fromkeys(n for n in (subject.name, part.merchant, part.payee, part.device) if n):
        salt = _salt(p.layout.number(name))
        p.say(f"k_{name} = load_i8(row + {8 * (_HEAD + keyed[name])})")
        p.say(f"k_{name} = mix(k_{name} + {salt}) if k_{name} != 0 else 0")
    p.say(f"if k_{subject.name} != 0:")
    p.say(f"r = locate(c, {number}, k_{subject.name})\nif r == 0:\n    return False", 2)
    if part.category:
        i = [c.name for c in p.spec.categories].index(part.category)
        values = p.layout.number("values")
        p.say(f"rc_{i} = 0\nkey = load_i8(row + {8 * (_HEAD + len(keyed) + i)})", 2)
        p.say(f"if key != 0:\n    rc_{i} = locate(c, {values}, mix(key + {_salt(values + 1 + i)}))", 2)
        p.say(f"    if rc_{i} == 0:\n        return False", 2)
    p.say(_category(p), 2)
    p.say(
        f"""amount, offset = load_i8(row + 8), load_i8(row + 16)
receipt = behaviour_label(
    r + {p.layout.shelf(subject.name).blocks["behaviour"]}, load_i8(c + 40) + {lay.WORK_AT}, said,
    as_bits(unexplained), t, t + offset, {p.spec.day_us},
    day_class(load_i8(row + {_class_at(p.spec)}), {_age(p, label=True)}),
    np.float64(amount) if amount != NO_AMOUNT else 0.0, kind, {_key(part.merchant)}, {_key(part.payee)},
    {_place(p.spec, label=True)}, {_key(part.device)}, k_{subject.name},
)
if said == {at.HELD}:
    store_f8(c + 48, with_receipt(unexplained, receipt))""",
        2,
    )


_HEAD = 3  # time, amount and offset come before the keys in a row


def _salt(number: int) -> int:
    from haechi.features.generate import salt

    return salt(number)


def _class_at(spec: Spec) -> int:
    return 8 * (_HEAD + len(spec.keyed) + len(spec.categories) + len(spec.attributes))


def _key(name: str) -> str:
    return f"k_{name}" if name else "0"


def _category(p: Plan) -> str:
    part = p.spec.behaviour
    assert part is not None
    if not part.category:
        return "kind = 0"
    i = [c.name for c in p.spec.categories].index(part.category)
    return f"kind = np.int64(load_u4(rc_{i} + {at.HEAD_CODE})) if rc_{i} != 0 else 0"


def _age(p: Plan, *, label: bool = False) -> str:
    if "birth_date" not in p.spec.attributes:
        return "np.nan"
    assert p.spec.subject is not None
    birth = p.layout.shelf(p.spec.subject.name).blocks["attribute:birth_date"]
    return f"age_years(load_i8(r + {birth}), t, offset)" if label else "age"


def _risk(spec: Spec) -> str:
    """How risky a call or message was rated, where the events say so in a number called `risk`."""
    return f"load_f8(load_i8(c + 8) + {8 * (2 + spec.numbers.index('risk'))})" if "risk" in spec.numbers else "np.nan"


def _is_new(p: Plan) -> str:
    """Whether the other account is new to the subject, where the recipe asks."""
    assert p.spec.behaviour is not None
    found = _newness(p, p.spec.behaviour.payee)
    return f"{found} == 1.0" if found else "False"


def _met(p: Plan) -> str:
    """Whether the shop is new to the subject (1 or 0; -1 without one), where the recipe asks."""
    assert p.spec.behaviour is not None
    merchant = p.spec.behaviour.merchant
    found = _newness(p, merchant)
    return f"np.int64({found}) if k_{merchant} != 0 else -1" if found else "-1"


def _newness(p: Plan, entity: str) -> str:
    """Where it stands whether this entity is new to the subject; '' where the recipe does not ask."""
    assert p.spec.subject is not None
    names, wanted = [f.name for f in p.features], f"{p.spec.subject.name}.{entity}.new"
    return f"load_f4(out + {4 * names.index(wanted)})" if entity and wanted in names else ""


def _place(spec: Spec, *, label: bool = False) -> str:
    if not spec.has_place:
        return "0"
    return "place_key(load_f8(load_i8(c + 8)), load_f8(load_i8(c + 8) + 8))" if not label else "0"
