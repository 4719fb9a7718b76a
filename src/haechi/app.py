"""The door: here the rooms are wired together, and nowhere else does anybody reach for the clock or the dice."""

from __future__ import annotations

import getpass
import hashlib
import logging
import os
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Self, cast

import msgspec

from haechi.cases import CaseDesk, Office, Past
from haechi.cases.sending import post
from haechi.cases.warnings import Judged
from haechi.decision import Decision, Detector, House, Policy, weigh
from haechi.decision.conclude import conclude
from haechi.decision.decision import decode
from haechi.decision.look import look
from haechi.decision.policies import keep
from haechi.events import BadSchema, Event, Schema
from haechi.features import BadSpec, Memory, Spec, default_spec
from haechi.features.course import Course
from haechi.learning.life.life import Life
from haechi.learning.life.standing import Standing
from haechi.learning.registry import Registry
from haechi.lifecycle.taking import Taking, deciders, fits, model_names, rehearse
from haechi.restore import Piece, catch_up, event_of, newest_memory, pieces
from haechi.rulebook.book import Rulebook
from haechi.rulebook.publishing import Publisher
from haechi.rulebook.standing import InForce, Workshop
from haechi.security import ENTROPY_BYTES, SCOPES, NewKey, StoredKey, make_key
from haechi.settings import TEMPLATE, Settings
from haechi.snapshots import Notes, Snapshots
from haechi.stores import DECIDED, AlreadyOpen, ApiKey, Archive, Entry, Home, Journal, Limits, Store, write_durably

__all__ = [
    "BadHome",
    "OpenHouse",
    "Shut",
    "add_key",
    "adopt_schema",
    "cases_of",
    "champion",
    "create_home",
    "decide_again",
    "features_at",
    "house_for",
    "key_seed",
    "life_of",
    "now_us",
    "open_house",
    "open_shut",
    "overrides_of",
    "past_of",
    "rulebook_of",
    "spec_of",
    "stopped",
]  # fmt: skip

log = logging.getLogger("haechi")

SEED_BYTES = 8
WITH_BEHAVIOUR = b"""\
# What is remembered of events beyond the default recipe (docs/features.md). Changed after the first event, it needs a
# replay of the history; a model learned on other features has to be trained again.
behaviour = true  # what is unusual for each customer, without labels (docs/behaviour.md)
"""
# An event of 1 MiB may give a decision several times as large, for reasons repeat what the event says.
STORE_LIMITS = Limits(entry_bytes_max=16 << 20)
Progress = Callable[[int], None]


class BadHome(Exception):
    """A home does not fit together; the message says what to do."""


class Bell:
    """Counts the calls to people; the alerts themselves are in the store."""

    def __init__(self) -> None:
        self.rung: Counter[str] = Counter()

    def open(self, decision: Decision) -> None:
        """A person is called."""
        self.rung[decision.action] += 1


@dataclass
class Shut:
    """A home whose files are open and locked, but whose memory was not read: enough for keys, imports and checks."""

    home: Home
    settings: Settings
    schema: Schema
    archive: Archive
    store: Store
    closing: ExitStack = field(default_factory=ExitStack)

    @property
    def last_seq(self) -> int:
        """The last number of the sequence, imported or journaled."""
        return max(self.archive.last_seq, self.store.journal.last_seq)

    @property
    def spec(self) -> Spec:
        """The features of this home."""
        return spec_of(self.home, self.schema)

    def key(self, digest: bytes) -> StoredKey | None:
        """An API key by its hash."""
        row = self.store.keys.find(digest.hex())
        if row is None:
            return None
        return StoredKey(digest, frozenset(row.scopes), row.name, row.created_us, row.revoked_us)

    def cold(self) -> Path | None:
        """Where the longest unseen records go."""
        return self.home.path / "memory.cold" if self.settings.memory.cold else None

    def close(self) -> None:
        """Write what waits, close the files and let others in."""
        self.closing.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass
class OpenHouse(Shut):
    """A home with its memory: ready to decide."""

    course: Course = field(kw_only=True)
    house: House = field(kw_only=True)
    snapshots: Snapshots = field(kw_only=True)
    bell: Bell = field(kw_only=True)
    rulebook: Rulebook = field(kw_only=True)
    publisher: Publisher = field(kw_only=True)
    life: Life = field(kw_only=True)
    taking: Taking = field(kw_only=True)
    replayed: int = 0


def spec_of(home: Home, schema: Schema) -> Spec:
    """The features of a home whose schema is this."""
    if not schema.is_bound:
        raise BadHome(f"{home.schema} has column patterns: import history first, or name the columns")
    return default_spec(schema, overrides=overrides_of(home))


