"""A place to try Haechi: people, merchants, payments, fraud, labels that come late; a seed gives the same town."""

from __future__ import annotations

from haechi.town.acts import Acts
from haechi.town.errors import FolderNotWritable, ImpossibleTown, NobodyToTellAbout, TownError, TownExists
from haechi.town.parameters import PROFILES, Parameters, parameters
from haechi.town.render import Pen
from haechi.town.story import STORIES, Probe, best_probe, history, probes, story
from haechi.town.town import Town, simulate
from haechi.town.write import Written, write_town

__all__ = [
    "PROFILES",
    "STORIES",
    "Acts",
    "FolderNotWritable",
    "ImpossibleTown",
    "NobodyToTellAbout",
    "Parameters",
    "Pen",
    "Probe",
    "Town",
    "TownError",
    "TownExists",
    "Written",
    "best_probe",
    "history",
    "parameters",
    "probes",
    "simulate",
    "story",
    "write_town",
]
