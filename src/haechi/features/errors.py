"""What can go wrong in this room.

* FeatureError
  + BadSpec          the declaration of features cannot work
  + MemoryFull       no room for another entity
  + DamagedSnapshot  a snapshot is not what was written
  + OtherSpec        a snapshot belongs to another declaration of features
"""

from __future__ import annotations

__all__ = ["BadSpec", "DamagedSnapshot", "FeatureError", "MemoryFull", "OtherSpec"]


class FeatureError(Exception):
    """Something is wrong with features or memory; the message says what to do."""


class BadSpec(FeatureError):
    """The declaration of features cannot work."""


class MemoryFull(FeatureError):
    """The memory has no room for another entity, and nowhere to put the longest unseen one."""


class DamagedSnapshot(FeatureError):
    """A snapshot file is not what was written; the message names the part."""


class OtherSpec(FeatureError):
    """A snapshot belongs to another declaration of features."""
