"""The limits of the door, each with the number and the sentence's unit in its name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of everything we take; what is over is refused with a sentence, never cut short."""

    body_bytes_max: int = 1 << 20
    batch_bytes_max: int = 16 << 20
    batch_lines_max: int = 10_000
    held_bytes_max: int = 128 << 20  # bodies of all requests together, so that memory has an end
    in_flight_max: int = 1_024
    connections_max: int = 4_096
    depth_max: int = 32
    head_bytes_max: int = 16 << 10
    head_s_max: float = 10.0
    receive_s_max: float = 30.0
    idle_s_max: float = 75.0
    stop_s_max: int = 20
    page_rows_max: int = 1_000
    id_characters_max: int = 512
    slice_lines: int = 128  # a batch gives way to single requests after so many events
    slices_ahead_max: int = 8


DEFAULT = Limits()
