"""Code that the docs quote still stands in the file they name."""

from __future__ import annotations

import pytest

from .pages import ROOT, Block, blocks

QUOTES = [b for b in blocks("python") if b.note.startswith("quoted:")]


def stands(block: Block) -> bool:
    """Whether the quoted lines stand in the named file, one after the other."""
    source = (ROOT / block.note.removeprefix("quoted:").strip()).read_text("utf-8")
    return f"\n{block.text}\n" in source


@pytest.mark.parametrize("block", QUOTES, ids=[b.name for b in QUOTES])
def test_quoted_code_is_still_there(block: Block) -> None:
    assert stands(block), f"{block.name} quotes lines that {block.note.removeprefix('quoted:').strip()} does not hold"


def test_one_event_is_quoted_at_every_step() -> None:
    pages = [b.note for b in QUOTES if b.page.name == "one-event.md"]
    assert len(pages) >= 8


def test_a_false_quotation_is_seen() -> None:
    assert not stands(Block(ROOT / "README.md", 1, "python", "quoted: src/haechi/cli.py", "this is not there"))
