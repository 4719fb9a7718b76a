"""Every alert of a small town that knows no label: each says a value and what is usual, and none contradicts itself."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from haechi.commands.behaving import JUDGED_KINDS, asked_about
from haechi.decision import Policy
from haechi.decision.reasons import REASONS_MAX, explain
from haechi.decision.sentence import sentence
from haechi.detectors import Isolation, behaviours, fresh
from haechi.detectors.frequency import BITS_MIN
from haechi.events import Event, Reason, Schema, read_frames
from haechi.features import Known, Memory, Replayer, default_spec
from haechi.town import parameters, write_town
from haechi.town.report.folder import TownFolder

# What tells one story from another and is no reason by itself: nothing is rare about it, and it has no usual.
ASIDES = ("behaviour.link", "behaviour.before")
FAMILY = {"small": "amount", "outflow": "amount", "tempo": "gap", "travel": "place"}


def hours(said: str) -> float:
    clock, minutes = said.split(":")
    return int(clock) + int(minutes) / 60


def won(said: str) -> float:
    return float(said.replace(",", "").removesuffix(" won"))


def lies_in(value: str, span: str) -> bool:
    """Whether a value lies in a range, as a person reads both."""
    low, high = span.split("-")
    if ":" in value:
        return (hours(value) - hours(low)) % 24.0 <= (hours(high) - hours(low)) % 24.0
    return won(low) <= won(value) <= won(high)


def contradictions(reason: Reason, known: Known) -> list[str]:
    """Ranges that a reason names although its value lies in them."""
    kind = reason.code.removeprefix("behaviour.")
    of = {n: known.value(f"behaviour.{n}") for n in ("gap_low_s", "tempo_low_s", "last5_s")}
    if kind == "gap":
        return ["gap"] if not known.value("customer.gap_s") < of["gap_low_s"] else []
    if kind == "tempo":
        return ["tempo"] if not of["last5_s"] < of["tempo_low_s"] else []
    if kind not in ("hour", "amount", "small", "outflow", "habit"):
        return []
    parts = re.split(r", (?=\d)", reason.value) if kind == "habit" else [reason.value]
    spans = [span for span in re.split(r", (?=\d+:)|(?<=:\d\d), ", reason.usual) if re.search(r"\d-\d|won-", span)]
    return [
        f"{part} in {span}" for part in parts for span in spans
        if (":" in part) == (":" in span) and lies_in(part, span)
    ]  # fmt: skip


def held_to(reasons: list[Reason], known: Known, text: dict[str, str]) -> None:
    """What must hold for the reasons of every alert."""
    assert any(r.value and r.usual and r.code not in ASIDES for r in reasons)
    assert len(reasons) <= REASONS_MAX
    kinds = [FAMILY.get(k, k) for k in (r.code.removeprefix("behaviour.") for r in reasons)]
    assert len(set(kinds)) == len(kinds), kinds
    assert not {"habit", "hour"} <= set(kinds), "what the pair tells is not told again"
    for reason in reasons:
        assert not contradictions(reason, known), reason
        assert reason.code in ASIDES or reason.weight >= BITS_MIN, reason
        assert all(reason.text[k] and "nan" not in reason.text[k] for k in ("en", "ko"))
    assert all(int(n.replace(",", "")) >= 20 for n in re.findall(r"1 in ([\d,]+)", text["en"])), text["en"]
    assert re.search("[가-힣]", text["ko"])


def alerts(town: TownFolder) -> list[tuple[Event, Known, Any]]:
    """Every event of payments, transfers and withdrawals that the default policy does not simply allow."""
    frames = read_frames(Schema.read("bank"), town.event_files)
    spec = default_spec(frames.schema, overrides={"behaviour": True})
    detectors, replayer, found = [*behaviours(spec), Isolation(fresh(spec))], Replayer(Memory(spec)), []
    for frame in frames:
        keep = frame["kind"].is_in(JUDGED_KINDS).to_numpy()
        rows, _ = replayer.feed(frame, keep, np.zeros(frame.height, bool))
        judged = frame.filter(frame["kind"].is_in(JUDGED_KINDS))
        asked = asked_about(judged, rows, detectors, Policy())
        for told, row in zip(judged.filter(asked).iter_rows(named=True), rows[asked], strict=True):
            category = {"merchant_category": told["category:merchant_category"] or ""}
            event = Event(id=told["id"], kind=told["kind"], time_us=told["time_us"], entities={},
                          amount=told["amount"], currency=told["currency"], categories=category)  # fmt: skip
            found.append((event, Known(row.copy(), spec, 0.0), detectors))
    return found


def reasons_of(event: Event, known: Known, detectors: list[Any]) -> list[Reason]:
    """As a decision would give them; nobody may fail to explain himself."""
    house, degraded = SimpleNamespace(detectors=detectors, left_out=Counter()), list[str]()
    found = explain(event, known, [d.judge(event, known) for d in detectors], house, degraded)  # type: ignore[arg-type]
    assert not degraded
    return found


@pytest.mark.nightly  # a kernel of its own, compiled for one town
def test_every_alert_says_what_is_usual_and_contradicts_nothing(tmp_path: Path) -> None:
    small = parameters("small", customers=240, days=40, fraud={"level": 25.0})
    write_town(tmp_path / "town", small, 3, format="parquet")
    found = alerts(TownFolder.open(tmp_path / "town"))
    assert len(found) > 100
    for event, known, detectors in found:
        reasons = reasons_of(event, known, detectors)
        held_to(reasons, known, sentence("challenge", 0.1, reasons, event))


def test_the_reading_itself_finds_contradictions() -> None:
    known = SimpleNamespace(value=lambda name: {"behaviour.last5_s": 9.0, "behaviour.tempo_low_s": 8.0}.get(name, 0.0))

    def said(kind: str, value: str, usual: str) -> list[str]:
        return contradictions(Reason(f"behaviour.{kind}", value, usual, 9.0, {}), known)  # type: ignore[arg-type]

    assert said("hour", "23:30", "22:00-02:00")
    assert not said("hour", "03:30", "22:00-02:00")
    assert said("amount", "7,000 won", "1,500 won-7,900 won")
    assert not said("amount", "7,000 won", "1,500 won-3,900 won")
    assert said("habit", "07:02, 7,000 won", "16:00-21:00, 1,500 won-7,900 won")
    assert said("habit", "17:02, 7,000 won", "16:00-21:00, 1,500 won-3,900 won")
    assert not said("habit", "07:02, 7,000 won", "16:00-21:00, 1,500 won-3,900 won")
    assert said("tempo", "9 seconds", "8 seconds-9 seconds")
