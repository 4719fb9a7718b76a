"""The life of a model: steps in order, two people, one champion, the way back; the tables refuse the rest."""

from __future__ import annotations

import pytest

from haechi.learning.life.errors import NoSuchModel, NotAllowed
from haechi.learning.life.policy import Agreeing, ModelsPart
from haechi.learning.registry import Registry
from haechi.stores import Disagreed
from learning.life.making import GOOD, champion, living, model, pass_gates, shadowed

A, B, C = (model(seed).version for seed in range(3))


def test_a_challenger_goes_through_shadow_and_canary_and_becomes_champion(tmp_path) -> None:
    heard = []
    with living(tmp_path, publish=lambda standing: heard.append(standing)) as life:
        assert (life.standing.champion, life.place(B).step) == (A, "challenger")
        pass_gates(life, B)
        assert life.ask(B, "shadow", "ana").state == "done", "shadow needs nobody, and the policy says so"
        assert [a.person for a in life.book.changes()[0].answers] == ["policy"]
        assert life.standing.shadows == (B,)
        wish = life.ask(B, "canary", "ana", 0.25, "ten days in shadow")
        assert (wish.state, wish.needs) == ("waiting", 1)
        assert life.ask(B, "canary", "ana", 0.25) == wish, "the same wish is the same change"
        assert life.answer(wish.id, "approve", "bo").state == "done"
        assert life.standing.canary == (B, 250_000)
        assert life.standing.champion == A
        life.answer(life.ask(B, "champion", "ana").id, "approve", "bo")
        assert (life.standing.champion, life.standing.before, life.place(A).step) == (B, A, "retired")
        assert [s.champion for s in heard][-1] == B
        assert [e.version for e in life.registry.entries() if e.status == "champion"] == [B]
    with living(tmp_path) as life:
        assert life.standing.champion == B, "what was agreed on outlives the process"


def test_nobody_approves_what_is_her_own(tmp_path) -> None:
    with living(tmp_path) as life:
        pass_gates(life, B)
        life.ask(B, "shadow", "ana")
        wish = life.ask(B, "canary", "ana", 0.1)
        with pytest.raises(Disagreed, match="nobody approves what is her own"):
            life.answer(wish.id, "approve", "ana")
        with pytest.raises(Disagreed, match="nobody approves what is her own"):
            life.answer(wish.id, "approve", "haechi train")
        assert life.answer(wish.id, "reject", "bo").state == "rejected"
        with pytest.raises(Disagreed, match="not open"):
            life.answer(wish.id, "approve", "cleo")
        assert life.standing.canary is None


def test_raw_sql_meets_the_same_wall(tmp_path) -> None:
    row = {"number": 9, "what": "step", "model": B, "step": "champion", "share_ppm": 1_000_000, "person": "ana",
           "at_us": 1, "change_id": None, "why": ""}  # fmt: skip
    with living(tmp_path) as life:
        tables = life.book.tables

        def refused(says: str, *do) -> None:
            with pytest.raises(Disagreed, match=says):
                tables.do(lambda work: [one(work) for one in do])

        def add(**changes):
            return lambda work: work.add("model_history", {**row, **changes})

        refused("too few have agreed", add())
        refused("a champion decides already", add(what="first"))
        refused("was the champion before", add(what="rollback"))
        refused("was the champion before", add(what="rollback", model=A))
        refused("champion is not retired", add(what="end", model=A, step="retired"))
        refused("CHECK", add(what="end", model=B))
        pass_gates(life, B)
        life.ask(B, "shadow", "ana")
        wish = life.ask(B, "canary", "ana", 0.1)
        refused("too few have agreed", add(change_id=wish.id, step="canary", share_ppm=100_000))
        life.answer(wish.id, "approve", "bo")
        refused("in the history already", add(change_id=wish.id, step="canary", share_ppm=100_000))
        other = life.ask(B, "champion", "ana")
        answer = {"change_id": other.id, "person": "bo", "answer": "approve", "comment": "", "at_us": 1}
        refused(
            "too few have agreed", lambda w: w.add("model_answers", answer),
            add(change_id=other.id, step="champion", share_ppm=5),
        )  # fmt: skip
        for table in ("models", "model_changes", "model_answers", "model_history", "model_gates"):
            refused("never|stays", lambda w, t=table: w.run(f"DELETE FROM {t}"))
        refused("never", lambda w: w.run("UPDATE model_history SET model = :b", {"b": B}))
        refused("never", lambda w: w.run("UPDATE model_answers SET answer = 'approve'"))
        assert life.standing.champion == A


