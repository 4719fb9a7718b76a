"""What README and docs show works: calls are run against a real home and server, or their options are checked.

An example that would need large data, the network or no end says so in a comment above it; then every option in it must
still be one that its command takes.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.core import TyperGroup

from haechi.cli import COMMANDS, Lazy
from haechi.commands.demo_command import free_port

from .pages import PAGES, ROOT, Block, blocks
from .running import EXAMPLE_S, run

SHELL = blocks("bash")
# docs/rules.md and docs/data.md are one way from first line to last: test_rules_page.py and test_data_page.py go it.
CURL = [b for b in SHELL if "curl " in b.text and "$HAECHI" in b.text and b.page.name != "rules.md"]
# Quotations are held against their files by test_quotes.py.
PYTHON = [b for b in blocks("python") if not b.note.startswith("quoted:")]


def names(found: list[Block]) -> list[str]:
    return [b.name for b in found]


@pytest.fixture(scope="module")
def served(bench: Path) -> Iterator[dict[str, str]]:
    """A server with an empty home on a port of its own, as the variables of the examples."""
    home = bench / "served"
    made = subprocess.run(
        [sys.executable, "-m", "haechi", "init", str(home), "--json"], capture_output=True, text=True, check=True
    )
    port = free_port(18_400)
    words = [sys.executable, "-m", "haechi", "serve", "--home", str(home), "--port", str(port), "--json"]
    with (bench / "serve.log").open("wb") as log:
        child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=log)
    try:
        assert child.stdout is not None
        assert json.loads(child.stdout.readline())["port"] == port
        yield {"HAECHI": f"http://127.0.0.1:{port}", "HAECHI_KEY": json.loads(made.stdout)["key"]}
    finally:
        child.terminate()
        child.wait(60)
        assert child.stdout is not None
        child.stdout.close()


@pytest.mark.skipif(shutil.which("curl") is None, reason="the examples are written for curl, which is not here")
def test_every_curl_line_gets_an_answer(bench: Path, served: dict[str, str]) -> None:
    for block in CURL:
        for answer in run(block, bench, **served).stdout.split("\n"):
            assert '"status":4' not in answer, f"{block.name}: {answer}"
            assert '"status":5' not in answer, f"{block.name}: {answer}"


@pytest.mark.parametrize("block", PYTHON, ids=names(PYTHON))
def test_python_examples_run(block: Block, bench: Path) -> None:
    subprocess.run([sys.executable, "-c", block.text], cwd=bench, check=True, timeout=EXAMPLE_S)


@pytest.mark.parametrize("block", SHELL, ids=names(SHELL))
def test_every_option_in_an_example_exists(block: Block) -> None:
    for words in block.commands:
        _check(words, block.name)


def _check(words: list[str], where: str) -> None:
    assert words[0] in COMMANDS, f"{where}: there is no command {words[0]}"
    command = Lazy().get_command(None, words[0])
    rest = words[1:]
    if isinstance(command, TyperGroup):
        command, rest = command.commands[rest[0]], rest[1:]
    known = {option for parameter in command.params for option in parameter.opts}  # type: ignore[attr-defined]
    used = {word.split("=")[0] for word in rest if word.startswith("--")}
    assert used <= known | {"--help"}, f"{where}: {words[0]} does not take {sorted(used - known)}"


@pytest.mark.parametrize("block", blocks("toml"), ids=names(blocks("toml")))
def test_toml_examples_are_toml(block: Block) -> None:
    tomllib.loads(block.text)


@pytest.mark.parametrize("block", blocks("json"), ids=names(blocks("json")))
def test_json_examples_are_json(block: Block) -> None:
    json.loads(block.text)


def test_every_page_that_is_linked_is_there() -> None:
    gone = [
        f"{page.relative_to(ROOT)} -> {target}"
        for page in PAGES
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]
    assert not gone, gone


def test_every_command_has_help_with_an_example() -> None:
    told = (ROOT / "README.md").read_text("utf-8")
    for name in COMMANDS:
        assert f"haechi {name}" in told, f"the README does not name haechi {name}"


def test_a_wrong_option_would_be_seen() -> None:
    with pytest.raises(AssertionError, match="does not take"):
        _check(["train", "--home", "x", "--faster"], "here")
