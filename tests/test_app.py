"""The door: homes open with all that they know, continue bit for bit, and survive what happens to machines."""

from __future__ import annotations

import http.client
import json
import os
import random
import shutil
import signal
import stat
import threading
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from haechi.app import BadHome, create_home, open_house, open_shut
from haechi.commands.checking import check_home
from haechi.decision import answer
from haechi.decision.policies import kept
from haechi.events import BadSchema, Event, Reason, Signal
from haechi.features import BadSpec
from haechi.restore import event_of, frame_of
from haechi.settings import TEMPLATE, BadSettings, Settings
from haechi.stores import AlreadyOpen, Entry, NoHome
from homes import Pupil, end, haechi, new_home, payment, serving, start


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, town_events: Path) -> tuple[Path, str]:
    """A home with a town's history; tests work on copies."""
    home = tmp_path_factory.mktemp("filled") / "home"
    return home, new_home(home, town_events)


@pytest.fixture
def home(filled: tuple[Path, str], tmp_path: Path) -> tuple[Path, str]:
    shutil.copytree(filled[0], tmp_path / "home")
    return tmp_path / "home", filled[1]


def decide_all(home: Path, key: str, numbers: range, log: Path) -> list[dict]:
    with serving(home, key, log) as asker:
        return [asker.decide(payment(n)) for n in numbers]


def content(decisions: list[dict]) -> list[dict]:
    return [{k: v for k, v in one.items() if k != "timings_us"} for one in decisions]


def digests(home: Path) -> dict[str, int]:
    with open_shut(home) as shut:
        return {entry.event_id: entry.digest for entry in shut.store.journal.entries() if entry.type != 3}


def test_a_restart_continues_bit_for_bit(home: tuple[Path, str], tmp_path: Path) -> None:
    path, key = home
    other = tmp_path / "other"
    shutil.copytree(path, other)
    whole = decide_all(path, key, range(120), tmp_path / "log")
    parts = [one for some in (range(50), range(50, 120)) for one in decide_all(other, key, some, tmp_path / "log")]
    assert content(whole) == content(parts)
    assert digests(path) == digests(other)
    assert check_home(other, detectors=[Pupil()]).difference is None


