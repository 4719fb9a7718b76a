"""Rules and lists from the command line, on a home without a server: the same calls, the same refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from haechi.app import add_key, create_home, open_shut
from haechi.commands.asking import AskFailed, asking, forget_address, tell_address
from haechi.rules import read_pack

from .line import Said

RULE = """
[[rules]]
id = "large"
name = { en = "A large payment", ko = "고액 결제" }
reason = { en = "a large payment", ko = "고액 결제" }
condition = '''amount >= 900_000 won'''
effect = { minimum = "challenge" }
"""
People = dict[str, str]
Run = Callable[..., Said]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, People]:
    path = tmp_path_factory.mktemp("rules") / "home"
    create_home(path)
    scopes = {"ana": ["read", "rules:write"], "bo": ["read", "rules:approve"], "eve": ["read"]}
    with open_shut(path) as shut:
        return path, {name: add_key(shut.store, name, given).token for name, given in scopes.items()}


@pytest.fixture
def run(haechi: Run, made: tuple[Path, People]) -> Run:
    path, keys = made
    return lambda person, *words: haechi(*words, "--home", path, "--key", keys[person])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "large.toml"
    path.write_text(RULE)
    return path


def test_a_rule_goes_all_the_way_and_back(run: Run, file: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(RULE.replace("amount", "amuont"))
    for command in ("check", "add"):
        said = run("ana", "rules", command, wrong)
        assert said.status == 1
        assert "did you mean amount" in said.err
        assert "^^^^^^" in said.err
    assert run("ana", "rules", "check", file).status == 0
    assert "large version 1: draft, by ana" in run("ana", "rules", "add", file, "-m", "first").out
    assert "has no version 7" in run("ana", "rules", "shadow", "large@7").err
    assert run("ana", "rules", "shadow", "large").out == "large version 1 is in lane shadow now\n"
    asked = json.loads(run("ana", "rules", "canary", "large", "--share", "0.2", "--json").out)
    change = asked["change"]["id"]
    assert "0 of 1 approvals" in run("bo", "rules", "approvals").out
    own = run("ana", "rules", "approve", change)
    assert (own.status, "rules:approve" in own.err) == (1, True)
    assert "rejected" in run("bo", "rules", "reject", change, "-m", "too wide").out
    again = json.loads(run("ana", "rules", "publish", "large", "--json").out)["change"]["id"]
    assert "withdrawn" in run("ana", "rules", "withdraw", again).out
    last = json.loads(run("ana", "rules", "submit", "large", "--lane", "live", "--json").out)["change"]["id"]
    assert "approved by bo: done" in run("bo", "rules", "approve", last).out
    assert "large version 1: live" in run("eve", "rules", "list").out
    snooze = ("rules", "snooze", "large", "customer", "c-1", "--until", "2026-12-30T00:00:00+09:00", "--reason", "x")
    said = run("ana", *snooze)
    assert said.out == "large does not act for customer c-1 until 2026-12-30T00:00:00+09:00\n"
    assert said.err == "warning: no event of customer 'c-1' is known: check it\n"
    mistyped = run("ana", *("custmer" if word == "customer" else word for word in snooze))
    assert (mistyped.status, "names a 'custmer'; did you mean customer?" in mistyped.err) == (1, True)
    over = run("ana", *("2024-01-01T00:00:00+09:00" if word == snooze[6] else word for word in snooze)).out
    assert over == "large acts for customer c-1 again: the snooze ended at 2024-01-01T00:00:00+09:00\n"
    assert (
        "snooze for customer c-1 until 2024-01-01T00:00:00+09:00, which is over\n"
        in run("eve", "rules", "show", "large").out
    )
    run("ana", *snooze)
    shown = run("eve", "rules", "show", "large").out
    assert "until 2024-01-01T00:00:00+09:00, which is over (x) by ana\n" in shown
    assert "snoozed for customer c-1 until 2026-12-30T00:00:00+09:00 (x) by ana\n" in shown
    assert f"version 1 to live by ana, change {last}\n" in shown
    assert "Z " not in shown, "times are told in the home's zone"
    assert "amount >= 900_000 won" in shown
    assert run("eve", "rules", "retire", "large").status == 1
    back = run("ana", "rules", "rollback", "large").out
    assert "large version 1 to retired, asked by ana: waiting" in back
    assert "to retired" in run("ana", "rules", "retire", "large").out


def test_who_must_agree_sees_what_she_signs(run: Run, file: Path) -> None:
    file.write_text(RULE.replace('"large"', '"signed"'))
    run("ana", "rules", "add", file)
    run("ana", "rules", "publish", "signed", "-m", "bo please look")
    said = run("bo", "rules", "approvals").out
    number = said.partition("change ")[2].partition(":")[0]
    assert f"change {number}: rule signed version 1 to live, asked by ana: waiting (0 of 1 approvals)\n" in said
    assert "    why: bo please look\n    if amount >= 900_000 won\n    then minimum challenge\n" in said
    run("bo", "rules", "approve", number, "-m", "three weeks in shadow")
    file.write_text(RULE.replace('"large"', '"signed"').replace("900", "800"))
    run("ana", "rules", "add", file)
    run("ana", "rules", "publish", "signed")
    assert "    instead of version 1 (live)\n" in run("bo", "rules", "approvals").out
    run("bo", "rules", "approve", int(number) + 1)
    run("ana", "rules", "rollback", "signed", "-m", "limit too low")
    said = run("bo", "rules", "approvals").out
    assert "rule signed version 1 to live, asked by ana: waiting" in said
    assert "    why: limit too low\n    a rollback: it takes back version 2\n" in said
    assert "rejected" in run("bo", "rules", "reject", int(number) + 2, "-m", "not agreed").out
    every = run("eve", "rules", "approvals", "--state", "all").out
    assert "    rejected by bo: not agreed\n" in every
    assert "    approved by bo: three weeks in shadow\n" in every
    shown = run("eve", "rules", "show", "signed").out
    assert f"version 1 to live by ana, change {number}: bo please look\n    approved by bo: three weeks" in shown
    rows = ("a-1", "a-2", "a-3", "a-4", "a-5", "a-6")
    run("ana", "lists", "add", "shops", *rows, "--purpose", "watch", "--reason", "pupils", "-m", "as agreed")
    said = run("bo", "rules", "approvals").out
    assert "6 rows of list shops" in said
    assert "    why: as agreed\n    + a-1: pupils\n" in said
    assert "    and 1 more\n" in said
    assert "usage" in run("eve", "rules", "approvals", "--state", "lost").err.lower()
    run("ana", "rules", "withdraw", int(number) + 3)
    assert "shops" not in run("bo", "rules", "approvals").out
    assert run("bo", "rules", "approvals", "--state", "withdrawn").out.startswith(f"change {int(number) + 3}: ")
    assert run("bo", "rules", "approve", "signed").err.count("a change has a number, not 'signed'") == 1


def test_a_check_tells_of_every_rule_where_it_is_wrong(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "three.toml"
    broken = RULE.replace("large", "third").replace("challenge", "chalenge")
    wide = RULE.replace("large", "wide").replace("'amount", "'\n  channel == 3 and\n  amount")
    file.write_text(RULE.replace("amount >=", "amuont >=") + wide + broken)
    said = run("ana", "rules", "check", file)
    assert said.status == 1
    assert f"{file}:6:16: error: large: nothing is called 'amuont' here; did you mean amount" in said.err
    assert f"{file}:14:3: error: wide: " in said.err
    assert (
        f"{file}:19:6: error: what was sent, rule 'third': Invalid enum value 'chalenge' for effect.minimum: it is "
        in (said.err)
    )
    assert ": it is allow, challenge, hold, block\n" in said.err


def test_a_file_without_tests_says_how_to_write_one(run: Run, file: Path, haechi: Run) -> None:
    said = haechi("rules", "test", file)
    assert (said.status, said.out) == (0, "0 of 0 tests hold\n")
    example = said.err.partition("[[tests]]")[2].partition("\n\n")[0]
    file.write_text(RULE + "[[tests]]" + example.replace('"ID"', '"large"').replace('"hit"', '"miss"'))
    assert haechi("rules", "test", file).out == "1 of 1 tests hold\n"
    file.write_text(RULE + "[[tests]]" + example.replace('"hit"', '"no"'))
    said = haechi("rules", "test", file)
    assert (said.status, "Invalid enum value 'no' for expect: it is hit, miss, undecided" in said.err) == (1, True)
    run("ana", "rules", "add", file)
    said = run("ana", "rules", "canary", "large", "--share", "0")
    assert (said.status, "for `share`" in said.err, "openapi" in said.err) == (1, True, False)


def test_rules_are_files_too(run: Run, tmp_path: Path) -> None:
    git = tmp_path / "git"
    git.mkdir()
    for name in ("one", "two"):
        (git / f"{name}.toml").write_text(RULE.replace("large", name))
    assert run("ana", "rules", "import", git).status == 0
    out = tmp_path / "out"
    assert "files in" in run("ana", "rules", "export", out).out
    kept = read_pack((out / "one.toml").read_text()).rules[0]
    assert kept == read_pack((git / "one.toml").read_text()).rules[0]
    before = json.loads(run("ana", "rules", "list", "--json").out)["versions"]
    assert run("ana", "rules", "import", out).status == 0
    assert json.loads(run("ana", "rules", "list", "--json").out)["versions"] == before, "nothing changed"
    assert run("ana", "rules", "import", tmp_path / "git" / "..").status == 0
    (tmp_path / "none").mkdir()
    assert run("ana", "rules", "import", tmp_path / "none").status == 2


def test_what_acts_is_exported_and_tests_stay(run: Run, file: Path, tmp_path: Path) -> None:
    text = RULE.replace('"large"', '"exported"')
    file.write_text(text)
    run("ana", "rules", "add", file)
    git = tmp_path / "git"
    said = run("ana", "rules", "export", git)
    assert "exported: version 1 is written, and no version of it is in force\n" in said.err
    number = json.loads(run("ana", "rules", "publish", "exported", "--json").out)["change"]["id"]
    run("bo", "rules", "approve", number)
    file.write_text(text.replace("900", "700"))
    run("ana", "rules", "add", file)
    test = """
