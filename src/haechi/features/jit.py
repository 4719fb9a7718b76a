"""Where compiled code is kept: one folder for each version of the sources, so that stale machine code cannot exist.

numba caches a function by its own file only and does not see that a function it calls has changed. A folder named by
the hash of all compiled sources closes that gap, and lets the package stand in a read-only place.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
import tempfile
from pathlib import Path
from types import ModuleType

import numba

__all__ = ["FEW", "brief", "cache_folder", "compiled", "load_source", "use_cache"]

# Division by zero gives infinity, as in numpy: a check and a branch at every division would cost a tenth of the kernel.
compiled = numba.njit(cache=True, nogil=True, error_model="numpy")
# What takes microseconds keeps the interpreter's lock: to hand it over and wait for it again costs more than the work
# (measured under load: 120 us for a call of 6).
brief = numba.njit(cache=True, error_model="numpy")
FEW = 16  # events that are looked at together in so short a time

_COMPILED = ("features/*.py", "features/blocks/*.py", "detectors/*.py", "rules/machine.py", "decision/harmless.py")


def use_cache() -> None:
    """Point numba at the folder of this version of the sources; an explicit NUMBA_CACHE_DIR wins."""
    if not os.environ.get("NUMBA_CACHE_DIR"):
        numba.config.CACHE_DIR = str(cache_folder() / "numba")


def cache_folder() -> Path:
    """The folder for compiled code: HAECHI_CACHE, or the user's cache, or a temporary folder when that is read-only."""
    root = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256(numba.__version__.encode())
    for sources in _COMPILED:
        for file in sorted(root.glob(sources)):
            digest.update(file.read_bytes())
    wanted = os.environ.get("HAECHI_CACHE") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    for base in (Path(wanted) / "haechi", Path(tempfile.gettempdir()) / f"haechi-{os.getuid()}"):
        folder = base / digest.hexdigest()[:16]
        if _usable(folder):
            return folder
    raise OSError("no folder for compiled code can be written; set HAECHI_CACHE to one that can")


def _usable(folder: Path) -> bool:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return False
    # Code is executed from here, so nobody else may own it.
    return os.access(folder, os.W_OK) and folder.stat().st_uid == os.getuid()


def load_source(name: str, source: str) -> ModuleType:
    """Write a generated module once and import it; processes that race write the same bytes."""
    folder = cache_folder()
    path = folder / f"{name}.py"
    if not path.exists() or path.read_text(encoding="utf-8") != source:
        draft = folder / f".{name}.{os.getpid()}"
        draft.write_text(source, encoding="utf-8")
        draft.rename(path)
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
