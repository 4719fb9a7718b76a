"""What every model said of every decision, kept in blocks: so that models and rules can be compared on the same day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from haechi.stores import Tables, Work

__all__ = ["Block", "ScoreStore"]

Floats = npt.NDArray[np.float32]
DELETED_AT_ONCE = 50
READ_AT_ONCE = 100


class _Packed(msgspec.Struct):
    seq: bytes
    time_us: bytes
    risk: bytes
    rules: bytes
    action: bytes
    amount: bytes
    subject: bytes
    scores: dict[str, bytes]


class _Scores(msgspec.Struct):
    scores: dict[str, bytes]


@dataclass(frozen=True)
class Block:
    """Decisions in the order of their numbers: what each model said, what the rules said, what was done.

    scores: the probability of each model by its version, float32, NaN where it could not judge. rules: the joined
    weight of the rules, 0 where none hit. action: 0 allow to 3 block. subject: a hash of who it was about.
    """

    seq: npt.NDArray[np.int64]
    time_us: npt.NDArray[np.int64]
    risk: Floats
    rules: Floats
    action: npt.NDArray[np.uint8]
    amount: npt.NDArray[np.int64]
    subject: npt.NDArray[np.int64]
    scores: Mapping[str, Floats]

    def __len__(self) -> int:
        return len(self.seq)

    def encode(self) -> bytes:
        """As bytes, little-endian."""
        scores = {name: values.astype("<f4").tobytes() for name, values in self.scores.items()}
        return msgspec.msgpack.encode(_Packed(
            self.seq.astype("<i8").tobytes(), self.time_us.astype("<i8").tobytes(), self.risk.astype("<f4").tobytes(),
            self.rules.astype("<f4").tobytes(), self.action.tobytes(), self.amount.astype("<i8").tobytes(),
            self.subject.astype("<i8").tobytes(), scores,
        ))  # fmt: skip

    @classmethod
    def decode(cls, data: bytes) -> Block:
        """The inverse of `encode`."""
        p = msgspec.msgpack.decode(data, type=_Packed)
        return cls(
            np.frombuffer(p.seq, "<i8"), np.frombuffer(p.time_us, "<i8"), np.frombuffer(p.risk, "<f4"),
            np.frombuffer(p.rules, "<f4"), np.frombuffer(p.action, np.uint8), np.frombuffer(p.amount, "<i8"),
            np.frombuffer(p.subject, "<i8"), {name: np.frombuffer(v, "<f4") for name, v in p.scores.items()},
        )  # fmt: skip

    @classmethod
    def join(cls, blocks: list[Block]) -> Block:
        """Several as one; a model that was not asked in one of them said nothing there."""
        names = sorted({name for block in blocks for name in block.scores})
        nothing = [np.full(len(block), np.nan, np.float32) for block in blocks]
        scores = {
            name: np.concatenate([b.scores.get(name, none) for b, none in zip(blocks, nothing, strict=True)])
            if blocks else np.zeros(0, np.float32)
            for name in names
        }  # fmt: skip

        def whole(name: str, kind: str) -> Any:
            return np.concatenate([np.zeros(0, kind), *(getattr(block, name) for block in blocks)])

        return cls(
            whole("seq", "<i8"), whole("time_us", "<i8"), whole("risk", "<f4"), whole("rules", "<f4"),
            whole("action", "u1"), whole("amount", "<i8"), whole("subject", "<i8"), scores,
        )  # fmt: skip


class ScoreStore:
    """The blocks of one home and the labels of what is in them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, block: Block, keep_since_us: int) -> None:
        """Keep a block, and forget some of those that are older than is kept."""

        def task(work: Work) -> None:
            work.add("model_scores", {
                "number": work.next("model_scores"), "first_us": int(block.time_us.min()),
                "last_us": int(block.time_us.max()), "events": len(block), "content": block.encode(),
            })  # fmt: skip
            work.run(
                "DELETE FROM model_scores WHERE number IN (SELECT number FROM model_scores WHERE last_us < :since"
                " ORDER BY last_us LIMIT :some)", {"since": keep_since_us, "some": DELETED_AT_ONCE},
            )  # fmt: skip
            work.run(
                "DELETE FROM scored_labels WHERE seq IN (SELECT seq FROM scored_labels WHERE event_us < :since"
                " ORDER BY event_us LIMIT :some)", {"since": keep_since_us, "some": 1_000},
            )  # fmt: skip

        self._tables.do(task)

    def between(self, since_us: int, until_us: int) -> Block:
        """Everything that was decided in a span of event time."""
        rows = self._tables.rows(
            "SELECT content FROM model_scores WHERE last_us >= :since AND first_us < :until ORDER BY number",
            {"since": since_us, "until": until_us},
        )
        whole = Block.join([Block.decode(content) for (content,) in rows])
        inside = (whole.time_us >= since_us) & (whole.time_us < until_us)
        return Block(
            whole.seq[inside], whole.time_us[inside], whole.risk[inside], whole.rules[inside], whole.action[inside],
            whole.amount[inside], whole.subject[inside], {n: s[inside] for n, s in whole.scores.items()},
        )  # fmt: skip

    def scored(self, model: str, enough: int) -> int:
        """How many decisions a model has scored lately, counted up to `enough`: each block that it is in has some."""
        found, before = 0, 2**62
        for _ in range(0, enough, READ_AT_ONCE):
            rows = self._tables.rows(
                "SELECT number, content FROM model_scores WHERE number < :before ORDER BY number DESC LIMIT :some",
                {"before": before, "some": READ_AT_ONCE},
            )
            for _, content in rows:
                said = msgspec.msgpack.decode(content, type=_Scores).scores.get(model, b"")
                found += int((~np.isnan(np.frombuffer(said, "<f4"))).sum())
            if found >= enough or not rows:
                break
            before = rows[-1][0]
        return min(found, enough)

    def newest_us(self) -> int | None:
        """The time of the newest decision that was kept."""
        newest: int | None = self._tables.rows("SELECT MAX(last_us) FROM model_scores")[0][0]
        return newest

    def tell(self, labels: list[tuple[int, int, bool, int, str]]) -> None:
        """Note what became known: (number of the decision, its time, fraud, known at, said by)."""

        def task(work: Work) -> None:
            for seq, event_us, fraud, known_us, source in labels:
                work.run("DELETE FROM scored_labels WHERE seq = :seq", {"seq": seq})
                work.add("scored_labels", {
                    "seq": seq, "event_us": event_us, "fraud": int(fraud), "known_us": known_us, "source": source,
                })  # fmt: skip

        if labels:
            self._tables.do(task)

    def labels(self, since_us: int, until_us: int) -> dict[int, bool]:
        """What is known of the decisions of a span, by number."""
        rows = self._tables.rows(
            "SELECT seq, fraud FROM scored_labels WHERE event_us >= :since AND event_us < :until",
            {"since": since_us, "until": until_us},
        )
        return {seq: bool(fraud) for seq, fraud in rows}

    def frauds(self, since_us: int, until_us: int) -> dict[int, tuple[int, str]]:
        """The known frauds of a span: since when each is known, and by whom, by number of its decision."""
        rows = self._tables.rows(
            "SELECT seq, known_us, source FROM scored_labels WHERE fraud = 1 AND event_us >= :since"
            " AND event_us < :until", {"since": since_us, "until": until_us},
        )  # fmt: skip
        return {seq: (known_us, source) for seq, known_us, source in rows}
