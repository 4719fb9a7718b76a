"""What can go wrong when a town is built.

TownError
  x ImpossibleTown      parameters that no town can have
  x FolderNotWritable   the folder for the town cannot be written
  x TownExists          the folder already holds a town
  x NobodyToTellAbout   no customer fits the story
"""

from __future__ import annotations


class TownError(Exception):
    """Something is wrong with a town; the message says what to do."""


class ImpossibleTown(TownError):
    """Parameters that no town can have."""


class FolderNotWritable(TownError):
    """The folder for the town cannot be written."""


class TownExists(TownError):
    """The folder already holds a town."""


class NobodyToTellAbout(TownError):
    """No customer of this town fits the story."""
