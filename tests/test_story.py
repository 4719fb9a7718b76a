"""The story Haechi was founded on, through the real door: init, import, serve, decide, read back, label, replay."""

from __future__ import annotations

from pathlib import Path

from haechi.commands.checking import check_home
from homes import Pupil, founding_event, haechi, new_home, serving


def test_ice_cream_at_seven_is_stopped_explained_and_proven(tmp_path: Path, town_events: Path) -> None:
    home, log, event = tmp_path / "home", tmp_path / "log", founding_event()
    key = new_home(home, town_events)
    with serving(home, key, log) as asker:
        decision = asker.decide(event)
        assert decision["action"] != "allow"
        assert decision["reasons"][0]["text"].keys() == {"en", "ko"}
        assert "times the usual amount" in decision["sentence"]["en"]
        assert asker.ask("GET", f"/v1/decisions/{event['id']}") == (200, decision)
        assert asker.decide(event) == decision, "the same event again gets the stored answer"
        changed = {**event, "amount": 8_000}
        assert asker.ask("POST", "/v1/decide", changed)[0] == 409
        label = {"event_id": event["id"], "fraud": True, "known_at": "2024-09-01T00:00:00+09:00", "source": "parent"}
        assert asker.ask("POST", "/v1/labels", label) == (200, {"taken": 1, "rejected": []})
        again = {**event, "id": "next", "time": "2024-09-02T07:02:00+09:00"}
        assert asker.decide(again)["event_id"] == "next"
        status, page = asker.ask("GET", "/v1/alerts")
        assert status == 200
        assert len(page["alerts"]) == (decision["needs_a_person"] + asker.decide(again)["needs_a_person"])
        assert asker.ask("GET", "/readyz")[0] == 200
        assert "haechi_decisions" in asker.ask("GET", "/metrics")[1]
    found = check_home(home, detectors=[Pupil()])
    assert found.difference is None
    assert (found.decided, found.labels, found.other_features, found.other_versions) == (2, 1, 0, 0)
    assert found.imported > 1_000
    told = haechi("explain", "--home", home, event["id"], "--json")
    assert told.returncode == 0, told.stderr
    assert '"source": "parent"' in told.stdout
    # The pupil is only in the tests: without it the command compares features, and says so.
    checked = haechi("replay", "--home", home, "--check")
    assert checked.returncode == 0, checked.stderr
    assert "2 were decided with another model or policy" in checked.stdout
