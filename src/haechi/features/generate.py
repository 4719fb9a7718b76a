"""From a spec to the kernel: one generated file that calls the blocks in order, with every offset written out.

Generating the source and listing the features happen in one pass, so a feature's place in the row cannot drift from its
name. The text is hashed together with the blocks it calls; equal hash means equal bits.
"""

from __future__ import annotations

import fnmatch
import hashlib
import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from haechi.features import control as at
from haechi.features.behaviour import say_behaviour, say_peers, say_verdict
from haechi.features.blocks import crowd, head, moments, pairs, panes, profile, rank, rates, ring, verdicts
from haechi.features.errors import BadSpec
from haechi.features.layout import Layout, Shelf, lay_out
from haechi.features.phrases import wording
from haechi.features.spec import Entity, Feature, Spec

__all__ = ["Plan", "plan"]

FEATURES_MAX = 4096
ROW_HEAD = 3  # time, amount, local offset; then entity keys, category keys, attributes
PLACE = 2  # latitude and longitude come before the numbers
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}\Z")
_TEMPLATE = Path(__file__).with_name("kernel_template.txt")


@dataclass
class Plan:
    """A spec worked out: features in order, the layout of its records, the source of its kernel."""

    spec: Spec
    layout: Layout
    features: list[Feature] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    source: str = ""
    kernel: str = ""  # hash of the source and of all it calls: equal means equal bits
    width: int = 0  # float32 numbers that the kernel writes
    kept: tuple[int, ...] | None = None  # those that are handed on, when some are removed

    def say(self, text: str, indent: int = 1) -> None:
        """Add lines of source."""
        self.lines += ["    " * indent + line for line in text.splitlines()]

    def emit(self, names: list[tuple[str, str, str]], *, entity: str = "", other: str = "") -> int:
        """Declare features (base, full name, window) in order; returns the byte offset of the first in the row."""
        offset = 4 * len(self.features)
        seconds = dict(self.spec.windows)
        for base, name, window in names:
            words, phrase = wording(base, entity, other, window)
            span = seconds[window] // 1_000_000 if window else None
            # How busy the peers are describes the day, not this event: nobody is suspicious for that.
            context = entity == "peers" and words.family in ("count", "agg")
            role = "level" if context else words.role
            self.features.append(Feature(name, words.family, words.unit, entity, span, role, phrase))
        return offset


def plan(spec: Spec) -> Plan:
    """Work a spec out; BadSpec says in one line what is wrong with it."""
    _check(spec)
    p = Plan(spec, lay_out(spec))
    _say_records(p)
    _say_attributes(p)
    if spec.behaviour:
        say_peers(p)
    _say_raw(p)
    for entity in spec.entities:
        _say_entity(p, entity)
    _say_categories(p)
    if spec.behaviour:
        say_behaviour(p)
    body, p.lines = "\n".join(p.lines), []
    _say_verdicts(p)
    if spec.behaviour:
        say_verdict(p)
    if len(p.features) > FEATURES_MAX:
        raise BadSpec(f"{len(p.features)} features, the limit is {FEATURES_MAX}: name fewer columns or windows")
    text = _TEMPLATE.read_text(encoding="utf-8")
    for mark, value in {
        "FEATURES": str(len(p.features)),
        "DAY_US": str(spec.day_us),
        "HAS_AMOUNT": str(spec.has_amount),
        "BODY": body,
        "LABELS": "\n".join(p.lines),
        "WINDOWS": str(len(spec.windows)),
        "RECEIPT": str(spec.behaviour is not None),
        "FETCH_ENTRIES": "\n".join(_fetch_entries(p)),
        "FETCH_RECORDS": "\n".join(_fetch_records(p)),
    }.items():
        text = text.replace(f"<{mark}>", value)
    p.source, p.width = text, len(p.features)
    _remove(p)
    p.kernel = _digest(text + _blocks_text())
    p.spec = replace(spec, features=tuple(p.features), hash=_digest(p.kernel + repr(p.kept)) if p.kept else p.kernel)
    return p


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _remove(p: Plan) -> None:
    """Leave out what the spec removes: the kernel still computes it, nobody sees it."""
    if not p.spec.remove:
        return
    names = [f.name for f in p.features]
    idle = [pattern for pattern in p.spec.remove if not fnmatch.filter(names, pattern)]
    if idle:
        raise BadSpec(f"remove names {idle[0]!r}, but no feature is called so")
    p.kept = tuple(i for i, n in enumerate(names) if not any(fnmatch.fnmatchcase(n, r) for r in p.spec.remove))
    if not p.kept:
        raise BadSpec("remove leaves no feature at all")
    p.features = [p.features[i] for i in p.kept]


