"""What the memory remembers and what it emits, declared: the one source of layout, kernel, names and phrases."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

__all__ = ["Behaviour", "Category", "Entity", "Feature", "Pair", "Spec"]


# Families of features that tell the same, whatever the entity.
_TOLD_AS = {
    ("own", "sd"): "amount", ("own", "ratio"): "amount", ("own", "share"): "amount", ("raw", "money"): "amount",
    ("raw", "hour"): "hour", ("raw", "weekday"): "hour", ("hour", "share"): "hour",
}  # fmt: skip
PLACES = ("merchant", "terminal")  # where everybody goes: how busy they are is no reason
OWN = ("customer", "account", "card")  # how busy a person is in a week or more describes her, not the event
WEEK_S = 604_800


@dataclass(frozen=True)
class Feature:
    """One number that the kernel emits, and how to speak about it."""

    name: str
    family: str  # raw agg count own pair hour crowd place label attribute behaviour
    unit: str  # money count ratio sd seconds share flag code hour weekday km km/h years days number
    entity: str
    window_s: int | None
    role: str  # "level": the history itself; "contrast": this event against the history
    phrase: dict[str, str]

    @property
    def told_as(self) -> str:
        """What a person hears in a reason about it, whatever the window: of each only the strongest is told."""
        return _TOLD_AS.get((self.family, self.unit)) or f"{self.family}.{self.entity}"

    @property
    def is_telling(self) -> bool:
        """Whether a person learns something from it; a model may know what to do with the rest."""
        if self.family == "behaviour" or self.name == "amount_cents":
            return False  # bits and last digits speak to nobody
        if "unexplained" in self.name and self.entity in OWN:
            return False  # it tells shops where cards are stolen from people who were robbed
        if self.family == "crowd":
            return self.unit != "count" or self.entity not in PLACES
        is_long = (self.window_s or 0) >= WEEK_S
        return self.family not in ("count", "agg") or not (self.entity in PLACES or (is_long and self.entity in OWN))


@dataclass(frozen=True)
class Pair:
    """An entity keeps track of whom (or which category) it deals with, in a few slots."""

    target: str
    slots: int
    category: bool


@dataclass(frozen=True)
class Entity:
    """One kind of record: which blocks it has."""

    name: str
    role: str  # subject, owned (exact windows), party (pane windows), peers (key from the subject's attributes)
    ring: bool
    profile: bool
    crowd: bool
    verdicts: bool
    place: bool
    pairs: tuple[Pair, ...] = ()
    hot_max: int = 1_000_000
    cold_max: int = 50_000_000


@dataclass(frozen=True)
class Category:
    """One categorical field: its values get running codes in order of appearance."""

    name: str
    verdicts: bool


@dataclass(frozen=True)
class Behaviour:
    """Who plays which part in the subject's behaviour: names of entities and of a category, a country; "" is nobody."""

    merchant: str = ""
    payee: str = ""
    device: str = ""
    category: str = ""
    calendar: str = ""


@dataclass(frozen=True)
class Spec:
    """A whole declaration. Two specs with equal hash compute the same features, bit for bit."""

    entities: tuple[Entity, ...]
    categories: tuple[Category, ...]
    numbers: tuple[str, ...]
    attributes: tuple[str, ...]
    windows: tuple[tuple[str, int], ...]  # label, microseconds; narrow to wide
    has_amount: bool
    has_place: bool
    clock: bool  # false when times are a running number: then there is no hour and no weekday
    timezone: str
    scale: float  # one major unit = 1 / scale minor units
    day_us: int  # the tick of pairs and sketches: a day, or a span of order numbers
    values_hot_max: int = 1_000_000
    behaviour: Behaviour | None = None  # None: no surprise is worked out, and nothing is paid for it
    remove: tuple[str, ...] = ()  # names or patterns of features that nobody gets to see
    features: tuple[Feature, ...] = field(default=(), compare=False)
    hash: str = field(default="", compare=False)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of all features, in the order of the emitted row."""
        return tuple(f.name for f in self.features)

    @cached_property
    def positions(self) -> dict[str, int]:
        """Where each feature stands in the row."""
        return {name: i for i, name in enumerate(self.names)}

    def index(self, name: str) -> int:
        """Find the position of a feature by name; KeyError names the nearest ones."""
        if name not in self.positions:
            import difflib

            near = difflib.get_close_matches(name, self.names, 3)
            raise KeyError(f"no feature is called {name!r}; the nearest are {near}")
        return self.positions[name]

    @property
    def subject(self) -> Entity | None:
        """The entity whose behaviour is judged, if there is one."""
        return next((e for e in self.entities if e.role == "subject"), None)

    @property
    def keyed(self) -> tuple[Entity, ...]:
        """The entities whose keys come with the event."""
        return tuple(e for e in self.entities if e.role != "peers")

    @property
    def spans(self) -> tuple[tuple[str, int], ...]:
        """The three widest windows: labels are counted over these."""
        return self.windows[-3:]
