"""Nobody waits for the compiler: what a turn of the event loop needs is there after the warm-up."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
from haechi.events import Schema
from haechi.features import default_spec
from haechi.features.course import warm_up
from haechi.features.memory import few
from haechi.features.scan import scan_few, scan_lines

spec = default_spec(Schema.read("bank"))
warm_up(spec)
print([len(one.signatures) for one in (scan_few, scan_lines, few(spec))])
"""


def test_events_that_come_together_wait_for_no_compiler() -> None:
    said = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert said.stdout == "[1, 1, 1]\n"
