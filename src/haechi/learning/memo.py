"""What a training fitted so far, in a folder: broken off, it goes on where it stopped and gives the same bytes."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np

from haechi.detectors.artifact import write_whole
from haechi.detectors.forest import Scores


class Memo:
    """Score tables by name; the folder belongs to one data set, one config and one seed."""

    def __init__(self, folder: Path) -> None:
        """Name the folder."""
        self.folder = folder

    def get(self, name: str, shape: tuple[int, ...]) -> Scores | None:
        """What was kept under a name; None when there is nothing, or nothing sound of this shape."""
        path = self._path(name)
        try:
            digest, _, body = path.read_bytes().partition(b"\n")
        except OSError:
            return None
        if digest.decode("ascii", "replace") != hashlib.sha256(body).hexdigest():
            return None
        found: Scores = np.load(io.BytesIO(body), allow_pickle=False)
        return found if found.shape == shape else None

    def put(self, name: str, scores: Scores) -> None:
        """Keep a table, whole or not at all."""
        body = io.BytesIO()
        np.save(body, scores, allow_pickle=False)
        data = body.getvalue()
        write_whole(self._path(name), hashlib.sha256(data).hexdigest().encode() + b"\n" + data)

    def _path(self, name: str) -> Path:
        return self.folder / f"{hashlib.sha256(name.encode()).hexdigest()[:24]}.scores"