def _check(spec: Spec) -> None:
    names = [*(e.name for e in spec.entities), *(c.name for c in spec.categories)]
    bad = [n for n in (e.name for e in spec.entities) if not _NAME.match(n)]
    if bad:
        raise BadSpec(f"entity name {bad[0]!r} must be letters, digits and underscores")
    if len(set(names)) < len(names):
        raise BadSpec("entities and categories need different names")
    if len(spec.windows) < 3 or len(spec.windows) > 8:
        raise BadSpec(f"{len(spec.windows)} windows; give 3 to 8")
    lengths = [us for _, us in spec.windows]
    if lengths != sorted(set(lengths)) or lengths[0] < 12_000_000:
        raise BadSpec("windows must grow, the narrowest at least 12 s")
    if any(e.hot_max < 64 for e in spec.entities) or spec.values_hot_max < 64:
        raise BadSpec("every shelf needs room for at least 64 hot records")


def _keys(spec: Spec) -> int:
    return len(spec.keyed) + len(spec.categories)


def _blocks_text() -> str:
    here = Path(__file__).parent
    files = [
        *sorted((here / "blocks").glob("*.py")),
        *(here / f"{n}.py" for n in ("control", "index", "shelf", "words")),
    ]
    return "".join(f.read_text(encoding="utf-8") for f in files)


def _say_records(p: Plan) -> None:
    """Find or create every record before anything is learned, so that a full memory refuses the whole event."""
    for i, entity in enumerate(p.spec.keyed):
        shelf = p.layout.number(entity.name)
        p.say(f"k_{entity.name} = load_i8(row + {8 * (ROW_HEAD + i)})\nr_{entity.name} = 0\nv_{entity.name} = 0")
        p.say(f"if k_{entity.name} != 0:\n    k_{entity.name} = mix(k_{entity.name} + {salt(shelf)})")
        p.say(f"    r_{entity.name} = locate(c, {shelf}, k_{entity.name})")
        p.say(f"    if r_{entity.name} == 0:\n        return False")
        if entity.ring:
            _say_panes(p, entity)
    if p.spec.categories or (p.spec.attributes and p.spec.subject):
        shelf = p.layout.number("values")
        for i, _category in enumerate(p.spec.categories):
            place = 8 * (ROW_HEAD + len(p.spec.keyed) + i)
            p.say(f"kc_{i} = load_i8(row + {place})\nrc_{i} = 0\nif kc_{i} != 0:")
            p.say(f"    kc_{i} = mix(kc_{i} + {salt(shelf + 1 + i)})\n    rc_{i} = locate(c, {shelf}, kc_{i})")
            p.say(f"    if rc_{i} == 0:\n        return False")


def _say_panes(p: Plan, entity: Entity) -> None:
    n, blocks = entity.name, p.layout.shelf(entity.name).blocks
    shelf = p.layout.number(f"{n}.panes")
    count = len(p.spec.windows)
    p.say(f"""if r_{n} != 0 and (load_u4(r_{n} + {at.HEAD_OVERFLOW}) != 0 or overflows(
        r_{n} + {blocks["ring"]}, load_i8(r_{n} + {blocks["moments"]}), t, {p.spec.windows[-1][1]})):
    v_{n} = locate(c, {shelf}, mix(k_{n} + {salt(shelf)}))
    if v_{n} == 0:
        return False
    v_{n} += {at.HEAD_BYTES}
    if load_u4(r_{n} + {at.HEAD_OVERFLOW}) == 0:
        seed_panes(r_{n} + {blocks["ring"]}, load_i8(r_{n} + {blocks["moments"]}), v_{n}, windows, {count}, wide, sums)
        store_u4(r_{n} + {at.HEAD_OVERFLOW}, np.uint32(1))""")


def salt(number: int) -> int:
    """What is added to the keys of a shelf, so that equal keys of two shelves are different records."""
    return int.from_bytes(hashlib.sha256(b"shelf %d" % number).digest()[:7], "big") | 1


