"""The README and the docs as data: fenced blocks with their language and what the comment above them says."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = [ROOT / "README.md", ROOT / "README.ko.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"(?:<!-- (?P<note>[^\n]*?) -->\n)?```(?P<language>\w*)\n(?P<text>.*?)\n```", re.DOTALL)
OPTIONS_ONLY = "example: options only"


@dataclass(frozen=True)
class Block:
    """One fenced block of a page."""

    page: Path
    line: int
    language: str
    note: str
    text: str

    @property
    def name(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def commands(self) -> list[list[str]]:
        """The calls of `haechi` in a shell block, as words."""
        lines = self.text.replace("\\\n", " ").splitlines()
        return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("haechi ")]


def blocks(language: str = "") -> list[Block]:
    """Every block of every page, or those of one language."""
    return [
        Block(page, text.count("\n", 0, found.start()) + 1, found["language"], found["note"] or "", found["text"])
        for page in PAGES
        for text in [page.read_text("utf-8")]
        for found in BLOCK.finditer(text)
        if not language or found["language"] == language
    ]