def now_us() -> int:
    """The time of day in microseconds since 1970."""
    return time.time_ns() // 1_000


def create_home(
    path: Path, schema: Path | str = "bank", *, behaviour: bool = False, seed: bytes | None = None
) -> tuple[Home, NewKey]:
    """Make an empty home with a seed of its own and a first key that may do everything; the key is told only here.

    `behaviour`: judge what is unusual from the first event on; `seed`: eight bytes that make it the same home again.
    """
    home = Home.create(path, settings=TEMPLATE, schema=_schema_text(schema))
    _write_secret(home.keys / "seed", (seed or os.urandom(SEED_BYTES)).hex().encode() + b"\n")
    if behaviour:
        write_durably(home.path / "features.toml", WITH_BEHAVIOUR)
    with open_shut(path) as shut:
        return home, add_key(shut.store, "first", SCOPES)


def add_key(store: Store, name: str, scopes: Sequence[str] | dict[str, str]) -> NewKey:
    """Make an API key and keep its hash."""
    key = make_key(os.urandom(ENTROPY_BYTES), scopes=scopes, name=name, created_us=now_us())
    stored = key.stored
    store.keys.add(ApiKey(stored.digest.hex(), name, tuple(sorted(stored.scopes)), stored.created_us))
    return key


def open_shut(path: Path, *, beside: bool = False) -> Shut:
    """Lock a home and open its files, without its memory.

    With `beside`, a home that a server works on is opened too: to be read as it is now, and for its keys.
    """
    home = Home(path)
    home.check()
    settings = Settings.read(home.settings)
    url = settings.store.url
    with ExitStack() as stack:
        try:
            stack.callback(home.lock().release)
            archive = home.open_archive()
            store = home.open_store(archive, url=url, entropy=os.urandom(8), limits=STORE_LIMITS)
        except AlreadyOpen:
            if not beside:
                raise
            archive = home.open_archive()
            store = home.open_beside(archive, url=url, limits=STORE_LIMITS)
        stack.callback(store.close)
        schema = _schema_of(home, store, empty=not archive.rows and not store.journal.last_seq)
        return Shut(home, settings, schema, archive, store, stack.pop_all())


def open_house(
    path: Path, *, detectors: Sequence[Detector] | None = None, progress: Progress | None = None
) -> OpenHouse:
    """Open a home with all that it knows: its newest sound snapshot, then what happened since."""
    shut = open_shut(path)
    log.info("starting: reading what %s remembers; a first start on a machine compiles, too: about a minute", path)
    with ExitStack() as stack:
        stack.callback(shut.close)
        house = _with_memory(shut, detectors, progress)
        stack.pop_all()
    return house


def _with_memory(shut: Shut, detectors: Sequence[Detector] | None, progress: Progress | None) -> OpenHouse:
    spec, seed, journal = shut.spec, key_seed(shut.home), shut.store.journal
    policy = Policy.parse(shut.settings.policy)
    found = newest_memory(shut.home.snapshots, spec, cold=shut.cold(), seed=seed, last_seq=shut.last_seq)
    if found is None:
        set_aside(shut.home.snapshots)
        course, seq, notes = Course(Memory(spec, cold=shut.cold(), seed=seed)), 0, b""
    else:
        course, seq, notes = found
    bell = Bell()
    life = life_of(shut)
    life.note_policy()
    chosen = champion(shut.home, spec, life) if detectors is None else detectors
    house = house_for(course, chosen, policy, shut.store, bell)
    keep(shut.store.meta, policy, now_us())
    taking = Taking(house, spec, life.registry, fixed=detectors is not None)
    life.publish = taking.publish
    rehearse(house.detectors, spec)
    if notes:
        _take_up(msgspec.msgpack.decode(notes, type=Notes), course, house)
    snapshots = Snapshots(shut.home.snapshots, course, journal, shut.settings.snapshots.every_entries, seq)
    snapshots.house = house
    snapshots.sweep()
    replayed = 0
    since = _features_since(shut, spec)
    for piece in pieces(shut.archive, journal, seq):
        other = catch_up(course, shut.schema, journal, piece)
        if other is not None and since <= piece.last_seq:
            log.warning("event %r is remembered otherwise than when it came: run `haechi replay --check`", other)
        _count_on_budget(house, shut.schema, piece)
        replayed += len(piece.entries) if piece.frame is None else piece.frame.height
        if progress:
            progress(replayed)
    publisher = Publisher(house, course.memory, shut.schema, shut.store, partial(past_of, shut), shut.archive)
    rulebook = rulebook_of(shut, publisher.publish)
    publisher.start(_in_force(rulebook))
    course.prepare_pages()
    shut.closing.callback(snapshots.close)
    shut.closing.callback(publisher.close)
    return OpenHouse(
        shut.home, shut.settings, shut.schema, shut.archive, shut.store, shut.closing,
        replayed, course=course, house=house, snapshots=snapshots, bell=bell,
        rulebook=rulebook, publisher=publisher, life=life, taking=taking,
    )  # fmt: skip