def _say_attributes(p: Plan) -> None:
    spec, subject = p.spec, p.spec.subject
    if subject is None or not spec.attributes:
        return
    blocks = p.layout.shelf(subject.name).blocks
    base = 8 * (ROW_HEAD + _keys(spec))
    for i, name in enumerate(spec.attributes):
        p.say(f"if r_{subject.name} != 0 and load_i8(row + {base + 8 * i}) != 0:")
        p.say(f"    store_i8(r_{subject.name} + {blocks[f'attribute:{name}']}, load_i8(row + {base + 8 * i}))")
    for name in spec.attributes:
        here = f"load_i8(r_{subject.name} + {blocks[f'attribute:{name}']})"
        if name == "birth_date":
            o = p.emit([("age_years", f"{subject.name}.age_years", "")], entity=subject.name)
            p.say(f"age = age_years({here}, t, offset) if r_{subject.name} != 0 else np.nan")
            p.say(f"store_f4(out + {o}, np.float32(age))")
        else:
            o = p.emit([("attribute", f"{subject.name}.{name}", "")], entity=name)
            p.say(f"if r_{subject.name} != 0 and {here} != 0:\n    store_f4(out + {o}, attribute_code({here}))")
    peers = next((e for e in spec.entities if e.role == "peers"), None)
    if peers is not None:
        _say_peers(p, peers, blocks)


def _say_peers(p: Plan, peers: Entity, blocks: dict[str, int]) -> None:
    subject, shelf = p.spec.subject, p.layout.number(peers.name)
    assert subject is not None
    age = "age" if "birth_date" in p.spec.attributes else "np.nan"
    p.say(f"k_{peers.name} = age_band({age})\nr_{peers.name} = 0\nv_{peers.name} = 0")
    if "segment" in p.spec.attributes:
        p.say(f"if r_{subject.name} != 0:")
        p.say(f"    k_{peers.name} += 32 * load_i8(r_{subject.name} + {blocks['attribute:segment']})")
    p.say(
        f"if r_{subject.name} != 0 and k_{peers.name} != 0:\n    k_{peers.name} = mix(k_{peers.name} + {salt(shelf)})"
    )
    p.say(f"    r_{peers.name} = locate(c, {shelf}, k_{peers.name})\n    if r_{peers.name} == 0:\n        return False")


def _say_raw(p: Plan) -> None:
    if p.spec.has_amount:
        o = p.emit([("amount", "amount", ""), ("amount_cents", "amount_cents", "")])
        p.say(f"if money:\n    store_f4(out + {o}, np.float32(x * {p.spec.scale!r}))")
        units = round(1 / p.spec.scale)
        last = f"np.float32(amount % {units if units > 1 else 1000})"
        p.say(f"    store_f4(out + {o + 4}, {last})")
    if p.spec.clock:
        o = p.emit([("hour", "hour", ""), ("weekday", "weekday", "")])
        p.say(f"store_f4(out + {o}, np.float32((t + offset) % {p.spec.day_us} / 3.6e9))")
        p.say(f"store_f4(out + {o + 4}, np.float32(weekday))")
    for i, name in enumerate(p.spec.numbers):
        o = p.emit([("number", f"number.{name}", "")], entity=name)
        p.say(f"store_f4(out + {o}, np.float32(load_f8(num + {8 * (PLACE + i)})))")


def _say_entity(p: Plan, entity: Entity) -> None:
    n, shelf = entity.name, p.layout.shelf(entity.name)
    p.say(f"if r_{n} != 0:")
    o = p.emit([(b, f"{n}.{b}", "") for b in head.NAMES], entity=n)
    p.say(f"seen = load_i8(r_{n} + {at.HEAD_COUNT})\ngap = arrive(c, r_{n}, t, out + {o})", 2)
    if entity.place and p.spec.has_place:
        o = p.emit([(b, f"{n}.{b}", "") for b in head.NAMES_PLACE], entity=n)
        p.say(f"travel(r_{n}, seen > 0, gap, load_f8(num), load_f8(num + 8), out + {o})", 2)
    if entity.profile and p.spec.clock:
        o = p.emit([(b, f"{n}.{b}", "") for b in profile.NAMES], entity=n)
        p.say(f"profile(r_{n} + {shelf.blocks['profile']}, t, hour, weekday, out + {o})", 2)
    _say_amounts(p, entity, shelf)
    _say_pairs(p, entity, shelf)
    if entity.crowd:
        _say_crowd(p, entity, shelf)
    if entity.verdicts:
        p.say(f"verdicts_emit(r_{n} + {shelf.blocks['verdicts']}, t, spans, out + {_emit_verdicts(p, n, n)})", 2)


