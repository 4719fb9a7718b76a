"""Branch coverage gates: 90 % overall, 100 % where money, rules, decisions, security and audit are at stake.

Usage: python tests/coverage_gates.py .coverage.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

OVERALL_PERCENT_MIN = 90.0
FULL = (
    "haechi/decision/",
    "haechi/security/",
    "haechi/rules/",
    "haechi/events/money.py",
    "haechi/cases/refunds.py",
    "haechi/cases/agreeing.py",
    "haechi/cases/case.py",
)


def gaps(report: dict) -> list[str]:
    """List every gate that does not hold, one sentence each."""
    found = []
    total = report["totals"]["percent_covered"]
    if total < OVERALL_PERCENT_MIN:
        found.append(f"overall branch coverage is {total:.1f} %, the gate is {OVERALL_PERCENT_MIN:.0f} %")
    for name, file in sorted(report["files"].items()):
        if any(part in name for part in FULL) and file["summary"]["percent_covered"] < 100.0:
            lines = file["missing_lines"] or file.get("missing_branches", [])
            found.append(f"{name} must be covered in full; missing {lines}")
    return found


if __name__ == "__main__":
    problems = gaps(json.loads(Path(sys.argv[1]).read_text()))
    print("\n".join(problems) or "coverage gates hold")
    sys.exit(1 if problems else 0)
