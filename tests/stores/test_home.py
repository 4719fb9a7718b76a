"""The home folder: made once, recognised, held by one server, and clear about what is wrong with it."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from haechi.stores import AlreadyOpen, Home, NoHome, NotWritable, archive_before

from .kit import entry

HOLDER = """
import sys
from pathlib import Path
from haechi.stores import Home
lock = Home(Path(sys.argv[1])).lock()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_new_home_has_its_rooms(tmp_path: Path) -> None:
    home = Home.create(tmp_path / "deep" / "home", settings="[policy]\n", schema='name = "fdh"\n')
    assert home.settings.read_text() == "[policy]\n"
    assert home.schema.read_text() == 'name = "fdh"\n'
    assert all(folder.is_dir() for folder in (home.archive, home.snapshots, home.models, home.keys))
    assert home.keys.stat().st_mode & 0o777 == 0o700
    home.check()


def test_a_home_is_never_made_over_something(tmp_path: Path) -> None:
    Home.create(tmp_path / "home")
    with pytest.raises(NoHome, match="is a home already; start it"):
        Home.create(tmp_path / "home")
    (tmp_path / "other").mkdir()
    Home.create(tmp_path / "other")
    (tmp_path / "file").write_text("x")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("x")
    for name in ("file", "full"):
        with pytest.raises(NoHome, match="not an empty folder"):
            Home.create(tmp_path / name)


def test_a_folder_that_is_no_home_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(NoHome, match="haechi init"):
        Home(tmp_path).lock()


def test_two_servers_on_one_home_is_one_too_many(tmp_path: Path) -> None:
    home = Home.create(tmp_path / "home")
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(home.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(AlreadyOpen, match=f"is in use by process {holder.pid}; stop it first") as refused:
            home.lock()
        assert "\n" not in str(refused.value)
        holder.kill()
        holder.wait()
        home.lock().release()
    lock = home.lock()
    with pytest.raises(AlreadyOpen, match=f"process {os.getpid()}"):
        home.lock()
    lock.release()
    lock.release()


@pytest.mark.parametrize(
    ("number", "error", "says"),
    [
        (errno.EROFS, NotWritable, "make it writable"),
        (errno.EACCES, NotWritable, "make it writable"),
        (errno.ENOSPC, NotWritable, "the disk is full"),
        (errno.ENOTDIR, NoHome, "check the spelling"),
        (errno.EIO, NotWritable, "check the disk"),
    ],
)
def test_a_home_that_cannot_be_written_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, error: type[Exception], says: str
) -> None:
    home = Home.create(tmp_path / "home")

    def refuse(*_: object, **__: object) -> int:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr("haechi.stores.lock.os.open", refuse)
        with pytest.raises(error, match=says):
            home.lock()
    with monkeypatch.context() as patch:
        patch.setattr("haechi.stores.lock.fcntl.flock", refuse)
        expected: type[Exception] = AlreadyOpen if number == errno.EACCES else error
        with pytest.raises(expected):
            home.lock()
    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.mkdir", refuse)
        with pytest.raises(error, match=says):
            Home.create(tmp_path / "second")


def test_a_home_opens_its_store_after_its_archive(tmp_path: Path) -> None:
    home = Home.create(tmp_path / "home")
    archive = home.open_archive()
    store = home.open_store(archive)
    for i in range(20):
        last = store.journal.write(entry(f"p-{i}"))
    last.wait(10)
    assert archive_before(store.journal, archive, 21) == 20
    store.close()
    archive = home.open_archive()
    store = home.open_store(archive)
    assert store.journal.find("p-7").seq == 8  # type: ignore[union-attr]
    assert store.journal.write(entry("next")).wait(10) == 21
    store.close()
    with pytest.raises(NoHome):
        Home(tmp_path).open_store(archive)
