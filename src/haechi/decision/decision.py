"""A decision: what Haechi does about one event, and all the evidence for it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from haechi.events import Reason, Signal

Action = Literal["allow", "challenge", "hold", "block"]
ACTIONS: tuple[Action, ...] = ("allow", "challenge", "hold", "block")  # from the mildest to the hardest


class Decision(msgspec.Struct, kw_only=True, gc=False):
    """One action with its reasons; `score` is the calibrated risk, `expected_loss` is in minor units of the event."""

    event_id: str
    action: Action
    score: float
    expected_loss: int
    sentence: dict[str, str]
    reasons: list[Reason]
    signals: list[Signal]
    rules: list[dict[str, Any]]
    degraded: list[str]
    versions: dict[str, str]
    timings_us: dict[str, int]
    needs_a_person: bool = False
    released: Action | Literal[""] = ""  # what chance let through: the action that was not taken
    floor: dict[str, Action] = {}  # what the rules ask for whatever the models say: "minimum", "fixed"
    # Of what is not allowed: how many later events the memory had learned when this one was kept back; none: no field.
    kept_back_after: int | msgspec.UnsetType = msgspec.UNSET


encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Decision).decode
