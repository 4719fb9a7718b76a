"""Attacks on the language: those written by hand stand in attacks.json, the rest is generated from them."""

from __future__ import annotations

import json
import random
from itertools import product
from pathlib import Path
from typing import Any

BY_HAND: dict[str, Any] = json.loads(Path(__file__).with_name("attacks.json").read_text("utf-8"))
BOMBS: list[str] = BY_HAND["bombs"]
LETTERS = "()[]{}\"'.,:;=<>!+-*/%&|^~@#$?\\ \n\t_0129abxyzAZ\u200b한é\x00"


def long_ones() -> list[str]:
    """Too long, too many, too large."""
    return [
        "0x" + "f" * 3_000 + " > hour", "9" * 3_990 + " > hour", "1." + "0" * 3_990 + "1 > hour", "x" * 4_000,
        "1" + "_1" * 1_900 + " > hour", "x" * 4_001, " " * 4_000, "\n" * 3_999 + "1", '"' + "a" * 3_998 + '"',
        'kind == "' + "a" * 3_000 + '"', " or ".join(f"hour == {i}" for i in range(300)),
        "kind in (" + ", ".join(f'"{i}"' for i in range(500)) + ")",
        "min(" + ", ".join("hour" for _ in range(500)) + ") > 3",
        " and ".join(f'count(customer, "{i + 1}m") > 1' for i in range(60)),
        "count(customer, '" + "9" * 400 + "d') > 1", "contains(kind, '" + "a" * 300 + "')",
        f'matches(device, "{"(" * 90 + "a" + ")" * 90}")', f'matches(device, "{"a" * 201}")',
        f'matches(device, "{".*" * 60}")', f'starts(payee, "{"a" * 2_000}")',
    ]  # fmt: skip


def deep() -> list[str]:
    """Nesting and chains of every kind, at many depths."""
    depths = (2, 10, 29, 31, 41, 100, 300, 900)
    found = [before * n + middle + after * n for before, middle, after in BY_HAND["shapes"] for n in depths]
    return found + ["hour" + chain * n for chain in BY_HAND["chains"] for n in (1, 5, 39, 41, 100, 400, 900)]


def mutated(count: int, seed: int) -> list[str]:
    """Sound conditions with a few characters changed, swapped, doubled or cut."""
    r = random.Random(seed)
    found = []
    for _ in range(count):
        text = list(r.choice(BY_HAND["sound"]))
        for _ in range(r.randrange(1, 6)):
            at, kind = r.randrange(len(text)), r.randrange(4)
            if kind == 0:
                text[at] = r.choice(LETTERS)
            elif kind == 1:
                text.insert(at, r.choice(LETTERS) * r.choice((1, 1, 2, 50)))
            elif kind == 2:
                del text[at : at + r.randrange(1, 4)]
                text = text or ["x"]
            else:
                text += text[at : at + r.randrange(1, 30)]
        found.append("".join(text))
    return found


def every_attack() -> list[str]:
    """All of them, each once."""
    by = BY_HAND
    found = [f"{base}.{name}" for base, name in product(by["bases"], by["attributes"])]
    found += [f"{base}.{name} > 3" for base, name in product(by["bases"][:3], by["attributes"])]
    found += [f"{name}({given})" for name, given in product(by["calls"], by["given"])]
    found += [*by["syntax"], *by["huge"], *by["unicode"], *by["calculated"], *long_ones(), *deep()]
    found += [f'matches(device, "{bomb}")' for bomb in BOMBS if '"' not in bomb]
    for text in by["harmless_looking"]:
        found += [f"{operation}(payee, '{text}')" for operation in ("starts", "contains", "matches")]
        found += [f'kind == "{text}"', f'in_list("{text}", payee)']
    return list(dict.fromkeys([*found, *mutated(600, 7)]))
