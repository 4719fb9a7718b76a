"""One event in full: what came, what was decided and said about it since, and what weighed how much."""

from __future__ import annotations

from collections.abc import Callable
from math import isnan
from pathlib import Path
from typing import Any

import msgspec
from xxhash import xxh3_64_intdigest

from haechi.app import BadHome, Shut, open_shut
from haechi.commands.checking import Past, afresh
from haechi.decision import Decision
from haechi.decision.decision import decode
from haechi.detectors import Supervised
from haechi.events.times import moment
from haechi.features import Known
from haechi.lifecycle.room import desk_of
from haechi.restore import Piece, catch_up, pieces
from haechi.rulebook.standing import InForce
from haechi.stores import DECIDED, Entry

CONTRIBUTIONS_MAX = 50
SUPERVISED = "supervised"


def explain_event(
    home: Path, event_id: str, *, features: bool = False, on_rows: Callable[[int], None] = lambda done: None
) -> dict[str, Any]:
    """Everything about one event; contributions need the memory of that moment, so the past is lived through again."""
    with open_shut(home, beside=True) as shut:
        entry = shut.store.journal.find(event_id)
        if entry is None:
            raise BadHome(f"no event {event_id!r} was decided or learned in {home}: check the id, imports do not count")
        told = _stored(shut, entry)
        decision = decode(entry.decision) if entry.type == DECIDED and entry.decision else None
        if decision is not None:
            told["models"] = _models(shut, decision)
        if features or (decision is not None and (decision.signals or decision.versions.get("rules"))):
            with afresh(shut) as past:
                known = _known_at(past, entry, on_rows)
                told["features_recomputed"] = xxh3_64_intdigest(known.row.tobytes()) == entry.digest
                told["contributions"] = _contributions(past, entry, known)
                if decision is not None:
                    told["rules"] = _rules(past, entry, known, decision)
                if features:
                    told["features"] = _named(known)
    return told


def _stored(shut: Shut, entry: Entry) -> dict[str, Any]:
    told: dict[str, Any] = {
        "event_id": entry.event_id, "seq": entry.seq, "time": moment(entry.time_us),
        "event": msgspec.json.decode(entry.body),
    }  # fmt: skip
    if entry.decision is not None:
        decision = msgspec.json.decode(entry.decision)
        told["sentence"] = decision.pop("sentence")
        told["reasons"] = decision.pop("reasons")
        told["decision"] = decision
    told["labels"] = [
        {"fraud": label.fraud, "known_at": moment(label.known_at_us), "source": label.source}
        for label in shut.store.journal.labels_of(entry.event_id)
    ]
    told["unexplained"], told["digest"] = entry.unexplained, f"{entry.digest:016x}"
    return told


def _models(shut: Shut, decision: Decision) -> list[dict[str, Any]]:
    """Each model that judged: its data, who told the labels, who had it trained and who agreed to each of its steps."""
    desk, judged = desk_of(shut), {one.version for one in decision.signals if one.detector == SUPERVISED}
    found = [desk.model(line.version) for line in desk.models().models if line.version in judged]
    return [{name: value for name, value in msgspec.to_builtins(one).items() if name != "report"} for one in found]


def _known_at(past: Past, wanted: Entry, on_rows: Callable[[int], None]) -> Known:
    shut, done = past.shut, 0
    for piece in pieces(shut.archive, shut.store.journal, 0):
        if piece.last_seq < wanted.seq:
            catch_up(past.course, shut.schema, shut.store.journal, piece)
            done += len(piece.entries) if piece.frame is None else piece.frame.height
            on_rows(done)
            continue
        before = [entry for entry in piece.entries if entry.seq < wanted.seq]
        if before:
            catch_up(past.course, shut.schema, shut.store.journal, Piece(None, before))
        return past.course.look_and_learn(past.event_of(wanted))
    raise BadHome(f"entry {wanted.seq} is known by its id but not in the sequence: run `haechi doctor`")


def _contributions(past: Past, entry: Entry, known: Known) -> list[dict[str, Any]]:
    event = past.event_of(entry)
    found = []
    for detector in past.house.detectors:
        signal = detector.judge(event, known)
        if isinstance(detector, Supervised):
            reasons = detector.in_full(event, known, CONTRIBUTIONS_MAX)
        else:
            reasons = detector.explain(event, known, signal, CONTRIBUTIONS_MAX)
        for reason in reasons:
            found.append({"detector": detector.name, "score": signal.score, **msgspec.structs.asdict(reason)})
    return found


def _rules(past: Past, entry: Entry, known: Known, decision: Decision) -> list[dict[str, Any]]:
    """Each rule that hit or could not be decided: what it asks, and what it saw of this event."""
    past.rules.put_into(past.house, decision)
    found, event = past.house.rules, past.event_of(entry)
    if not isinstance(found, InForce):
        return []
    told = []
    for line in found.rule_set.decide(event, known).lines:
        rule = found.rules[line["rule"], line["version"]]
        told.append({
            **line, "name": rule.name, "condition": rule.condition, "saw": found.rule_set.seen(rule, event, known),
            "reason": rule.reason, "effect": msgspec.to_builtins(rule.effect), "author": rule.author,
        })  # fmt: skip
    return told


def _named(known: Known) -> dict[str, Any]:
    values = known.row.tolist()
    return {
        feature.name: {"value": None if isnan(value) else value, **feature.phrase}
        for feature, value in zip(known.spec.features, values, strict=True)
    }
