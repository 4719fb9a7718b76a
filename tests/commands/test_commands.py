"""The command line, as a person calls it: what it prints, its status, and what it says when it cannot."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from haechi.api import bind
from haechi.app import BadHome, open_shut
from haechi.commands.examining import examine
from haechi.commands.importing import bring_in
from haechi.commands.scoring import decisions
from haechi.events import TooManyBadRows
from homes import SETTINGS, founding_event, haechi, new_home

NAMES = ("init", "serve", "import", "score", "explain", "replay", "doctor")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, town_events: Path) -> Path:
    path = tmp_path_factory.mktemp("commands") / "home"
    new_home(path, town_events)
    return path


@pytest.mark.parametrize("name", NAMES)
def test_every_command_helps_with_an_example(name: str) -> None:
    from typer.testing import CliRunner

    from haechi.cli import app

    told = CliRunner().invoke(app, [name, "--help"])
    assert told.exit_code == 0
    assert f"haechi {name} " in told.output


def test_init_tells_its_key_once_and_never_overwrites(tmp_path: Path) -> None:
    made = haechi("init", tmp_path / "home", "--json")
    assert made.returncode == 0, made.stderr
    key = json.loads(made.stdout)["key"]
    assert key.startswith("hk_")
    assert not [f for f in (tmp_path / "home").rglob("*") if f.is_file() and key.encode() in f.read_bytes()[: 1 << 22]]
    again = haechi("init", tmp_path / "home")
    assert (again.returncode, again.stdout) == (1, "")
    assert len(again.stderr.splitlines()) == 1


def test_serve_says_in_one_line_why_it_cannot(home: Path, tmp_path: Path) -> None:
    listener = bind("127.0.0.1", 0)
    port = str(listener.getsockname()[1])
    busy = haechi("serve", "--home", home, "--port", port)
    listener.close()
    assert (busy.returncode, len(busy.stderr.splitlines())) == (1, 1)
    assert "--port" in busy.stderr
    with open_shut(home):
        two = haechi("serve", "--home", home, "--port", "0")
    assert (two.returncode, len(two.stderr.splitlines())) == (1, 1)
    assert "in use by process" in two.stderr
    nowhere = haechi("serve", "--home", tmp_path / "nowhere")
    assert (nowhere.returncode, len(nowhere.stderr.splitlines())) == (1, 1)
    assert haechi("serve").returncode == 2


def test_keys_are_made_listed_and_revoked(home: Path) -> None:
    made = haechi("key", "add", "gate", "--home", home, "--scope", "decide", "--json")
    assert json.loads(made.stdout)["scopes"] == ["decide"]
    assert haechi("key", "add", "gate", "--home", home, "--scope", "decide").returncode == 1
    assert haechi("key", "add", "other", "--home", home, "--scope", "everything").returncode == 1
    assert haechi("key", "revoke", "gate", "--home", home).returncode == 0
    assert haechi("key", "revoke", "gate", "--home", home).returncode == 1
    listed = haechi("key", "list", "--home", home)
    assert "gate: decide" in listed.stdout
    assert "revoked" in listed.stdout


def test_history_imported_twice_counts_once(home: Path, tmp_path: Path, town_events: Path) -> None:
    path = tmp_path / "home"
    shutil.copytree(home, path)
    again = bring_in(path, [town_events], "bank")
    assert again.accepted == 0
    assert again.known_before == again.rows > 1_000
    older = tmp_path / "older.jsonl"
    older.write_text('{"id":"o-1","kind":"payment","time":"2020-01-01T00:00:00Z","customer":"c-1","amount":1}\n')
    assert any("late ones" in note for note in bring_in(path, [older]).notes)


def test_an_import_that_fails_leaves_the_home_as_it_was(home: Path, tmp_path: Path, town_events: Path) -> None:
    path, bad = tmp_path / "home", tmp_path / "bad.jsonl"
    shutil.copytree(home, path)
    before = sorted(f for f in (path / "archive").rglob("*") if f.is_file())
    good = [json.dumps({"id": f"n{i}", "kind": "login", "time": "2024-09-09T00:00:00Z"}) for i in range(50)]
    bad.write_text("\n".join([*good, *['{"id": "b", "kind": "login"}'] * 50]) + "\n")
    with pytest.raises(TooManyBadRows):
        bring_in(path, [bad])
    assert sorted(f for f in (path / "archive").rglob("*") if f.is_file()) == before
    assert (path / "rejected.jsonl").exists()
    assert bring_in(path, [bad], max_bad=0.6).accepted == 50
    other = tmp_path / "other.toml"
    other.write_text('name = "other"\nkind = "payment"\ntime = { column = "t" }\n')
    with pytest.raises(BadHome, match="make another home"):
        bring_in(path, [town_events], other)


def test_score_decides_each_event_and_leaves_the_home_alone(home: Path, tmp_path: Path, town_events: Path) -> None:
    story = tmp_path / "story.jsonl"
    story.write_text(json.dumps(founding_event()) + "\n")
    with open_shut(home) as shut:
        before = shut.last_seq
    done = haechi("score", "--home", home, story)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["event_id"] == founding_event()["id"]
    alone = [json.loads(line) for line in decisions(story, "bank", None, [town_events])]
    assert [one["event_id"] for one in alone] == [founding_event()["id"]]
    with open_shut(home) as shut:
        assert shut.last_seq == before
    assert haechi("score", story).returncode == 2


def test_explain_names_an_unknown_event(home: Path) -> None:
    unknown = haechi("explain", "--home", home, "nobody")
    assert (unknown.returncode, len(unknown.stderr.splitlines())) == (1, 1)


def test_replay_wants_to_be_told_to_check(home: Path) -> None:
    assert haechi("replay", "--home", home).returncode == 2
    done = haechi("replay", "--home", home, "--check", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["difference"] is None


def test_doctor_finds_what_is_wrong_and_says_how_to_mend_it(home: Path, tmp_path: Path) -> None:
    assert not [one for one in examine(home) if one.level == "wrong"]
    path = tmp_path / "home"
    shutil.copytree(home, path)
    (path / "keys" / "seed").chmod(0o644)
    snapshot = next((path / "snapshots").glob("*.memory"))
    snapshot.write_bytes(snapshot.read_bytes()[:-9])
    part = next((path / "archive").glob("*/*.parquet"))
    part.write_bytes(part.read_bytes()[:-1])
    (path / "check-left").mkdir()
    wrong = [f"{one.what}: {one.mend}" for one in examine(path) if one.level == "wrong"]
    assert any("chmod 600" in line for line in wrong)
    assert any("snapshot" in line for line in wrong)
    assert any(part.name in line for line in wrong)
    assert haechi("doctor", "--home", path, "--json").returncode == 1
    (path / "haechi.toml").write_text(SETTINGS + "[serve]\n")
    assert any("did you mean 'server'" in one.what for one in examine(path))
    assert [one for one in examine(tmp_path / "nothing") if one.level == "wrong"]


def test_help_is_quick() -> None:
    code = "import sys; sys.argv = ['haechi', '--help']; from haechi.cli import main; main()"
    heavy = "import atexit, sys; atexit.register(lambda: print([m for m in ('numpy', 'numba') if m in sys.modules]))\n"
    done = subprocess.run([sys.executable, "-c", heavy + code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert done.stdout.rstrip().endswith("[]")
