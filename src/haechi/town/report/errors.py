"""What can go wrong when a town is read back.

TownError
  x NotATown            the folder holds no finished town
"""

from __future__ import annotations

from haechi.town.errors import TownError


class NotATown(TownError):
    """The folder holds no finished town."""
