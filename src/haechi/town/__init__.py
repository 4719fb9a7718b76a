"""A place to try Haechi: people, shops, payments, fraud, labels that come late; a seed gives the same town."""

from __future__ import annotations

from haechi.town.day import Day
from haechi.town.errors import FolderNotWritable, ImpossibleTown, NobodyToTellAbout, TownError, TownExists
from haechi.town.parameters import Parameters
from haechi.town.story import story
from haechi.town.town import Town, simulate
from haechi.town.write import Written, write_town

__all__ = [
    "Day",
    "FolderNotWritable",
    "ImpossibleTown",
    "NobodyToTellAbout",
    "Parameters",
    "Town",
    "TownError",
    "TownExists",
    "Written",
    "simulate",
    "story",
    "write_town",
]
