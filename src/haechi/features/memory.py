"""The one memory: everything that is known about customers, cards, devices, payees, merchants, addresses.

One kernel call looks and learns: it emits the features of the state before the event, then updates the state. Replay
runs the very same function, so what a model learned from and what it sees in production are the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import numpy as np

from haechi.events import Event, Schema
from haechi.features import control as at
from haechi.features.arena import Arena
from haechi.features.beside import Steps
from haechi.features.encode import Encoder
from haechi.features.errors import MemoryFull
from haechi.features.exact import Exact, Window
from haechi.features.generate import Plan, plan
from haechi.features.jit import FEW, load_source
from haechi.features.plain import Plain, unpacked
from haechi.features.spec import Spec

__all__ = ["Asked", "Due", "Known", "Learned", "Memory"]

_STEP = Path(__file__).with_name("step_template.txt")


@dataclass(frozen=True, slots=True)
class Known:
    """What was known before an event: the feature row, and how little the subject's behaviour explains the event.

    exact: float64 [windows, 2] of the windows that rules count in (exact.py), where `windows` says which is which.
    """

    row: np.ndarray
    spec: Spec
    unexplained: float
    exact: np.ndarray | None = None
    windows: Mapping[Window, int] = field(default_factory=dict)

    def value(self, name: str) -> float:
        """One feature by name; NaN when there was nothing to know."""
        return float(self.row[self.spec.index(name)])


class Learned(NamedTuple):
    """What was known before many events, by column; `exact` and `windows` as Known has them."""

    rows: np.ndarray  # float32 [events, F]
    spec: Spec
    unexplained: Sequence[float]
    exact: Sequence[np.ndarray] | None
    windows: Mapping[Window, int]

    def known(self, place: int) -> Known:
        """What was known before one of them."""
        exact = None if self.exact is None else self.exact[place]
        return Known(self.rows[place], self.spec, self.unexplained[place], exact, self.windows)


class Asked(NamedTuple):
    """Events whose looking and learning was asked for, and where the answers will stand."""

    ints: np.ndarray
    floats: np.ndarray
    rows: np.ndarray  # float32 [events, width]
    unexplained: np.ndarray
    labels: Due | None


class Due(NamedTuple):
    """Labels that become known between events: each is learned before the event at its place in `when`."""

    when: np.ndarray
    rows: np.ndarray  # int64 [labels, ints]: of the labelled events, as encoded
    event: np.ndarray  # -1: how unexplained it is stands in `unexplained`
    fraud: np.ndarray  # 0, 1, or HELD
    known_at: np.ndarray
    unexplained: np.ndarray


@lru_cache(maxsize=16)
def planned(spec: Spec) -> Plan:
    """Work out a spec once a process."""
    return plan(spec)


@lru_cache(maxsize=16)
def kernel(spec: Spec) -> ModuleType:
    """Compile a spec's kernel, or take it from the cache on disk."""
    p = planned(spec)
    return load_source(f"haechi_kernel_{p.kernel}", p.source)


@lru_cache(maxsize=16)
def step(spec: Spec) -> int:
    """The address of a spec's kernel as a step (see beside.py); it works on the addresses of memory and table."""
    name = kernel(spec).__name__
    source = _STEP.read_text(encoding="utf-8").replace("<KERNEL>", name)
    return int(load_source(name.replace("kernel", "step"), source).learn.address)


