"""The packs that come with Haechi: rules as data, each with histories that hit and that do not."""

from __future__ import annotations

from importlib import resources

from haechi.rules.errors import BadRuleFile
from haechi.rules.files import Pack, read_pack

__all__ = ["PACKS", "pack", "pack_text"]

PACKS = ("korea", "card-testing", "account-takeover", "mule")


def pack_text(name: str) -> str:
    """The file of a pack as it stands."""
    if name not in PACKS:
        raise BadRuleFile(f"there is no pack {name!r}; there are {', '.join(PACKS)}")
    return resources.files("haechi.rules.packs").joinpath(f"{name}.toml").read_text("utf-8")


def pack(name: str) -> Pack:
    """The rules, typologies and tests of a pack; every rule is a draft until somebody publishes it."""
    return read_pack(pack_text(name), f"pack {name}")