def test_steps_come_in_order(tmp_path) -> None:
    with living(tmp_path, models=3) as life:
        with pytest.raises(NotAllowed, match="has not been shadow nor canary"):
            life.ask(B, "champion", "ana")
        with pytest.raises(NotAllowed, match="has not been shadow"):
            life.ask(B, "canary", "ana", 0.1)
        life.ask(B, "shadow", "ana")
        with pytest.raises(NotAllowed, match="never held against the gates"):
            life.ask(B, "canary", "ana", 0.1)
        life.book.keep_gates(B, [("recall_at_budget", -0.2, -0.01, False, "{}")], 5)
        with pytest.raises(NotAllowed, match="did not pass recall_at_budget"):
            life.ask(B, "canary", "ana", 0.1)
        pass_gates(life, B)
        for share, says in ((0.0, "share above 0"), (0.9, "share above 0")):
            with pytest.raises(NotAllowed, match=says):
                life.ask(B, "canary", "ana", share)
        life.answer(life.ask(B, "canary", "ana", 0.1).id, "approve", "bo")
        pass_gates(life, C)
        life.ask(C, "shadow", "ana")
        with pytest.raises(NotAllowed, match="one at a time"):
            life.ask(C, "canary", "ana", 0.1)
        with pytest.raises(NotAllowed, match="is the champion"):
            life.ask(A, "shadow", "ana")
        with pytest.raises(NotAllowed, match="is shadow already"):
            life.ask(C, "shadow", "ana")
        with pytest.raises(NoSuchModel, match="there are"):
            life.ask("nobody", "shadow", "ana")
        with pytest.raises(NotAllowed, match="a step is"):
            life.ask(C, "retired", "ana")


def test_a_shadow_that_has_scored_too_little_gets_no_say(tmp_path) -> None:
    with living(tmp_path, ModelsPart(shadow_decisions_min=40)) as life:
        pass_gates(life, B)
        life.ask(B, "shadow", "ana")
        with pytest.raises(NotAllowed, match=r"has scored 0 decisions in shadow, and must have scored 40: \[models\]"):
            life.ask(B, "canary", "ana", 0.1)
        shadowed(life, B, 39)
        with pytest.raises(NotAllowed, match="has scored 39 decisions"):
            life.ask(B, "canary", "ana", 0.1)
        for _ in range(101):
            shadowed(life, A, 2)  # blocks that B is not in; it is looked for in as many as it has to have scored
        with pytest.raises(NotAllowed, match="has scored 0 decisions"):
            life.ask(B, "canary", "ana", 0.1)
        shadowed(life, B, 41)
        wish = life.ask(B, "canary", "ana", 0.1)
        assert life.answer(wish.id, "approve", "bo").state == "done"


def test_what_a_policy_waives_is_written_down_with_whoever_runs_it(tmp_path) -> None:
    def found() -> tuple[str, int]:
        return "account:eve", 7

    with living(tmp_path, found=found) as life:
        life.book.keep_gates(B, [("recall_at_budget", -0.2, -0.01, False, "{}")], 5)
        life.ask(B, "shadow", "ana")
        with pytest.raises(NotAllowed, match="did not pass recall_at_budget"):
            life.ask(B, "canary", "ana", 0.1)
        before = life.practised.newest()
        assert (before.told, before.person, before.written_us) == ("", "account:eve", 7)
        assert life.practised.at(before.at_us) == before
        assert life.practised.at(before.at_us - 1) is None
    with living(tmp_path, ModelsPart(before_champion=("shadow",), shadow_decisions_min=5), found=found) as life:
        shadowed(life, B, 6)
        life.answer(life.ask(B, "champion", "ana", comment="it looks good").id, "approve", "bo")
        policy = life.practised.newest()
        assert policy.told == (
            'before_champion: ["gates","shadow","canary"] -> ["shadow"]; shadow_decisions_min: 0 -> 5'
        )
        row = life.book.history()[-1]
        assert row.why == (
            f"it looks good [policy {policy.version} waives: it has not been canary, did not pass recall_at_budget]"
        )
        assert life.practised.at(row.at_us) == policy
        assert life.note_policy() == policy.version
        assert life.practised.newest() == policy, "what has not changed is not written down again"
        for sql in ("UPDATE model_policies SET told = ''", "DELETE FROM model_policies",
                    "INSERT OR REPLACE INTO model_policies SELECT number, version, 'x', 0, 0, '', '' "
                    "FROM model_policies"):  # fmt: skip
            with pytest.raises(Disagreed, match=r"never|there already"):
                life.book.tables.do(lambda work, sql=sql: work.run(sql))


