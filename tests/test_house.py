"""The house keeps its walls: which room may look into which, how large a thing may grow, which words are banned.

The rules are data; every check is tried on a bad sample too, so that it can fail.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "haechi"

EVERYTHING = {
    "events", "security", "features", "detectors", "rules", "identity", "language", "town", "stores", "decision",
    "cases", "learning", "governance", "api", "console",
}  # fmt: skip
DOORS: dict[str, set[str]] = {
    "events": set(),
    "security": set(),
    "features": {"events"},
    "detectors": {"events", "features"},
    "rules": {"events", "features"},
    "identity": {"events"},
    "language": {"events"},
    "town": {"events"},
    "stores": {"events", "security"},
    "decision": {"events", "features", "security", "stores"},
    "cases": {"events", "security", "stores", "decision"},
    "learning": {"events", "features", "detectors", "rules", "stores", "cases"},
    "governance": {"events", "security", "stores", "learning"},
    "api": EVERYTHING - {"api", "console"},
    "console": EVERYTHING - {"api", "console"},
}
# The door of the house: the only files that wire rooms together.
WIRING = {
    "app.py",
    "backstage.py",
    "following.py",
    "front.py",
    "restore.py",
    "snapshots.py",
    "cli.py",
    "settings.py",
    "turns.py",
    "commands",
    "rulebook",
    "lifecycle",
    "bench",
    "__main__.py",
}

FUNCTION_LINES_MAX = 60
FILE_LINES_MAX = 500
LINE_COLUMNS_MAX = 120
DECIDE_LINES_MAX = 60
HEAVY = (
    "numpy", "numba", "lightgbm", "sklearn", "polars", "apsw", "uvicorn", "torch", "pandas", "scipy", "starlette",
    "jinja2",
)  # fmt: skip
IMPORT_SECONDS_MAX = 0.3

# Clock, dice and wire are given: only the door may reach for them.
BANNED = {
    "datetime.now(": "take now as an argument",
    "datetime.utcnow(": "take now as an argument",
    "time.time(": "take now as an argument",
    "uuid4(": "take ids as an argument",
    "os.urandom(": "take entropy as an argument",
    "secrets.token": "take entropy as an argument",
    "import random": "take a random generator as an argument",
    "print(": "raise, return or log; only the command line prints",
    "FIX" + "ME": "mend it or write an issue",
    "TO" + "DO": "do it or write an issue",
}


def sources() -> list[Path]:
    """Every Python file of the package."""
    return sorted(SOURCE.rglob("*.py"))


def room(path: Path) -> str:
    """The room a file stands in: its first folder under the package, or the file itself."""
    return path.relative_to(SOURCE).parts[0]


def rooms_seen(text: str, own: str) -> set[str]:
    """The rooms that a source text imports, its own left out."""
    seen: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            seen |= {a.name.split(".")[1] for a in node.names if a.name.startswith("haechi.")}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            parts = node.module.split(".")
            if parts[0] == "haechi":
                seen |= {parts[1]} if len(parts) > 1 else {a.name for a in node.names}
    return {r for r in seen if r in EVERYTHING or f"{r}.py" in WIRING or r in WIRING} - {own}


def forbidden(text: str, own: str) -> set[str]:
    """Which imported rooms the table of doors does not allow."""
    return rooms_seen(text, own) - DOORS[own]


def function_sizes(text: str) -> dict[str, int]:
    """Lines of every function, docstring and decorators left out."""
    sizes = {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            doc = node.body[0] if ast.get_docstring(node) else None
            lines = node.end_lineno - node.lineno + 1
            sizes[f"{node.name}:{node.lineno}"] = lines - (doc.end_lineno - doc.lineno + 1 if doc else 0)
    return sizes


def banned_words(text: str) -> list[str]:
    """Banned words in code, strings and comments left out of the search for calls."""
    code = "\n".join(line.split("#")[0] for line in text.splitlines())
    return [f"{word} -> {instead}" for word, instead in BANNED.items() if word in code]


def undocumented(text: str) -> list[str]:
    """Public functions and classes without a docstring, or public functions without types."""
    bare = []
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            if not ast.get_docstring(node):
                bare.append(f"{node.name} has no docstring")
            if not isinstance(node, ast.ClassDef) and node.returns is None:
                bare.append(f"{node.name} has no return type")
    return bare


def swallowed(text: str) -> list[int]:
    """Lines where an exception is caught and dropped."""
    return [
        n.lineno
        for n in ast.walk(ast.parse(text))
        if isinstance(n, ast.ExceptHandler) and len(n.body) == 1 and isinstance(n.body[0], ast.Pass)
    ]


def circles(edges: dict[str, set[str]]) -> list[str]:
    """Rooms that can reach themselves through the doors they use."""

    def reach(start: str) -> set[str]:
        seen: set[str] = set()
        todo = [start]
        while todo:
            for other in edges.get(todo.pop(), set()) - seen:
                seen.add(other)
                todo.append(other)
        return seen

    return [r for r in edges if r in reach(r)]


def test_doors_open_one_way() -> None:
    wrong = [
        f"{p.relative_to(SOURCE)} looks into {sorted(bad)}"
        for p in sources()
        if room(p) in DOORS and (bad := forbidden(p.read_text(), room(p)))
    ]
    assert not wrong, wrong


def test_every_room_is_on_the_plan() -> None:
    rooms = {room(p) for p in sources()} - {"__init__.py"}
    assert rooms <= set(DOORS) | WIRING, rooms - set(DOORS) - WIRING


def test_there_is_no_circle_of_rooms() -> None:
    edges: dict[str, set[str]] = {}
    for path in sources():
        if room(path) in DOORS:
            edges.setdefault(room(path), set()).update(rooms_seen(path.read_text(), room(path)))
    assert not circles(edges)


def test_functions_fit_on_a_screen(record_property) -> None:
    sizes = sorted(
        (size, f"{p.relative_to(SOURCE)}:{name}")
        for p in sources()
        for name, size in function_sizes(p.read_text()).items()
    )
    if sizes:
        record_property(
            "function_lines_p50_p90_max", [sizes[len(sizes) * q // 100][0] for q in (50, 90)] + [sizes[-1][0]]
        )
    assert not [s for s in sizes if s[0] > FUNCTION_LINES_MAX]


def test_files_and_lines_stay_small() -> None:
    files = [*sources(), *sorted((ROOT / "tests").rglob("*.py"))]
    wrong = [
        f"{p.relative_to(ROOT)}: {n} lines" for p in files if (n := len(p.read_text().splitlines())) > FILE_LINES_MAX
    ]
    wrong += [
        f"{p.relative_to(ROOT)}:{i} is {len(line)} columns wide"
        for p in files
        for i, line in enumerate(p.read_text().splitlines(), 1)
        if len(line) > LINE_COLUMNS_MAX
    ]
    assert not wrong, wrong


def test_decide_fits_on_one_page() -> None:
    path = SOURCE / "decision" / "decide.py"
    assert len(path.read_text().splitlines()) <= DECIDE_LINES_MAX


def test_no_banned_word_outside_the_door() -> None:
    wrong = [
        f"{p.relative_to(SOURCE)}: {b}" for p in sources() if room(p) not in WIRING for b in banned_words(p.read_text())
    ]
    assert not wrong, wrong


def test_public_things_are_documented_and_typed() -> None:
    wrong = [f"{p.relative_to(SOURCE)}: {b}" for p in sources() for b in undocumented(p.read_text())]
    assert not wrong, wrong


def test_no_exception_is_swallowed() -> None:
    wrong = [f"{p.relative_to(SOURCE)}:{n}" for p in sources() for n in swallowed(p.read_text())]
    assert not wrong, wrong


def test_the_checks_see_a_bad_sample() -> None:
    bad = "import haechi.detectors\nfrom haechi import cases\ndef f(a):\n" + "    a\n" * 61
    assert forbidden(bad, "decision") == {"detectors", "cases"}
    assert max(function_sizes(bad).values()) > FUNCTION_LINES_MAX
    assert len(undocumented(bad)) == 2
    assert banned_words("x = datetime.now()")
    assert not banned_words("# datetime.now() is banned")
    assert swallowed("try:\n    x\nexcept ValueError:\n    pass\n") == [3]
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}}) == ["a", "b", "c"]
    assert not circles(DOORS)


def test_import_haechi_is_light() -> None:
    code = (
        "import sys, time; t = time.perf_counter(); import haechi; s = time.perf_counter() - t;"
        f"print(s, [m for m in {HEAVY!r} if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    seconds, heavy = out.split(" ", 1)
    assert float(seconds) < IMPORT_SECONDS_MAX
    assert heavy.strip() == "[]"


def test_what_only_training_needs_is_not_loaded_to_serve() -> None:
    """Every command and every server starts with these imports; LightGBM and what it brings doubled them."""
    wanted = ("lightgbm", "sklearn", "scipy.optimize", "scipy.stats")
    code = f"import sys, haechi.app, haechi.commands.serving; print([m for m in {wanted!r} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"


def test_long_test_files_are_there_to_be_run_first() -> None:
    from conftest import LONG, TESTS

    assert not [name for name in LONG if not (TESTS / name).exists()]
