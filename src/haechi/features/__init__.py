"""What we knew: a spec becomes a layout and a kernel; one memory; the same function online and in replay."""

from haechi.features.jit import use_cache

use_cache()

from haechi.features.errors import BadSpec, DamagedSnapshot, FeatureError, MemoryFull, OtherSpec  # noqa: E402
from haechi.features.exact import Exact, Window  # noqa: E402
from haechi.features.memory import Known, Memory  # noqa: E402
from haechi.features.recipe import default_spec, spec_for  # noqa: E402
from haechi.features.replay import Replay, Replayer, replay  # noqa: E402
from haechi.features.spec import Behaviour, Category, Entity, Feature, Pair, Spec  # noqa: E402

__all__ = [
    "BadSpec",
    "Behaviour",
    "Category",
    "DamagedSnapshot",
    "Entity",
    "Exact",
    "Feature",
    "FeatureError",
    "Known",
    "Memory",
    "MemoryFull",
    "OtherSpec",
    "Pair",
    "Replay",
    "Replayer",
    "Spec",
    "Window",
    "default_spec",
    "replay",
    "spec_for",
]
