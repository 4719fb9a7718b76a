"""How a house learns: the [learning] part of haechi.toml. All of it may be left out; these are the defaults.

[learning]
mature_share = 0.95           # a data set ends where this share of the frauds is known
presume_legitimate = true     # an event decided here, mature and never complained about, teaches as legitimate
cores = 2                     # of a training's process
memory_mib = 8_192            # address space of a training's process
[learning.reliability]        # how often a label of this kind is right; it weighs as much in training
report = 0.97
check = 0.9
[learning.segments]           # by which columns slices are shown: a feature, or category:NAME
age = "customer.age_years"
[learning.screening]          # of a data set, before anything is trained: see haechi/learning/screening.py
leakage = "refuse"            # or "warn"
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Answer = Literal["refuse", "warn", "off"]

RELIABILITY = {
    "report": 0.97, "verdict": 0.99, "chargeback": 0.98, "mule": 0.99, "check": 0.9, "confirmation": 0.95,
    "import": 1.0, "other": 0.9,
}  # fmt: skip


class Screening(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is done about each finding, and from where on it is one."""

    leakage: Answer = "refuse"
    early_labels: Answer = "refuse"
    id_encodes: Answer = "refuse"
    late_columns: Answer = "refuse"
    duplicates: Answer = "warn"
    contradictions: Answer = "warn"
    flips: Answer = "refuse"
    mass_labels: Answer = "warn"
    personal_data: Answer = "warn"
    lone_auc_max: Annotated[float, msgspec.Meta(ge=0.8, le=1)] = 0.97
    id_auc_max: Annotated[float, msgspec.Meta(ge=0.6, le=1)] = 0.75
    early_s: Annotated[int, msgspec.Meta(ge=0, le=86_400)] = 60
    duplicate_share_max: Share = 0.01
    flip_gap_max: Share = 0.2
    mass_factor: Annotated[float, msgspec.Meta(ge=2)] = 20.0


class Learning(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a house learns."""

    mature_share: Annotated[float, msgspec.Meta(ge=0.5, lt=1)] = 0.95
    presume_legitimate: bool = True
    cores: Annotated[int, msgspec.Meta(ge=1, le=256)] = 2
    memory_mib: Annotated[int, msgspec.Meta(ge=512)] = 8_192
    reliability: dict[str, Share] = msgspec.field(default_factory=lambda: dict(RELIABILITY))
    segments: dict[str, str] = msgspec.field(default_factory=lambda: {"age": "customer.age_years"})
    screening: Screening = Screening()
