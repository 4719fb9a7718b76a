"""haechi models in a terminal: two keys lead a model through its life, on a home that no server runs on."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from haechi.app import add_key, life_of, open_shut
from haechi.commands.models_command import app
from learning.life.making import pass_gates
from lifecycle.making import home_with_models


def test_two_people_lead_a_model(tmp_path) -> None:
    path, (champion, challenger), ana = home_with_models(tmp_path)
    with open_shut(path) as shut:
        bo = add_key(shut.store, "bo", {"read": "", "models:approve": ""}).token
        pass_gates(life_of(shut), challenger)

    def run(*words: str, key: str = ana, fails: str = "") -> str:
        found = CliRunner().invoke(app, [*words, "--home", str(path), "--key", key])
        said = found.output + (str(found.exception) if found.exception else "")
        assert bool(found.exit_code) == bool(fails), said
        assert fails in said, said
        return said

    assert f"{challenger}  challenger" in run("standing")
    assert f"{challenger} is shadow" in run("shadow", challenger)
    assert "change 2 waits for 1 to agree" in run("canary", challenger, "--share", "0.2", "-m", "two weeks")
    run("approve", "2", fails="nobody approves what is her own")
    run("promote", challenger, key=bo, fails="models:write")
    assert "change 2 is done" in run("approve", "2", key=bo)
    assert "canary 20%" in run("standing")
    assert "waits" in run("promote", challenger)
    assert "change 3 is done" in run("approve", "3", key=bo)
    told = json.loads(run("standing", "--json"))
    assert (told["champion"], told["before"]) == (challenger, champion)
    assert f"{champion} is the champion again" in run("rollback", "-m", "alerts tripled")
    took = run("history").splitlines()
    assert f"ROLLED BACK from {challenger} to {champion} by first: alerts tripled" in took[0]
    assert f"{challenger} became champion by first, bo agreed" in took[1]
    assert f"{challenger} became canary for 20% by first, bo agreed: two weeks" in took[2]
    assert len(json.loads(run("history", "--json"))["events"]) == len(took) == 5
    assert "2  done" in run("changes", "--state", "done")
    assert "pass  frauds = 30 (threshold 20)" in run("gates", challenger)
    assert "0 decisions" in run("compare")
    assert "no step was asked for" in run("changes", "--state", "rejected")
    run("end", champion, fails="is not retired")
