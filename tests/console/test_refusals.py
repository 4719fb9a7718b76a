"""Whatever a desk refuses, a Korean page says in Korean: every sentence that the code can raise has its translation."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import haechi
from haechi.console.refusals import refused, sentences

from .making import Bank, happened

HOME = Path(haechi.__file__).parent
RAISED = {"BadForm", "Stale", "NotAllowed", "BadAsk", "TooLarge", "NotAgreed", "Disagreed", "BadRule", "wrong",
          "Warned"}  # fmt: skip
ROOMS = ("cases/*.py", "console/*.py", "console/pages/*.py", "rulebook/[b-p]*.py", "learning/life/life.py",
         "rules/check.py", "rules/functions.py", "rules/parse.py", "rules/scan.py", "stores/rules.py")  # fmt: skip
MACHINES_ONLY = ("webhook", "address reads", "is no address", "this home never had")
KEPT = re.compile(r"RAISE\(ABORT, '([^']*)'")
INSIDE = re.compile(
    r"^(a row of|a rule set|a model never|this row of|an? \w+ is never|the history|an opinion|an answer never|what a|"
    r"a list|rows belong|this (set|version|gate|model|change|is in))"
)


def shape_of(node: ast.expr) -> str | None:
    """A sentence with {} for what is put in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def raised() -> Iterator[tuple[str, str]]:
    """Every sentence that a room raises, with where."""
    for pattern in ROOMS:
        for path in sorted(HOME.glob(pattern)):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call):
                    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                    for argument in node.args if name in RAISED else ():
                        if (shape := shape_of(argument)) and not any(word in shape for word in MACHINES_ONLY):
                            yield f"{path.name}:{node.lineno}", shape
    for path in sorted((HOME / "stores").rglob("*.py")):
        for sentence in KEPT.findall(path.read_text()):
            if not INSIDE.match(sentence):
                yield path.name, sentence


def test_every_refusal_has_its_korean() -> None:
    found = list(raised())
    assert len(found) > 150
    filled = [(where, shape, shape.replace("{}", "7")) for where, shape in found]
    missing = [(where, shape) for where, shape, said in filled if refused(said, "ko") == said and said.strip("7 ,:@")]
    assert not missing


def test_a_translation_says_all_that_was_put_in() -> None:
    for shape, text in sentences("ko").items():
        count, used = shape.count("{}"), [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
        assert sorted(used) in ([""] * count, [str(n) for n in range(count)]), shape


@pytest.mark.parametrize(
    ("said", "korean"),
    [
        ("a reason is needed: whoever looks at it later will ask for it",
         "사유를 적어 주세요. 나중에 보는 사람이 묻습니다"),
        ("alert 'a-1' has changed since you looked (version 1, now 2): look again, then repeat",
         "경보 'a-1': 보신 뒤에 바뀌었습니다(버전 1, 지금 2). 다시 확인한 뒤 진행하세요"),
        ("this is a text; a number is needed here", "여기에는 숫자가 필요한데 글자입니다"),
        ("what nobody ever said", "what nobody ever said"),
        ("x" * 5_000, "x" * 5_000),
    ],
)  # fmt: skip
def test_what_is_put_in_is_told_too(said: str, korean: str) -> None:
    assert refused(said, "ko") == korean
    assert refused(said, "en") == said


def test_a_korean_page_tells_why_in_korean(bank: Bank) -> None:
    ana = bank.person("ana", language="ko")
    alert = happened(bank)
    bank.work.desk.alerts.take(alert, "bo")
    answer = ana.send("/act/verdict", **ana.token(), alert=alert, verdict="fraud", event="e-1")
    assert answer.status_code == 409
    assert f"bo 님이 경보 &#39;{alert}&#39;을 맡고 있습니다" in answer.text
    assert 'lang="en"' not in answer.text.partition("<main")[2]