def _say_amounts(p: Plan, entity: Entity, shelf: Shelf) -> None:
    """Windows of amounts, and what else looks at amounts; events without an amount pass by."""
    n, count, b = entity.name, len(p.spec.windows), shelf.blocks
    o = p.emit([(f, f"{n}.{f}_{w}", w) for w, _ in p.spec.windows for f in ring.WINDOW_NAMES], entity=n)
    at_moments = f"r_{n} + {b['moments']}"
    if entity.ring:
        at_ring = f"r_{n} + {b['ring']}"
        p.say(
            f"""m = load_i8({at_moments})
late = load_u4(r_{n} + {at.HEAD_LATE}) != 0
ring_window_sums({at_ring}, m, t, late, windows, {count}, sums)
if v_{n} != 0:
    panes_step(v_{n}, {count}, numbers, x, money, wide)
    wider = replace_overflowed({at_ring}, m, t, windows, {count}, wide, sums)
    store_i8(c + {8 * at.OVERFLOWED}, load_i8(c + {8 * at.OVERFLOWED}) + wider)
windows_emit(sums, {count}, x, money, {p.spec.scale!r}, out + {o})""",
            2,
        )
        o = p.emit([(f, f"{n}.{f}", "") for f in rank.NAMES], entity=n)
        z = "z = " if entity.role == "subject" else "own = "
        p.say(f"if money:\n    {z}rank_emit(r_{n} + {b['rank']}, {at_ring}, m, t, x, {p.spec.scale!r}, out + {o})", 2)
        own = "z" if entity.role == "subject" else "own"
        p.say(f"    rank_learn(r_{n} + {b['rank']}, {at_ring}, m, x, {own} > {rank.LARGE_DEVIATION})", 2)
        p.say(f"    ring_learn({at_ring}, m, {count}, t, np.int64(x))", 2)
    else:
        p.say(f"panes_step(r_{n} + {b['panes']}, {count}, numbers, x, money, sums)", 2)
        p.say(f"windows_emit(sums, {count}, x, money, {p.spec.scale!r}, out + {o})", 2)
        o = p.emit([(f, f"{n}.{f}_{w}", w) for w, _ in p.spec.windows for f in rates.NAMES], entity=n)
        p.say(
            f"rates(r_{n} + {b['rates']}, windows, {count}, gap, x if money else 0.0, {p.spec.scale!r}, out + {o})", 2
        )
    o = p.emit([(f, f"{n}.{f}", "") for f in moments.NAMES], entity=n)
    p.say(f"if money:\n    moments({at_moments}, x, {p.spec.scale!r}, out + {o})", 2)


def _say_pairs(p: Plan, entity: Entity, shelf: Shelf) -> None:
    for pair in entity.pairs:
        key = pair.target
        if pair.category:
            i = [c.name for c in p.spec.categories].index(pair.target)
            name, key = f"kc_{i}", f"{entity.name}.{pair.target}"
        else:
            name, key = f"k_{pair.target}", f"{entity.name}.{pair.target}"
        o = p.emit([(b, f"{key}.{b}", "") for b in pairs.NAMES], entity=entity.name, other=pair.target)
        met = f"new_{pair.target} = " if entity.role == "subject" and not pair.category else ""
        p.say(f"if {name} != 0:", 2)
        block = shelf.blocks[f"pair:{pair.target}"]
        p.say(f"    {met}pairs(r_{entity.name} + {block}, {pair.slots}, {name}, day, out + {o})", 2)


