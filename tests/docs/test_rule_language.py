"""Every condition that the page of the language shows is accepted, or refused where it says so."""

from __future__ import annotations

import re

import pytest

from haechi.events import Schema
from haechi.features import default_spec
from haechi.features.exact import ENTRIES_MAX, WINDOWS_MAX
from haechi.rules import BadRule
from haechi.rules.check import WINDOWS_PER_RULE_MAX, check
from haechi.rules.functions import FUNCTIONS
from haechi.rules.names import Names
from haechi.rules.parse import DEPTH_MAX, ITEMS_MAX, NODES_MAX
from haechi.rules.patterns import PATTERN_CHARS_MAX
from haechi.rules.rule import CONDITION_CHARS_MAX
from haechi.rules.ruleset import RULES_MAX

from .pages import ROOT, blocks

PAGE = (ROOT / "docs" / "rule-language.md").read_text("utf-8")


@pytest.fixture(scope="module")
def names() -> Names:
    schema = Schema.read("bank")
    return Names.of(schema, default_spec(schema))


@pytest.mark.parametrize("text", [b.text for b in blocks("rule")])
def test_what_the_docs_show_is_accepted(text: str, names: Names) -> None:
    assert check(text, names).warnings == ()


@pytest.mark.parametrize("text", [b.text for b in blocks("refused")])
def test_what_the_docs_call_refused_is_refused(text: str, names: Names) -> None:
    with pytest.raises(BadRule):
        check(text, names)


def test_every_function_and_every_limit_stands_on_the_page() -> None:
    assert not [name for name in FUNCTIONS if not re.search(rf"`{name}[(`]", PAGE)]
    limits = (CONDITION_CHARS_MAX, NODES_MAX, DEPTH_MAX, ITEMS_MAX, WINDOWS_PER_RULE_MAX, WINDOWS_MAX,
              PATTERN_CHARS_MAX, RULES_MAX, ENTRIES_MAX)  # fmt: skip
    assert not [limit for limit in limits if f"{limit:,}" not in PAGE]
