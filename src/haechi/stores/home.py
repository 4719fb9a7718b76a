"""The folder that is a whole installation: settings, database, archive, snapshots, models and keys."""

from __future__ import annotations

from pathlib import Path

from haechi.stores.archive import Archive
from haechi.stores.durable import make_folder, write_durably
from haechi.stores.engines import open_beside, open_store
from haechi.stores.errors import NoHome
from haechi.stores.limits import Limits
from haechi.stores.lock import Lock
from haechi.stores.ports import Store


class Home:
    """The paths of a home; making one touches nothing on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.settings = path / "haechi.toml"
        self.schema = path / "schema.toml"
        self.database = path / "haechi.db"
        self.archive = path / "archive"
        self.snapshots = path / "snapshots"
        self.models = path / "models"
        self.datasets = path / "datasets"
        self.trainings = path / "trainings"
        self.keys = path / "keys"

    @classmethod
    def create(cls, path: Path, *, settings: str = "", schema: str = "") -> Home:
        """Make a new home; a folder that holds anything else is refused, so nothing is ever overwritten."""
        home = cls(path)
        if home.settings.exists():
            raise NoHome(f"{path} is a home already; start it with `haechi serve --home {path}`")
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise NoHome(f"{path} exists and is not an empty folder; choose another name")
        for folder in (path, home.archive, home.snapshots, home.models):
            make_folder(folder)
        make_folder(home.keys, mode=0o700)
        write_durably(home.schema, schema.encode())
        write_durably(home.settings, settings.encode())  # last: with it the folder becomes a home
        return home

    def check(self) -> None:
        """Raise NoHome unless this is one."""
        if not self.settings.is_file():
            raise NoHome(f"{self.path} is not a home (no haechi.toml); make one with `haechi init {self.path}`")

    def lock(self) -> Lock:
        """Keep every other server away from this home until released or the process ends; AlreadyOpen names it."""
        self.check()
        return Lock(self.path / "haechi.lock", f"home {self.path}")

    def open_archive(self) -> Archive:
        """The home's history; reading needs no lock."""
        return Archive(self.archive)

    def open_store(
        self, archive: Archive, *, url: str = "", entropy: bytes = b"", limits: Limits | None = None
    ) -> Store:
        """The home's store: in its own file unless a URL says otherwise, numbered on from the archive."""
        self.check()
        where = url or f"sqlite:///{self.database}"
        return open_store(where, limits=limits, after_seq=archive.last_seq, entropy=entropy, archived=archive.entry)

    def open_beside(self, archive: Archive, *, url: str = "", limits: Limits) -> Store:
        """The same store while another process works on this home: to be read, and for keys."""
        where = url or f"sqlite:///{self.database}"
        return open_beside(where, limits=limits, after_seq=archive.last_seq, archived=archive.entry)