def _say_crowd(p: Plan, entity: Entity, shelf: Shelf) -> None:
    n, subject = entity.name, p.spec.subject
    assert subject is not None
    met = any(pair.target == n and not pair.category for pair in subject.pairs)
    new = f"new_{n}" if met else "False"
    o = p.emit([(b, f"{n}.{b}", "") for b in crowd.NAMES], entity=n)
    short, long = (float(us) for _, us in p.spec.spans[:2])
    p.say(f"if k_{subject.name} != 0:", 2)
    where = f"r_{n} + {shelf.blocks['crowd']}"
    p.say(f"    crowd({where}, seen, gap, z, {new}, k_{subject.name}, day, {short!r}, {long!r}, out + {o})", 2)


def _emit_verdicts(p: Plan, name: str, entity: str) -> int:
    names = [(f, f"{name}.{f}_{w}", w) for w, _ in p.spec.spans for f in verdicts.NAMES_SPAN]
    return p.emit(names + [(f, f"{name}.{f}", "") for f in verdicts.NAMES], entity=entity)


def _say_categories(p: Plan) -> None:
    for i, category in enumerate(p.spec.categories):
        name = f"category.{category.name}"
        o = p.emit([("code", name, ""), ("overall_share", f"{name}.overall_share", "")], entity=category.name)
        p.say(f"if rc_{i} != 0:\n    category(c, rc_{i}, {i}, out + {o})")
        if category.verdicts:
            o = _emit_verdicts(p, name, category.name)
            p.say(f"    verdicts_emit(rc_{i} + {at.HEAD_BYTES}, t, spans, out + {o})")


def _say_verdicts(p: Plan) -> None:
    """The second entry of the kernel: a label has become known for an earlier event."""
    for i, entity in enumerate(p.spec.keyed):
        if not entity.verdicts:
            continue
        shelf, number = p.layout.shelf(entity.name), p.layout.number(entity.name)
        p.say(f"""key = load_i8(row + {8 * (ROW_HEAD + i)})
if key != 0 and said != {at.HELD}:
    r = locate(c, {number}, mix(key + {salt(number)}))
    if r == 0:
        return False
    verdicts_learn(r + {shelf.blocks["verdicts"]}, t, known_at, fraud, unexplained, spans)""")
    for i, category in enumerate(p.spec.categories):
        if category.verdicts:
            number = p.layout.number("values")
            p.say(f"""key = load_i8(row + {8 * (ROW_HEAD + len(p.spec.keyed) + i)})
if key != 0 and said != {at.HELD}:
    r = locate(c, {number}, mix(key + {salt(number + 1 + i)}))
    if r == 0:
        return False
    verdicts_learn(r + {at.HEAD_BYTES}, t, known_at, fraud, unexplained, spans)""")


def _fetch_entries(p: Plan) -> list[str]:
    """Ask for the index entries of an event that comes soon."""
    lines = ["    pass"]
    for i, entity in enumerate(p.spec.keyed):
        salted = salt(p.layout.number(entity.name))
        lines.append(f"    prefetch(entry_of(c, mix(load_i8(row + {8 * (ROW_HEAD + i)}) + {salted})))")
    return lines


def _fetch_records(p: Plan) -> list[str]:
    """Ask for the cache lines of records that an event will touch soon; of a ring only where it is read first."""
    lines = ["    pass"]
    for i, entity in enumerate(p.spec.keyed):
        shelf, number = p.layout.shelf(entity.name), p.layout.number(entity.name)
        lines.append(f"    r = peek_hot(c, {number}, mix(load_i8(row + {8 * (ROW_HEAD + i)}) + {salt(number)}))")
        lines.append("    if r != 0:")
        lines += [f"        prefetch(r + {o})" for o in _lines_used(entity, shelf, p.spec)]
    return lines


def _lines_used(entity: Entity, shelf: Shelf, spec: Spec) -> list[int]:
    used = {0, *range(0, shelf.record_bytes, at.LINE_BYTES)}
    if entity.ring:
        first = shelf.blocks["ring"] + ring.TIMES
        used -= set(
            range(first // at.LINE_BYTES * at.LINE_BYTES + at.LINE_BYTES, first + 16 * ring.RING - at.LINE_BYTES)
        )
    else:
        first = shelf.blocks["panes"]
        used -= set(range(first // at.LINE_BYTES * at.LINE_BYTES, first + panes.WINDOW_BYTES * len(spec.windows) - 64))
        used |= {(first + panes.WINDOW_BYTES * w) // at.LINE_BYTES * at.LINE_BYTES for w in range(len(spec.windows))}
    return sorted(used)
