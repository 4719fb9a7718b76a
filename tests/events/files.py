"""Small files for the tests of this room, in every format."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import polars as pl

from haechi.events import Frames

START_S = 1_729_807_320


def rows(count: int, *, first: int = 0) -> list[dict]:
    """Plain payments, one a minute."""
    return [
        {"id": f"p{i}", "at": moment(i), "who": f"c{i % 7}", "paid": f"{i}.25"} for i in range(first, first + count)
    ]  # fmt: skip


def moment(minute: int) -> str:
    """The time of the payment of that minute."""
    return f"2024-10-{1 + minute // 1440:02}T{minute // 60 % 24:02}:{minute % 60:02}:00Z"


def write(path: Path, content: list[dict]) -> Path:
    """Write rows in the format that the name says."""
    if path.suffix == ".parquet":
        pl.DataFrame(content, infer_schema_length=None).write_parquet(path)
        return path
    if ".csv" in path.name:
        text = ",".join(content[0]) + "\n" + "".join(",".join(str(v) for v in r.values()) + "\n" for r in content)
    else:
        text = "".join(json.dumps(r) + "\n" for r in content)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def collected(frames: Frames) -> pl.DataFrame:
    """All frames as one."""
    return pl.concat(list(frames))