def life_of(shut: Shut) -> Life:
    """The life of a home's models; what the registry's file says of champions is put right."""
    registry, settings = Registry(shut.home.models), shut.home.settings
    return Life(shut.store.tables, registry, shut.settings.models, now_us, fits(shut.spec),
                found=lambda: (f"account:{_account()}", settings.stat().st_mtime_ns // 1_000))  # fmt: skip


def _account() -> str:
    """Who runs this process; the number of an account that has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def rulebook_of(shut: Shut, publish: Callable[[InForce], None] = lambda found: None) -> Rulebook:
    """The rulebook of a home; `publish` brings a set into force where one decides."""
    workshop = Workshop(shut.schema, shut.spec, shut.store.rules, key_seed(shut.home))
    return Rulebook(shut.store, shut.settings.rules, now_us, workshop, publish)


def cases_of(shut: Shut) -> CaseDesk:
    """Where the people of a home work."""
    office = Office(shut.store.tables, now_us, shut.settings.cases)

    def judged(event_id: str) -> Judged | None:
        entry = shut.store.journal.find(event_id) if "\0" not in event_id else None
        if entry is None:
            return None
        event = event_of(shut.schema, entry.body)
        if entry.decision is None:
            return Judged(event, "", [])
        decision = decode(entry.decision)
        return Judged(event, decision.action, decision.reasons)

    past = Past(lambda id_: shut.store.journal.find(id_), lambda id_: shut.store.journal.labels_of(id_))
    return CaseDesk(office, judged, shut.home.path / "attachments", _webhook_key(shut.home), post, past)


def _webhook_key(home: Home) -> bytes:
    """What this home's webhook secrets are made of; drawn when it is first needed."""
    path = home.keys / "webhooks"
    if not path.exists():
        _write_secret(path, os.urandom(32).hex().encode() + b"\n")
    try:
        return bytes.fromhex(path.read_text())
    except (OSError, ValueError) as error:
        raise BadHome(f"{path} cannot be read ({error}): restore it, receivers of webhooks know its secrets") from error


def _in_force(rulebook: Rulebook) -> InForce:
    found = rulebook.in_force()
    for ref, error in found.broken.items():
        log.error("rule %s is left out, it no longer fits this home (%s): mend features.toml, or retire it", ref, error)
    return found


def features_at(shut: Shut) -> list[tuple[int, str]]:
    """From which number on which features were in use."""
    return msgspec.json.decode(shut.store.meta.get("features") or b"[]", type=list[tuple[int, str]])


def _features_since(shut: Shut, spec: Spec) -> int:
    """The number from which on these features are in use; a change is written down."""
    known = features_at(shut)
    if not known or known[-1][1] != spec.hash:
        known.append((shut.last_seq + 1, spec.hash))
        shut.store.meta.set("features", msgspec.json.encode(known).decode())
    return known[-1][0]


def stopped() -> int:
    """A clock for who decides again: nobody waits there, so nobody is late."""
    return 0


def house_for(
    course: Course,
    detectors: Sequence[Detector],
    policy: Policy,
    store: Store | None,
    bell: Bell,
    clock: Callable[[], int] = time.perf_counter_ns,
) -> House:
    """A house of these parts; its clock only ever rises."""
    versions = {
        "features": course.memory.spec.hash,
        "model": model_names(detectors),
    }
    # Without a store nothing can be written down: such a house only says what it would decide (decide_again).
    journal = cast(Journal, None if store is None else store.journal)
    return House(course, detectors, policy, journal, bell, clock, versions, now_us=now_us)


def decide_again(event: Event, house: House, without: Sequence[str] = ()) -> tuple[Any, Decision]:
    """What was known and what is decided now, without writing anything down; `without` names detectors to leave out."""
    known = house.memory.look_and_learn(event)
    asked = house
    if without:
        asked = replace(house, detectors=[d for d in house.detectors if d.name not in without])
        asked.budget = house.budget
    signals, degraded, agreed = look(event, known, asked)
    return known, conclude(event, known, signals, [*without, *degraded], asked, agreed)


def champion(home: Home, spec: Spec, life: Life | None = None) -> Sequence[Detector]:
    """The detectors that decide in this home: those that need no label from the first day on, and the champion.

    Without `life` nobody is canary, and the champion is the one that the registry's file names.
    """
    registry = Registry(home.models)
    version = next((e.version for e in registry.entries() if e.status == "champion"), None)
    standing = Standing(champions=(version,) if version else ()) if life is None else life.standing
    found = deciders(registry, spec, standing)
    if standing.champion is None:
        log.warning("no model decides in %s yet: %s; `haechi train` makes one", home.path, _without_model(found))
    return found


def _without_model(found: Sequence[Detector]) -> str:
    return "what is unusual for a customer is challenged" if found else "the policy's default does"


def past_of(shut: Shut, since_us: int | None = None) -> Iterator[Piece]:
    """All that happened in a home, in order; what is older than a time may be left out."""
    return pieces(shut.archive, shut.store.journal, 0, since_us=since_us)


def key_seed(home: Home) -> int:
    """The salt of this home's key hashes: who does not know it cannot prepare keys that collide."""
    path = home.keys / "seed"
    try:
        return int(path.read_text(), 16) >> 1
    except (OSError, ValueError) as error:
        raise BadHome(f"{path} cannot be read ({error}): restore it from a backup, snapshots depend on it") from error


def set_aside(folder: Path) -> None:
    """No snapshot serves: the memory starts over, and writes over the cold records that they point to."""
    for path in folder.glob("*.memory"):
        log.warning("%s is set aside: the memory is built again from archive and journal", path.name)
        path.rename(path.with_suffix(".unusable"))


def _take_up(notes: Notes, course: Course, house: House) -> None:
    course.restore(notes.course)
    if notes.policy == house.policy.version:
        house.budget.restore([(hour, kept) for hour, kept in notes.budget])


def _count_on_budget(house: House, schema: Schema, piece: Piece) -> None:
    """Give past decisions their place in the ranking of the last 24 hours again."""
    if house.policy.alert_budget_per_day is None:
        return
    for entry in piece.entries:
        if entry.type == DECIDED:
            _rank_again(house, schema, entry)


def _rank_again(house: House, schema: Schema, entry: Entry) -> None:
    decision = decode(entry.decision or b"")
    if decision.versions.get("policy") != house.policy.version:
        house.budget.restore([])
        return
    event = event_of(schema, entry.body)
    weighed = weigh(event, decision.signals, house.policy, floor=decision.floor)
    if weighed.action in ("hold", "block"):
        house.budget.admits(event.time_us, weighed.urgency)


def overrides_of(home: Home) -> dict[str, Any] | None:
    """What this home adds to the recipe of features or takes from it; None where it says nothing."""
    path = home.path / "features.toml"
    if not path.exists():
        return None
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadSpec(f"cannot read {path}: {error}") from error


def schema_digest(schema: Schema) -> str:
    """A short name of exactly this schema document."""
    return hashlib.sha256(msgspec.json.encode(dict(schema.document), order="deterministic")).hexdigest()[:16]


def _schema_of(home: Home, store: Store, *, empty: bool) -> Schema:
    schema = Schema.read(home.schema)
    digest, kept = schema_digest(schema), store.meta.get("schema")
    if kept != digest:
        if not empty:
            raise BadHome(f"{home.schema} is not the schema this home was filled with: put it back, or make a new home")
        store.meta.set("schema", digest)
    columns = store.meta.get("columns")
    if not schema.is_bound and columns is not None:
        return schema.bind(msgspec.json.decode(columns, type=list[str]))
    return schema


def adopt_schema(path: Path, schema: Path | str) -> None:
    """Give an empty home another schema; a home that holds something keeps its own."""
    with open_shut(path) as shut:
        digest = schema_digest(Schema.read(schema))
        if shut.store.meta.get("schema") == digest:
            return
        if shut.last_seq:
            raise BadHome(f"{path} was filled with schema {shut.schema.name!r}: make another home for {schema}")
        write_durably(shut.home.schema, _schema_text(schema).encode())
        shut.store.meta.set("schema", digest)


def _schema_text(schema: Path | str) -> str:
    Schema.read(schema)
    if str(schema) == "bank":
        from importlib import resources

        return resources.files("haechi.events").joinpath("bank.toml").read_text("utf-8")
    try:
        return Path(schema).read_text("utf-8")
    except OSError as error:
        raise BadSchema(f"cannot read the schema {schema}: {error.strerror}") from error


def _write_secret(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