def test_a_damaged_snapshot_is_named_and_the_past_serves_instead(
    home: tuple[Path, str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, key = home
    decide_all(path, key, range(30), tmp_path / "log")
    newest, _ = sorted((path / "snapshots").glob("*.memory"), reverse=True)
    data = bytearray(newest.read_bytes())
    data[len(data) // 2] ^= 1
    newest.write_bytes(data)
    with open_house(path, detectors=[Pupil()]) as opened:
        assert newest.name in caplog.text
        assert opened.replayed == 30, "the older snapshot serves"
    for snapshot in (path / "snapshots").glob("*.memory"):
        snapshot.write_bytes(b"nothing")
    with open_house(path, detectors=[Pupil()]) as opened:
        assert opened.replayed > 1_000, "archive and journal serve"
    assert check_home(path, detectors=[Pupil()]).difference is None


def test_snapshots_are_taken_while_deciding_and_two_are_kept(home: tuple[Path, str], tmp_path: Path) -> None:
    path, key = home
    with serving(path, key, tmp_path / "log") as asker:
        lines = [json.dumps(payment(n)).encode() for n in range(1_200)]
        for start_ in range(0, 1_200, 100):
            part = b"\n".join(lines[start_ : start_ + 100])
            assert asker.ask("POST", "/v1/decide/batch", part, "application/x-ndjson")[0] == 200
    assert len(list((path / "snapshots").glob("*.memory"))) == 2
    assert not list((path / "snapshots" / "pending").iterdir())
    with open_house(path, detectors=[Pupil()]) as opened:
        assert opened.replayed == 0


def load_and_kill(path: Path, key: str, first: int, dice: random.Random, log: Path) -> tuple[dict[str, dict], int]:
    """Decide from two connections until a random moment, then kill -9; what was acknowledged, and how far it came."""
    child, asker, _ = start(path, key, log)
    from homes import Asker

    askers = [asker, Asker(asker.port, key, asker.pid)]
    heard: dict[str, dict] = {}
    sent = [first]
    lock, enough, early = threading.Lock(), threading.Event(), []
    wanted = dice.randint(5, 400)

    def work(one: Asker) -> None:
        try:
            while True:
                with lock:
                    number = sent[0]
                    sent[0] += 1
                answer = one.decide(payment(number))
                heard[answer["event_id"]] = answer
                if len(heard) >= wanted:
                    enough.set()
        except (OSError, http.client.HTTPException, ValueError) as gone:
            early.extend([] if enough.is_set() else [gone])

    threads = [threading.Thread(target=work, args=(one,)) for one in askers]
    for thread in threads:
        thread.start()
    assert enough.wait(60), log.read_text()
    assert end(child, signal.SIGKILL) == -signal.SIGKILL
    for thread in threads:
        thread.join()
    assert not early, early
    for one in askers:
        one.line.close()
    return heard, sent[0]


def kill_often(path: Path, key: str, times: int, seed: int, log: Path) -> None:
    dice, acknowledged, number = random.Random(seed), {}, 0
    for _ in range(times):
        heard, number = load_and_kill(path, key, number, dice, log)
        acknowledged |= heard
        with open_shut(path) as shut:
            stored = [entry for entry in shut.store.journal.entries() if entry.type == 1]
        assert len({entry.event_id for entry in stored}) == len(stored), "nothing is decided twice"
        found = {entry.event_id: json.loads(entry.decision or b"{}") for entry in stored}
        assert acknowledged.items() <= found.items(), "nothing acknowledged is lost or changed"
    assert check_home(path, detectors=[Pupil()]).difference is None
    with serving(path, key, log) as asker:
        for event_id, decision in list(acknowledged.items())[:: max(1, len(acknowledged) // 20)]:
            assert asker.ask("GET", f"/v1/decisions/{event_id}") == (200, decision)
    assert "remembered otherwise" not in log.read_text()


def test_eight_kills_lose_nothing(home: tuple[Path, str], tmp_path: Path) -> None:
    kill_often(*home, 8, seed=1, log=tmp_path / "log")


@pytest.mark.nightly
def test_fifty_kills_lose_nothing(home: tuple[Path, str], tmp_path: Path) -> None:
    kill_often(*home, 50, seed=2, log=tmp_path / "log")


def test_two_servers_on_one_home_are_refused(home: tuple[Path, str]) -> None:
    with open_shut(home[0]), pytest.raises(AlreadyOpen, match="in use by process"):
        open_house(home[0])


def test_a_home_whose_events_have_no_id_is_not_served(tmp_path: Path) -> None:
    schema = tmp_path / "nameless.toml"
    schema.write_text(
        'name = "nameless"\nkind = "payment"\ntime = { column = "at" }\n[entities]\ncustomer = { column = "c" }\n'
    )
    create_home(tmp_path / "home", schema)
    done = haechi("serve", "--home", tmp_path / "home", "--port", "0")
    assert done.returncode == 1
    assert "names no id: live events need one" in done.stderr.strip().splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_a_home_draws_its_own_seed_unless_one_is_given(tmp_path: Path) -> None:
    for name, seed in (("a", None), ("b", None), ("c", bytes(8)), ("d", bytes(8))):
        create_home(tmp_path / name, seed=seed)
    a, b, c, d = ((tmp_path / name / "keys" / "seed").read_text() for name in "abcd")
    assert len({a, b, c}) == 3
    assert c == d


def test_no_home_and_bad_files_are_told_in_one_line(home: tuple[Path, str], tmp_path: Path) -> None:
    with pytest.raises(NoHome, match="haechi init"):
        open_shut(tmp_path / "nothing")
    path = home[0]
    (path / "features.toml").write_text("windows = [")
    with pytest.raises(BadSpec, match="cannot read"):
        open_house(path)
    (path / "features.toml").unlink()
    schema = (path / "schema.toml").read_text()
    (path / "schema.toml").write_text(schema.replace('"Asia/Seoul"', '"UTC"'))
    with pytest.raises(BadHome, match="put it back"):
        open_shut(path)
    (path / "schema.toml").write_text("no = schema")
    with pytest.raises(BadSchema):
        open_shut(path)
    (path / "schema.toml").write_text(schema)
    (path / "keys" / "seed").unlink()
    with pytest.raises(BadHome, match="restore it"):
        open_house(path)


def test_secrets_of_a_home_are_its_owners(filled: tuple[Path, str]) -> None:
    assert stat.S_IMODE((filled[0] / "keys").stat().st_mode) == 0o700
    assert stat.S_IMODE((filled[0] / "keys" / "seed").stat().st_mode) == 0o600


def test_other_features_are_built_from_the_past(home: tuple[Path, str], tmp_path: Path) -> None:
    path, key = home
    decide_all(path, key, range(10), tmp_path / "log")
    (path / "features.toml").write_text('windows = ["1h", "1d", "30d"]\n')
    with open_house(path, detectors=[Pupil()]) as opened:
        assert opened.replayed > 1_000
    found = check_home(path, detectors=[Pupil()])
    assert found.difference is None
    assert found.other_features == found.imported + 10


def test_the_policy_of_every_decision_can_be_read_afterwards(home: tuple[Path, str]) -> None:
    path, _key = home
    versions = []
    for number, said in enumerate(("", "[policy.prior_bits]\ntransfer = 3.5\n")):
        with (path / "haechi.toml").open("a") as settings:
            settings.write(said)
        body = json.dumps(payment(number)).encode()
        with open_house(path, detectors=[Pupil()]) as opened:
            answered = answer(event_of(opened.schema, body), opened.house, body)
            answered.written.wait()
            versions.append(json.loads(answered.body)["versions"]["policy"])
    with open_shut(path) as shut:
        found = [kept(shut.store.meta, version) for version in versions]
    assert [one and one.otherwise for one in found] == [{}, {"prior_bits.transfer": 3.5}]


class Slow(Pupil):
    """The same, but it takes longer than any detector may."""

    def judge(self, event: Event, known: Any) -> Signal:
        until = time.perf_counter() + 0.03
        while time.perf_counter() < until:
            pass
        return super().judge(event, known)


def test_nobody_is_late_for_a_check(home: tuple[Path, str], tmp_path: Path) -> None:
    path, _key = home
    body = json.dumps(payment(1)).encode()
    with open_house(path, detectors=[Pupil()]) as opened:
        answer(event_of(opened.schema, body), opened.house, body).written.wait()
    found = check_home(path, detectors=[Slow()])
    assert (found.difference, found.decided) == (None, 1)


class Poet(Pupil):
    """The same opinion, in other words."""

    def explain(self, event: Event, known: Any, signal: Signal, top: int = 5) -> Sequence[Reason]:
        said = super().explain(event, known, signal, top)
        return tuple(msgspec.structs.replace(one, text={"en": "roses are red", "ko": "꽃"}) for one in said)


def test_an_upgrade_that_words_otherwise_decides_the_same(home: tuple[Path, str], tmp_path: Path) -> None:
    path, key = home
    with serving(path, key, tmp_path / "log") as asker:
        decisions = [asker.decide({**payment(n), "amount": 300_000 + n}) for n in range(20)]
    worded = sum(any(reason["code"] == "customer.ratio_30d" for reason in one["reasons"]) for one in decisions)
    found = check_home(path, detectors=[Poet()])
    assert (found.difference, found.decided, found.reworded) == (None, 20, worded)
    assert worded
    assert check_home(path, detectors=[Pupil()]).reworded == 0


def test_frames_and_single_events_are_the_same_past(home: tuple[Path, str]) -> None:
    strange = [
        {"id": "a", "kind": "profile", "time": "2024-08-20T00:00:00Z", "customer": 17, "birth_date": "2001-02-30"},
        {"id": "b", "kind": "payment", "time": "2024-08-20T00:00:01Z", "customer": "17", "amount": "12", "lat": 37.5},
        {
            "id": "c",
            "kind": "login",
            "time": "2024-08-20T09:00:02",
            "ip": "::1",
            "extra": {"deep": [1, 2]},
            "risk": 0.5,
        },
        {"id": "d", "kind": "payment", "time": "2024-08-20T00:00:03Z", "amount": 12.0, "risk": 1, "lat": 1, "lon": 2.5},
    ]
    with open_house(home[0], detectors=[]) as opened:
        bodies = [json.dumps(row, indent=1).encode() for row in strange]
        entries = [
            Entry(type=1, event_id=row["id"], time_us=0, body=body, seq=seq)
            for seq, (row, body) in enumerate(zip(strange, bodies, strict=True))
        ]
        rows = opened.course.rows_of(frame_of(opened.schema, entries))
        for body, row in zip(bodies, rows, strict=True):
            assert opened.course.row_of(event_of(opened.schema, body)).tolist() == row.tolist()


def test_settings_are_documented_and_strict() -> None:
    assert Settings.parse({}) == Settings.parse(tomllib.loads(TEMPLATE))
    with pytest.raises(BadSettings, match="did you mean 'port'"):
        Settings.parse({"server": {"prot": 1}})
    with pytest.raises(BadSettings, match="did you mean 'snapshots'"):
        Settings.parse({"snapshot": {}})
    with pytest.raises(BadSettings, match=r"server\.port"):
        Settings.parse({"server": {"port": 99_999}})
    named = [line[2:].split(" ")[0] for line in TEMPLATE.splitlines() if line.startswith("# ") and " = " in line]
    parts = [getattr(Settings(), part) for part in Settings.__struct_fields__ if part != "policy"]
    known = {name for part in parts for name in part.__struct_fields__}
    assert known <= set(named), "every key is in the template"


def test_a_full_disk_stops_deciding_and_loses_nothing(home: tuple[Path, str], tmp_path: Path) -> None:
    import resource

    path, key = home
    child, asker, _ = start(path, key, tmp_path / "log")
    size = max(file.stat().st_size for file in path.iterdir() if file.is_file())
    resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (size + 200_000, size + 200_000))
    acknowledged, refused = {}, None
    for number in range(3_000):
        status, answer = asker.ask("POST", "/v1/decide", payment(number, note="x" * 500))
        if status != 200:
            refused = answer
            break
        acknowledged[answer["event_id"]] = answer
    assert refused is not None
    assert refused["status"] == 503, refused
    assert acknowledged
    assert asker.ask("GET", "/healthz")[0] == 200
    status, why = asker.ask("GET", "/readyz")
    assert status == 503
    assert "mend the disk" in why["detail"]
    asker.line.close()
    end(child)
    assert not list((path / "snapshots" / "pending").iterdir())
    with open_shut(path) as shut:
        stored = {e.event_id: json.loads(e.decision or b"{}") for e in shut.store.journal.entries()}
    assert acknowledged.items() <= stored.items()
    assert check_home(path, detectors=[Pupil()]).difference is None


def test_a_read_only_home_is_told_in_one_line(home: tuple[Path, str]) -> None:
    home[0].chmod(0o500)
    before: list[str] = []
    if os.access(home[0], os.W_OK):  # root may write everywhere, unless it gives that right away
        before = ["setpriv", "--inh-caps=-dac_override", "--bounding-set=-dac_override"]
        if shutil.which(before[0]) is None:
            pytest.skip("nothing is read-only to root, and there is no setpriv (Debian package util-linux)")
    try:
        done = haechi("serve", "--home", home[0], "--port", "0", before=before)
    finally:
        home[0].chmod(0o700)
    assert done.returncode == 1
    assert "make it writable" in done.stderr