# a comment of mine
[[tests]]
rule = "exported"
expect = "hit"
events = [{ kind = "payment", time = "2026-03-02T02:00:00+09:00", customer = "c", amount = 950000 }]
"""
    mine = git / "exported.toml"
    mine.write_text(text + test)
    said = run("ana", "rules", "export", git)
    assert "exported: version 1, which is live, is written; newer and not in force: 2 (draft)\n" in said.err
    assert mine.read_text() == text + test, "what says the same is left alone"
    mine.write_text(text.replace("900", "500") + test)
    assert ", 1 of them written, the others said the same" in run("ana", "rules", "export", git).out
    kept = read_pack(mine.read_text())
    assert "900_000" in kept.rules[0].condition
    assert [one.rule for one in kept.tests] == ["exported"]
    for content, says in ((text + text.replace('"exported"', '"other"'), "holds exported, other: move it"),
                          ("# nothing", "holds no rule"), ("[[", "cannot be read")):  # fmt: skip
        mine.write_text(content)
        said = run("ana", "rules", "export", git)
        assert (said.status, says in " ".join(said.err.replace("│", "").split())) == (2, True), said.err
        assert mine.read_text() == content


def test_a_list_comes_from_a_file_of_any_length_as_one_change(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from haechi.commands import lists_command

    monkeypatch.setattr(lists_command, "ROWS_AT_ONCE", 10)
    file = tmp_path / "bad.csv"
    file.write_text("entity,reason\n" + "".join(f"p-{n:03},mule\n" for n in range(25)))
    said = json.loads(run("ana", "lists", "import", "bad", file, "--purpose", "block", "--json").out)
    assert said["rows"] == 25
    assert "25 rows of list bad" in run("bo", "rules", "approve", said["id"]).out
    assert run("eve", "lists", "list").out == "bad: block, made by 1 changes\n"
    assert len(run("eve", "lists", "show", "bad").out.splitlines()) == 25
    more = ("lists", "add", "bad", "q-1", "--reason", "told", "--expires", "2030-01-01T00:00:00Z")
    said = json.loads(run("ana", *more, "--json").out)
    run("bo", "rules", "approve", said["id"])
    assert "q-1 until 2030-01-01T09:00:00+09:00: told (ana)" in run("eve", "lists", "show", "bad").out
    gone = json.loads(run("ana", "lists", "remove", "bad", "q-1", "--json").out)
    run("bo", "rules", "approve", gone["id"])
    assert "q-1" not in run("eve", "lists", "show", "bad", "--json").out
    file.write_text("entity\n")
    assert run("ana", "lists", "import", "bad", file).status == 2
    file.write_text("entity,reason\n" + "".join(f"q-{n},{'mule' * (n != 17)}\n" for n in range(25)))
    assert (
        f"{file}: line 19 of the CSV: say why 'q-17' is on the list" in run("ana", "lists", "import", "bad", file).err
    )
    late = ("lists", "add", "bad", "q-2", "--reason", "told", "--expires", "2020-01-01T00:00:00+09:00")
    assert "row 1: 'q-2' would never be on the list, 2020-01-01T00:00:00+09:00 is over" in run("ana", *late).err
    twice = run("ana", "lists", "remove", "bad", "q-1", "--reason", "was honest")
    assert (twice.status, "row 1: 'q-1' is not on the list" in twice.err) == (1, True)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("rules", "show", "nobody"), "there is no rule"),
        (("rules", "approve", "99"), "rules:approve"),
        (("lists", "show", "nobody"), "there is no list"),
        (("rules", "publish", "nobody"), "there is no rule"),
        (("rules", "snooze", "x", "customer", "c", "--until", "soon", "--reason", "y"), "is no time"),
        (("rules", "snooze", "x", "customer", "c", "--until", "2026-01-01", "--reason", "y"), "no zone"),
    ],
)
def test_a_refusal_is_one_line(run: Run, words: tuple[str, ...], says: str) -> None:
    said = run("ana", *words)
    assert (said.status, says in said.err, said.err.count("\n")) == (1, True, 1)


def test_who_and_where_must_be_said(haechi: Run, made: tuple[Path, People], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HAECHI_KEY", raising=False)
    monkeypatch.delenv("HAECHI", raising=False)
    path, keys = made
    assert "say who you are" in haechi("rules", "list", "--home", path).err
    assert "say where" in haechi("rules", "list", "--key", keys["ana"]).err
    assert "is no address" in haechi("rules", "list", "--key", keys["ana"], "--server", "nowhere").err
    assert "does not answer" in haechi("rules", "list", "--key", keys["ana"], "--server", "http://127.0.0.1:9").err
    assert (
        "unknown or revoked" in haechi("rules", "list", "--home", path, "--key", "hk_" + "0" * 16 + "_" + "0" * 64).err
    )


def test_a_locked_home_without_a_server_says_so(made: tuple[Path, People]) -> None:
    path, keys = made
    with open_shut(path):
        with (
            pytest.raises(AskFailed, match="if one is starting, wait until it says `Haechi decides at`"),
            asking(path, None, keys["ana"]),
        ):
            raise AssertionError("nobody is there to ask")
        tell_address(path, "0.0.0.0", 9)
        with asking(path, None, keys["ana"]) as ask, pytest.raises(AskFailed, match=r"127\.0\.0\.1:9 does not answer"):
            ask("GET", "/v1/rules")
        tell_address(path, "::1", 9)
        assert "http://[::1]:9" in (path / "serving.json").read_text()
        forget_address(path)
        forget_address(path)