def test_the_first_champion_may_be_agreed_on_by_two_people(tmp_path) -> None:
    with living(tmp_path, models=0) as life:
        life.registry.register(model(1), GOOD | {"beats_baseline": False}, now_us=1)
        life.settle()
        with pytest.raises(NotAllowed, match=f"`haechi models promote {B}` makes it the first one"):
            life.ask(B, "shadow", "ana")
        with pytest.raises(NotAllowed, match="does not beat its baseline: say why"):
            life.ask(B, "champion", "ana")
        wish = life.ask(B, "champion", "ana", comment="a start, until there are more frauds")
        assert life.standing.champion is None
        life.answer(wish.id, "approve", "bo")
        assert (life.standing.champion, life.standing.before) == (B, None)
        assert life.book.history()[-1].why == "a start, until there are more frauds"


def test_only_so_many_models_are_in_shadow(tmp_path) -> None:
    with living(tmp_path, ModelsPart(shadows_max=1), models=3) as life:
        life.ask(B, "shadow", "ana")
        with pytest.raises(NotAllowed, match="1 models are in shadow already"):
            life.ask(C, "shadow", "ana")
        life.end(B, "ana", "not better")
        assert life.ask(C, "shadow", "ana").state == "done"
        with pytest.raises(NotAllowed, match="retired already"):
            life.end(B, "ana")


def test_a_rollback_takes_one_person_and_goes_to_the_champion_before(tmp_path) -> None:
    with living(tmp_path, models=3) as life:
        with pytest.raises(NotAllowed, match="nothing to roll back to"):
            life.rollback("ana")
        champion(life, B)
        champion(life, C)
        assert life.rollback("alarm", "the alert rate tripled").model == B
        assert (life.standing.champion, life.standing.before) == (B, A)
        assert life.rollback("ana").model == A
        with pytest.raises(NotAllowed, match="nothing to roll back to"):
            life.rollback("ana")
        assert [e.version for e in life.registry.entries() if e.status == "champion"] == [A]
        champion(life, C)
        assert life.standing.champion == C, "who was rolled back may come again, through all the steps"


def test_a_policy_may_ask_for_nobody_and_says_so(tmp_path) -> None:
    part = ModelsPart(approvers=Agreeing(shadow=0, canary=0, champion=0), before_champion=())
    with living(tmp_path, part) as life:
        done = life.ask(B, "champion", "retraining")
        assert (done.state, [(a.person, a.answer) for a in done.answers]) == ("done", [("policy", "approve")])
        assert life.standing.champion == B


def test_a_stricter_policy_counts_for_what_waits(tmp_path) -> None:
    part = ModelsPart(before_champion=())
    with living(tmp_path, part) as life:
        wish = life.ask(B, "champion", "ana")
        life.settings = ModelsPart(before_champion=(), approvers=Agreeing(champion=2))
        assert life.answer(wish.id, "approve", "bo").state == "waiting"
        assert life.answer(wish.id, "approve", "cleo").state == "done"


def test_a_model_that_cannot_judge_here_takes_no_step(tmp_path) -> None:
    def fits(artifact) -> None:
        if artifact.version == B:
            raise ValueError("the memory's features are not the model's")

    with living(tmp_path, fits=fits) as life, pytest.raises(NotAllowed, match="cannot judge here: the memory's"):
        life.ask(B, "shadow", "ana")


def test_the_copy_in_the_registry_is_put_right(tmp_path) -> None:
    with living(tmp_path) as life:
        registry = life.registry
    registry.promote(B, now_us=9, by="somebody else")
    with living(tmp_path) as life:
        assert life.standing.champion == A
        assert [e.version for e in registry.entries() if e.status == "champion"] == [A]


def test_an_older_home_keeps_its_champion(tmp_path) -> None:
    with living(tmp_path, models=0) as life:
        registry: Registry = life.registry
        registry.register(model(2), GOOD, now_us=1)
        registry.promote(C, now_us=2, by="kim")
    with living(tmp_path, models=0) as life:
        assert life.standing.champion == C
        assert [(h.what, h.person) for h in life.book.history()] == [("first", "kim")]