class Memory:
    """Look and learn, one event at a time."""

    def __init__(self, spec: Spec, *, cold: Path | None = None, seed: int = 0) -> None:
        """An empty memory. `cold`: a file for the longest unseen records; `seed` salts key hashes."""
        p = planned(spec)
        self.spec = p.spec
        self.seed = seed
        self.exact: tuple[Exact, ...] = ()  # windows of rules; a new set of them joins between two events
        self.notes = b""  # what the memory's owner wants to be kept in every snapshot
        self.arena = Arena(p.spec, p.layout, cold)
        self.encoder = Encoder(p.spec, seed)
        self.kernel = kernel(spec)
        self._address = self.arena.address
        self._ints = np.zeros(self.encoder.ints_width, np.int64)
        self._floats = np.zeros(self.encoder.floats_width, np.float64)
        self._row = np.zeros(p.width, np.float32)
        self._row_bytes = self._row.data.cast("B")
        self._kept = None if p.kept is None else np.array(p.kept)
        self._unexplained = self.arena.control[at.UNEXPLAINED : at.UNEXPLAINED + 1].view(np.float64)
        self._step: Callable[[int], bool] = self.kernel.online
        self._windows: Mapping[Window, int] = {}
        self._make_room(FEW)
        self._point()

    def look_and_learn(self, event: Event) -> Known:
        """Say what was known before the event, then learn it; a full memory refuses it whole (MemoryFull)."""
        self.encoder.one(event, self._ints, self._floats)
        known = self._known()
        return self._with_windows(known, event.currency) if self.exact else known

    def plain(self, schema: Schema) -> Plain | None:
        """What reads plain events of this schema into the kernel's rows; None when the schema asks for more."""
        return Plain.of(schema, self.encoder, self._ints, self._floats)

    def look_and_learn_read(self, plain: Plain) -> Known:
        """The same for the event that `plain` has just read into the rows."""
        known = self._known()
        return self._with_windows(known, unpacked(plain.money)) if self.exact else known

    def ask_rows(self, ints: np.ndarray, floats: np.ndarray, labels: Due | None = None) -> Asked:
        """Ask to look at and learn many events in their order: `steps` do it, wherever they are taken (see beside.py).

        `labels` are learned between the events. Nothing else may want the memory until the steps were taken.
        """
        n = len(ints)
        if n > len(self._places):
            self._make_room(n)
        table = self._table
        out, unexplained = np.empty((n, self.width), np.float32), np.full(n, np.nan)
        table[:3] = ints.ctypes.data, floats.ctypes.data, out.ctypes.data
        table[4], table[11], table[15], table[17] = unexplained.ctypes.data, n, 0, 0
        if labels is not None:
            labels = Due(*map(np.ascontiguousarray, labels))
            table[5:11], table[15] = [part.ctypes.data for part in labels], len(labels.when)
        return Asked(ints, floats, out, unexplained, labels)

    def rows_asked(self, asked: Asked, money: Sequence[int], *, whole: bool) -> tuple[Learned, int]:
        """What `steps` found, once they were taken, and how many labels were learned. money: currencies, packed.

        A full memory refuses an event and all behind it: then `whole` is false, and fewer were learned than asked for.
        """
        learned = len(asked.ints) if whole else int(np.isnan(asked.unexplained).argmax())
        rows = np.ascontiguousarray(self.seen(asked.rows[:learned]))
        exact = None
        if self.exact:
            exact = [self._windows_before(asked.ints[i], unpacked(money[i])) for i in range(learned)]
        unexplained = asked.unexplained[:learned].tolist()
        return Learned(rows, self.spec, unexplained, exact, self._windows), int(self._table[17])

    def _make_room(self, n: int) -> None:
        """A table for so many events; what is the same each time is written once (see `replay` in the kernel)."""
        self._places = np.arange(n)
        widths = [8 * self.encoder.ints_width, 8 * self.encoder.floats_width, 4 * self.width]
        self._table = np.array([0, 0, 0, self._places.ctypes.data, *[0] * 7, n, *widths, 0, 0, 0], np.int64)
        self._table_address = int(self._table.ctypes.data)
        both = np.array([self._address, self._table_address], np.int64)
        self.steps = Steps([(step(self.spec), both.ctypes.data)], both)

    def look_and_learn_encoded(self, ints: np.ndarray, floats: np.ndarray) -> Known:
        """The same for an event that is encoded already (see encode.py)."""
        self._ints[:], self._floats[:] = ints, floats
        return self._known()

    def _known(self) -> Known:
        if not self._step(self._address):
            raise self.refusal()
        # Through bytes: numpy hands the interpreter's lock away to copy this much.
        row = np.frombuffer(bytearray(self._row_bytes), np.float32)
        if self._kept is not None:
            row = row[self._kept]
        return Known(row, self.spec, float(self._unexplained[0]))

    def keep_windows(self, exact: Exact) -> None:
        """Keep more windows from the next event on; they are filled with what happened so far (see `fill`)."""
        self.exact = (*self.exact, exact)
        positions: dict[Window, int] = {}
        for part in self.exact:
            start = sum(max(len(p.windows), 1) for p in self.exact[: self.exact.index(part)])
            positions |= {w: start + i for w, i in part.windows.items()}
        self._windows = positions

    @property
    def windows(self) -> Mapping[Window, int]:
        """Which windows are kept, and where each stands."""
        return self._windows

    def drop_windows(self) -> None:
        """Keep no windows any more."""
        self.exact, self._windows = (), {}

    def _with_windows(self, known: Known, currency: str) -> Known:
        exact = self._windows_before(self._ints, currency)
        return Known(known.row, known.spec, known.unexplained, exact, self._windows)

    def _windows_before(self, ints: np.ndarray, currency: str) -> np.ndarray:
        parts = [part.look_and_learn(ints, currency) for part in self.exact]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def learn(self, event: Event) -> float:
        """Learn an event without looking; returns how little its subject's behaviour explains it (0 to 1)."""
        return self.look_and_learn(event).unexplained

    def learn_label(self, event: Event, fraud: bool, known_at_us: int, unexplained: float) -> None:
        """Learn that an earlier event turned out fraud or good; call in the order in which labels became known."""
        self.encoder.one(event, self._ints, self._floats)
        self.learn_label_row(self._ints, fraud, known_at_us, unexplained)

    def hold(self, event: Event, known: Known) -> Known:
        """Keep back what was learned of an event that is held, until its verdict; call before its customer's next one.

        Returns what was known, with how the event stands in the memory from now on (its "unexplained" number).
        """
        if self.spec.behaviour is None:
            return known
        self.encoder.one(event, self._ints, self._floats)
        return replace(known, unexplained=self.learn_label_row(self._ints, at.HELD, event.time_us, known.unexplained))

    def learn_label_row(self, ints: np.ndarray, fraud: int, known_at_us: int, unexplained: float) -> float:
        """Learn a label (0, 1, or HELD) of an event as the row it was encoded to; how the event stands from now on."""
        self._ints[:] = ints
        control = self.arena.control
        control[at.LABEL_FRAUD], control[at.LABEL_KNOWN_AT] = int(fraud), known_at_us
        self._unexplained[0] = unexplained
        if not self.kernel.learn_label(self._address):
            raise self.refusal()
        return float(self._unexplained[0])

    def run_batch(self, table: int) -> bool:
        """Run a table of events and labels through the kernel (see replay.py); False: refused, see `refusal`."""
        return bool(self.kernel.replay(self._address, table))

    @property
    def width(self) -> int:
        """How many numbers the kernel writes for an event; at least as many as there are features."""
        return len(self._row)

    def seen(self, rows: np.ndarray) -> np.ndarray:
        """Of whole rows, what the spec does not remove."""
        return rows if self._kept is None else rows[:, self._kept]

    def counts(self) -> dict[str, dict[str, int]]:
        """How many records each shelf holds, hot and cold, and what moved."""
        out = {}
        for i, shelf in enumerate(self.arena.layout.shelves):
            words = self.arena.shelf(i)
            out[shelf.name] = {
                "known": int(words[at.KNOWN]),
                "hot": int(words[at.HOT_USED]),
                "cold": int(words[at.COLD_USED] - words[at.COLD_FREE_COUNT] - words[at.RESTING_COUNT]),
                "evicted": int(words[at.EVICTED]),
                "returned": int(words[at.RETURNED]),
                "record_bytes": shelf.record_bytes,
            }
        return out

    def late(self) -> int:
        """How many times an entity saw an event older than its last one."""
        return int(self.arena.control[at.LATE])

    def overflowed(self) -> int:
        """How many windows were answered by panes because the ring could not hold them."""
        return int(self.arena.control[at.OVERFLOWED])

    def refusal(self) -> MemoryFull:
        """Why the kernel refused the last event."""
        c = self.arena.control
        shelf = self.arena.layout.shelves[int(c[at.ERROR_SHELF])]
        room = {
            at.HOT_FULL: f"its {shelf.hot_max} hot records are all in use and there is no cold file",
            at.INDEX_FULL: "the index is full",
            at.COLD_FULL: f"its {shelf.cold_max} cold records are all in use",
        }[int(c[at.ERROR])]
        return MemoryFull(f"no room for another {shelf.name}: {room}; raise the budget under [memory] in features.toml")

    def repoint(self) -> None:
        """Write all addresses again, after a snapshot has been read into the arena."""
        self.arena.point()
        self._point()

    def _point(self) -> None:
        """Tell the kernel where its rows are."""
        control = self.arena.control
        control[at.INTS], control[at.FLOATS] = self._ints.ctypes.data, self._floats.ctypes.data
        control[at.OUT] = self._row.ctypes.data
