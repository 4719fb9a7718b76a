"""A town judged by behaviour alone: replayed without one label, held against the truth that the town kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import numpy as np
import polars as pl
import xxhash

from haechi.commands.screen import Bars
from haechi.decision import Policy
from haechi.decision.heard import Heard, Signals
from haechi.decision.weigh import weigh
from haechi.detectors import Isolation, behaviours, fresh
from haechi.detectors.behaviour import Behaviour
from haechi.events import Event, Schema, read_frames
from haechi.features import Known, Memory, Replayer, Spec, default_spec
from haechi.features.blocks.categories import age_band
from haechi.features.frozen import look_frozen
from haechi.learning.dataset import DAY_US
from haechi.learning.unlabelled import KINDS, STATE, TRANSFER, VIEWS, Judged
from haechi.town import STORIES, NobodyToTellAbout, Town, probes
from haechi.town.parameters import checked
from haechi.town.report.folder import SEOUL_US, TownFolder

__all__ = ["Behaving", "Told", "figures_of_stories"]

JUDGED_KINDS = ("payment", "transfer", "withdrawal")
AGES = (13, 18)
HISTORY_DAYS_MIN = 60
ON_THE_LAST_DAY = ("founding", "breakfast-habit", "afternoon", "usual-amount")
P = "behaviour."


@dataclass(frozen=True)
class Told:
    """A story told about many pupils on one day, each as if it came next: rows of features."""

    name: str
    day: date
    frame: pl.DataFrame
    rows: np.ndarray


@dataclass
class Behaving:
    """Replay a town and keep what judging needs."""

    folder: TownFolder
    seed: int = 0
    customers_max: int | None = None
    probes_max: int = 200
    first_day: int = 60
    policy: Policy = field(default_factory=Policy)
    stories: list[Told] = field(default_factory=list)
    _parts: list[dict[str, Any]] = field(default_factory=list)
    _detectors: list[Any] = field(default_factory=list)

    def run(self, shown: Bars) -> tuple[Judged, Spec]:
        """Replay everything once, no label in sight."""
        frames = read_frames(Schema.read("bank"), self.folder.event_files)
        spec = default_spec(frames.schema, overrides={"behaviour": True})
        self._detectors = [*behaviours(spec), Isolation(fresh(spec))]
        replayer = Replayer(Memory(spec))
        total = int(self.folder.info.get("counts", {}).get("events", 0)) or None
        waiting = list(self._asked())
        for frame in self._sampled(frames):
            times = frame["time_us"].to_numpy()
            start = 0
            while waiting and waiting[0][0] <= times[-1]:
                moment, name, day = waiting.pop(0)
                cut = int(np.searchsorted(times, moment))
                self._feed(replayer, frame[start:cut])
                self._tell(replayer.memory, name, day)
                start = cut
            self._feed(replayer, frame[start:])
            shown.advance("replay", frame.height, total=total)
        for _, name, day in waiting:
            self._tell(replayer.memory, name, day)
        return self._judged(), spec

    def _sampled(self, frames: Any) -> Iterator[pl.DataFrame]:
        """The frames, of so many customers only: the same ones for the same seed."""
        known: dict[str, bool] = {}
        count = int(self.folder.info.get("customers", 0))
        share = 1.0 if self.customers_max is None or not count else min(self.customers_max / count, 1.0)
        for frame in frames:
            if share < 1.0:
                names = frame["entity:customer"].unique().drop_nulls().to_list()
                for name in names:
                    if name not in known:
                        known[name] = xxhash.xxh3_64_intdigest(name.encode(), self.seed) < share * 2.0**64
                chosen = [n for n in names if known[n]]
                frame = frame.filter(pl.col("entity:customer").is_in(chosen))
            if frame.height:
                yield frame

    def _feed(self, replayer: Replayer, frame: pl.DataFrame) -> None:
        if not frame.height:
            return
        first = self._first_us
        keep = (frame["kind"].is_in(JUDGED_KINDS) & (frame["time_us"] >= first)).fill_null(False).to_numpy()
        rows, _ = replayer.feed(frame, keep, np.zeros(frame.height, bool))
        if not keep.any():
            return
        told = frame.filter(pl.Series(keep))
        part = {name: rows[:, columns] for name, columns in columns_of(replayer.memory.spec).items()}
        asked = asked_about(told, rows, self._detectors, self.policy)
        self._parts.append({"told": told.select("id", "time_us", "entity:customer"), "asked": asked, **part})

    @property
    def _first_us(self) -> int:
        start = date.fromisoformat(str(self.folder.info["start"]))
        return ((start - date(1970, 1, 1)).days + self.first_day) * DAY_US - SEOUL_US

    def _asked(self) -> Iterator[tuple[int, str, date]]:
        """Which story is told when, in order of time: calendar twins on their last day that the town has seen."""
        start = date.fromisoformat(str(self.folder.info["start"]))
        end = start + timedelta(days=int(self.folder.info["days"]))
        found = []
        for name, told in STORIES.items():
            day = end
            if name in ON_THE_LAST_DAY:
                while not told.fits(day):
                    day += timedelta(days=1)
            else:
                while day > start + timedelta(days=HISTORY_DAYS_MIN) and not told.fits(day):
                    day -= timedelta(days=1)
                if not told.fits(day):
                    continue
            found.append(((day - date(1970, 1, 1)).days * DAY_US - SEOUL_US, name, day))
        return iter(sorted(found))

    def _tell(self, memory: Memory, name: str, day: date) -> None:
        """Tell a story about everybody whom it fits and whom this memory has met."""
        plan = self.folder.info["plan"]
        town = Town(checked(dict(plan["parameters"])), int(plan["seed"]))
        try:
            found = probes(town, name, on=day, ages=AGES)[: self.probes_max]
        except NobodyToTellAbout:
            return  # a small town need not have a pupil whom every story fits
        if not found:
            return
        with TemporaryDirectory(prefix="haechi-story-") as place:
            path = Path(place) / "story.jsonl"
            path.write_bytes(b"\n".join(msgspec.json.encode(p.event) for p in found) + b"\n")
            frame = pl.concat(list(read_frames(Schema.read("bank"), path)))
        rows = look_frozen(memory, frame)
        met = rows[:, memory.spec.index(P + "history")] > 0.0
        self.stories.append(Told(name, day, frame.filter(pl.Series(met)), rows[met]))

    def _judged(self) -> Judged:
        told = pl.concat([part["told"] for part in self._parts])
        rows = {name: np.concatenate([p[name] for p in self._parts]) for name in self._parts[0] if name != "told"}
        truth = self.folder.truth().join(self.folder.fraud_ids(), on="event_id", how="semi")
        kinds = self.folder.campaigns().select("campaign_id", "typology").lazy()
        typed = truth.join(kinds, on="campaign_id").unique("event_id").select("event_id", "typology").collect()
        found = told.join(typed, left_on="id", right_on="event_id", how="left", maintain_order="left")
        local = found["time_us"] + SEOUL_US
        age, segment, direction, school = rows["who"].T
        band = np.array([age_band(float(a)) for a in age])
        _, group = np.unique(band * 2.0**21 + np.nan_to_num(segment, nan=0.0), return_inverse=True)
        views = dict(zip(VIEWS, np.nan_to_num(rows["views"].astype(np.float64)).T, strict=True))
        views["school"] = school.astype(np.float64)
        return Judged(
            time_us=found["time_us"].to_numpy(),
            subject=found["entity:customer"].rank("dense").fill_null(0).cast(pl.Int64).to_numpy(),
            fraud=found["typology"].is_not_null().to_numpy(),
            bits=rows["bits"],
            views=views,
            asked=rows["asked"],
            transfer=direction == TRANSFER,
            state=rows["state"],
            month=local.cast(pl.Datetime("us")).dt.strftime("%Y-%m").to_numpy().astype(str),
            group=group,
            typology=found["typology"].fill_null("").to_numpy().astype(str),
        )


def asked_about(frame: pl.DataFrame, rows: np.ndarray, detectors: Sequence[Any], policy: Policy) -> np.ndarray:
    """Which events a policy would not simply allow, were these detectors all that it could ask."""
    voices = [(one.name, one.version) for one in detectors]
    heard = Heard(voices, *np.empty((2, len(detectors), len(rows))))
    for detector, scores, one_in in zip(detectors, heard.scores, heard.one_in, strict=True):
        detector.judge_rows(rows, scores, one_in)
    said = (Signals(heard, n) for n in range(len(rows)))
    told = zip(frame["kind"], frame["amount"], frame["currency"].fill_null(""), said, strict=True)
    actions = (
        weigh(
            Event(id="-", kind=kind, time_us=0, entities={}, amount=amount, currency=currency), signals, policy
        ).action
        for kind, amount, currency, signals in told
    )
    return np.fromiter((action != "allow" for action in actions), bool, frame.height)


def columns_of(spec: Spec) -> dict[str, list[int]]:
    """Where in a row stand the bits, the views, the state for the baseline, and who it is; what is missing is left."""
    subject = spec.subject.name if spec.subject else ""
    state = [name if name == "amount" else f"{subject}.{name}" for name in STATE]
    who = [f"{subject}.age_years", f"{subject}.segment", f"{P}direction", f"{P}school_habit"]
    return {
        "bits": [spec.index(f"{P}surprise_{kind}") for kind in KINDS],
        "views": [spec.index(f"{P}surprise_{view}") for view in VIEWS],
        "state": [spec.index(name) for name in state if name in spec.positions],
        "who": [spec.index(name) for name in who],
    }


def figures_of_stories(stories: list[Told], spec: Spec, policy: Policy) -> dict[str, Any]:
    """Of each story: how rare the habit view finds it, whether hour and amount lead, how many a policy asks about."""
    found, view = {}, Behaviour(spec, "behaviour.habit")
    detectors = [*behaviours(spec), Isolation(fresh(spec))]
    for told in stories:
        rare = 2.0 ** told.rows[:, spec.index(f"{P}surprise_habit")].astype(np.float64)
        asked = asked_about(told.frame, told.rows, detectors, policy)
        lead = [_leads(view, spec, row, event) for row, event in zip(told.rows, told.frame.to_dicts(), strict=True)]
        found[told.name] = {
            "day": str(told.day), "pupils": len(rare), "median_one_in": float(np.median(rare)),
            "beyond_1_in_50": float((rare > 50).mean()), "beyond_1_in_100": float((rare > 100).mean()),
            "hour_and_amount_lead": float(np.mean(lead)), "asked_about": float(asked.mean()),
        }  # fmt: skip
    return found


def _leads(view: Behaviour, spec: Spec, row: np.ndarray, told: dict[str, Any]) -> bool:
    """Whether hour and amount are the first two reasons of the habit view, or one that names both is the first."""
    event = Event(
        id=told["id"], kind=told["kind"], time_us=told["time_us"], amount=told["amount"], currency=told["currency"],
        entities={}, categories={"merchant_category": told["category:merchant_category"]},
    )  # fmt: skip
    known = Known(row, spec, 0.0)
    codes = [r.code.removeprefix(P) for r in view.explain(event, known, view.judge(event, known), top=2)]
    return codes[:1] == ["habit"] or set(codes) == {"hour", "amount"}
