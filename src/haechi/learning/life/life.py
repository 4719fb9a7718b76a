"""The life of a home's models: who asks, who agrees, what takes effect, and the way back.

The tables are the truth: a step takes effect with its row in `model_history`, in one transaction, and the champion is
the model of the last row that makes one. What the registry's file says of champions is a copy for those who may not
open the tables (a training beside a server); it is put right whenever a home is opened. So a process may die at any
moment: there is one champion before the commit, and one after it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any, cast

import msgspec

from haechi.detectors.artifact import Artifact
from haechi.learning.errors import LearningError
from haechi.learning.life.book import Answer, Book, Change, Known, Said, add_answer, add_history
from haechi.learning.life.errors import NoSuchModel, NotAllowed
from haechi.learning.life.policy import ModelsPart
from haechi.learning.life.practised import Practised
from haechi.learning.life.scores import ScoreStore
from haechi.learning.life.standing import WHOLE_PPM, HistoryRow, Place, Standing, stood
from haechi.learning.registry import Registry
from haechi.stores import Disagreed, Tables, Work

__all__ = ["ALARM", "POLICY", "RETRAINING", "Life"]

log = logging.getLogger("haechi.learning")

POLICY, ALARM, RETRAINING = "policy", "alarm", "retraining"
OURS = {POLICY, ALARM, RETRAINING, "the first model", "haechi train"}  # no key of a person may have such a name
COMMENT_CHARS_MAX = 2_000


class Life:
    """All that may be done to the models of one home; every call may come from any thread."""

    def __init__(
        self,
        tables: Tables,
        registry: Registry,
        settings: ModelsPart,
        now_us: Callable[[], int],
        fits: Callable[[Artifact], object] = lambda artifact: None,
        publish: Callable[[Standing], None] = lambda standing: None,
        found: Callable[[], tuple[str, int]] = lambda: ("", 0),
    ) -> None:
        """`fits` raises when a model cannot judge here; `publish` brings what stands into force where one decides.

        `found`: by whose account the settings were read, and when their file was written.
        """
        self.book, self.registry, self.settings = Book(tables), registry, settings
        self._tables, self._now_us, self._fits, self.publish = tables, now_us, fits, publish
        self._scores, self.practised, self._found = ScoreStore(tables), Practised(tables), found
        self._lock = threading.RLock()
        self.standing = stood(self.book.history())
        self.settle()

    def settle(self) -> None:
        """Know the registry's models, adopt the champion of a home that has no history, and put the copy right."""
        known = {one.version for one in self.book.models()}
        entries = self.registry.entries()
        for entry in entries:
            if entry.version not in known:
                self.enter(entry.version, "haechi train", {"cause": "by hand"})
        champion = next((e for e in entries if e.status == "champion"), None)
        if self.standing.champion is None and champion is not None:
            self._take(HistoryRow(0, "first", champion.version, "champion", WHOLE_PPM,
                                  champion.promoted_by or "the first model", self._now_us(), None,
                                  champion.promoted_why))  # fmt: skip
        self._copy()

    def enter(self, model: str, author: str, told: dict[str, Any]) -> Known:
        """A registered model begins its life as a challenger; one that is known stays as it is."""
        found = [one for one in self.book.models() if one.version == model]
        if found:
            return found[0]
        self.registry.load(model)
        one = Known(model, author, self._now_us(), told)
        row = {**msgspec.structs.asdict(one), "content": msgspec.json.encode(told).decode()}
        self._tables.do(lambda work: work.add("models", row))
        return one

    def first(self, model: str, person: str, why: str = "") -> None:
        """The first champion of a home has nobody to beat."""
        with self._lock:
            self._check(model)
            self._take(HistoryRow(0, "first", model, "champion", WHOLE_PPM, person, self._now_us(), None, why))

    def ask(self, model: str, step: str, person: str, share: float = 1.0, comment: str = "") -> Change:
        """Ask for a model's next step; it takes effect at once where the policy asks for nobody's consent."""
        if len(comment) > COMMENT_CHARS_MAX or "\0" in comment:
            raise NotAllowed(f"a comment has at most {COMMENT_CHARS_MAX:,} characters, none of them NUL")
        with self._lock:
            self.note_policy()
            share_ppm = {"shadow": 0, "champion": WHOLE_PPM}.get(step, round(share * WHOLE_PPM))
            self._check(model)
            self._may(model, step, share_ppm)
            if self.standing.champion is None and not comment and not self._beats_baseline(model):
                raise NotAllowed(f"model {model} does not beat its baseline: say why it decides all the same, -m")
            needs = getattr(self.settings.approvers, step)
            change = self._ask(model, step, share_ppm, person, max(needs, 1), comment)
            return self.answer(change.id, "approve", POLICY, "haechi.toml asks for nobody") if not needs else change

    def answer(self, id_: int, answer: str, person: str, comment: str = "") -> Change:
        """Approve, reject or withdraw; the last approval that a change needs brings it into force."""
        with self._lock:
            self.note_policy()
            change = self.book.change(id_)
            if any(said.person == person and said.answer == answer for said in change.answers):
                return change
            said = Said(person, cast(Answer, answer), comment, self._now_us())
            agreed = {one.person for one in change.answers if one.answer == "approve"} | {person}
            if answer != "approve" or len(agreed) < self._needed(change, person) or change.state != "waiting":
                self._tables.do(lambda work: add_answer(work, id_, said))
                return self.book.change(id_)
            self._check(change.model)
            self._may(change.model, change.step, change.share_ppm)
            why = " ".join(filter(None, (change.comment, self._waived(change.model, change.step))))
            row = HistoryRow(0, "step", change.model, change.step, change.share_ppm, change.author, said.at_us, id_,
                             why)  # fmt: skip
            self._take(row, lambda work: add_answer(work, id_, said))
            return self.book.change(id_)

    def note_policy(self) -> str:
        """Write down what haechi.toml asks of models, when that is not as before; gives its version."""
        with self._lock:
            return self.practised.note(self.settings, *self._found(), self._now_us())

    def rollback(self, person: str, why: str = "") -> HistoryRow:
        """Let the champion before decide again, at once: it was agreed on when it became champion."""
        with self._lock:
            before = self.standing.before
            if before is None:
                raise NotAllowed("no other model was the champion before this one: there is nothing to roll back to")
            self._check(before)
            return self._take(HistoryRow(0, "rollback", before, "champion", WHOLE_PPM, person, self._now_us(), None,
                                         why))  # fmt: skip

    def end(self, model: str, person: str, why: str = "") -> HistoryRow:
        """Take a challenger, a shadow or a canary out; what has no say needs nobody's consent."""
        with self._lock:
            self._known(model)
            if self.standing.place(model).step == "retired":
                raise NotAllowed(f"model {model} is retired already")
            row = HistoryRow(0, "end", model, "retired", 0, person, self._now_us(), None, why)
            return self._take(row)

    def place(self, model: str) -> Place:
        """Where a model stands."""
        self._known(model)
        return self.standing.place(model)

    def _needed(self, change: Change, person: str) -> int:
        """Today's policy counts when it asks for more than the policy of then."""
        return change.needs if person == POLICY else max(change.needs, getattr(self.settings.approvers, change.step))

    def _known(self, model: str) -> None:
        if model not in {one.version for one in self.book.models()}:
            there = ", ".join(one.version for one in self.book.models()) or "none; train one with `haechi train`"
            raise NoSuchModel(f"there is no model {model[:80]!r}; there are: {there}")

    def _beats_baseline(self, model: str) -> bool:
        return any(one.version == model and one.beats_baseline for one in self.registry.entries())

    def _check(self, model: str) -> None:
        """A model takes no step that could not be loaded again, or that could not judge with this home's features."""
        self._known(model)
        try:
            self._fits(self.registry.load(model))
        except LearningError:
            raise
        except Exception as error:
            raise NotAllowed(f"model {model} cannot judge here: {error}") from error

    def _may(self, model: str, step: str, share_ppm: int) -> None:
        """Raise NotAllowed unless this step may follow where the model stands."""
        standing, part = self.standing, self.settings
        held = standing.place(model)
        if step not in ("shadow", "canary", "champion"):
            raise NotAllowed(f"a step is shadow, canary or champion, not {step[:40]!r}")
        if held == Place(cast(Any, step), share_ppm):
            raise NotAllowed(f"model {model} is {step} already")
        if held.step == "champion":
            raise NotAllowed(f"model {model} is the champion: promote another one, or roll back")
        if standing.champion is None:
            if step == "champion":
                return  # it has nobody to beat; that others must agree holds for it, too
            raise NotAllowed(f"no model decides here yet: `haechi models promote {model}` makes it the first one")
        if step == "shadow" and len(standing.shadows) >= part.shadows_max:
            raise NotAllowed(f"{part.shadows_max} models are in shadow already: end one of them first")
        if step == "canary" and not 0 < share_ppm <= round(part.canary_share_max * WHOLE_PPM):
            raise NotAllowed(f"a canary decides for a share above 0 and up to {part.canary_share_max:g} of subjects")
        if standing.canary and step == "canary" and standing.canary[0] != model:
            raise NotAllowed(f"model {standing.canary[0]} is the canary: end it first, one at a time can be compared")
        self._been(model, step)

    def _been(self, model: str, step: str) -> None:
        """Gates come before any say; shadow and canary before deciding for all, as the policy wants it."""
        wanted = self.settings.before_champion
        lacks = self._lacks(model, step)
        missing = [s for s in ("shadow", "canary") if s in wanted and s in lacks]
        if missing:
            raise NotAllowed(f"model {model} has not been {' nor '.join(missing)}: [models] before_champion wants it")
        if "gates" in wanted and "gates" in lacks:
            raise NotAllowed(f"model {model} {lacks['gates']}: `haechi models gate {model}` shows it")
        if "shadow" in wanted and "shadowed" in lacks:
            least, scored = self.settings.shadow_decisions_min, self._scored(model)
            raise NotAllowed(
                f"model {model} has scored {scored:,} decisions in shadow, and must have scored {least:,}: [models] "
                "shadow_decisions_min. What is scored is kept every ten seconds; `haechi models compare` shows it"
            )

    def _lacks(self, model: str, step: str) -> dict[str, str]:
        """What a model was not through before a step, whatever the policy wants of it."""
        if step == "shadow" or self.standing.champion is None:
            return {}
        been, found = self.standing.been.get(model, frozenset()), dict[str, str]()
        if "shadow" not in been:
            found["shadow"] = "has not been shadow"
        else:
            scored = self._scored(model)
            if scored < self.settings.shadow_decisions_min:
                found["shadowed"] = f"has scored {scored:,} decisions in shadow"
        if step == "champion" and "canary" not in been:
            found["canary"] = "has not been canary"
        gates = self.book.gates(model)
        failed = [gate.name for gate in gates if not gate.passed]
        if not gates or failed:
            found["gates"] = f"did not pass {', '.join(failed)}" if failed else "was never held against the gates"
        return found

    def _scored(self, model: str) -> int:
        return self._scores.scored(model, self.settings.shadow_decisions_min)

    def _waived(self, model: str, step: str) -> str:
        """What a step was granted without, because the policy does not want it; '' when nothing was missing."""
        lacks = self._lacks(model, step)
        policy = self.practised.newest()
        return f"[policy {policy.version} waives: it {', '.join(lacks.values())}]" if lacks and policy else ""

    def _ask(self, model: str, step: str, share_ppm: int, person: str, needs: int, comment: str) -> Change:
        same = [c for c in self.book.changes("waiting")
                if (c.model, c.step, c.share_ppm, c.author) == (model, step, share_ppm, person)]  # fmt: skip
        if same:
            return same[0]
        now = self._now_us()

        def task(work: Work) -> int:
            id_ = work.next("model_changes", "id")
            work.add("model_changes", {
                "id": id_, "model": model, "step": step, "share_ppm": share_ppm, "author": person, "created_us": now,
                "needs": needs, "comment": comment,
            })  # fmt: skip
            return id_

        return self.book.change(self._tables.do(task))

    def _take(self, row: HistoryRow, before: Callable[[Work], None] = lambda work: None) -> HistoryRow:
        """One transaction: what is answered, and the row by which it takes effect."""

        def task(work: Work) -> HistoryRow:
            before(work)
            numbered = msgspec.structs.replace(row, number=work.next("model_history"))
            if numbered.number != self.standing.through + 1:
                raise Disagreed("somebody else changed a model in between: look again, then repeat")
            add_history(work, numbered)
            return numbered

        taken = self._tables.do(task)
        self.standing = self.standing.then(taken)
        self._copy()
        self.publish(self.standing)
        return taken

    def _copy(self) -> None:
        """The registry's file says the same as the tables."""
        champion = self.standing.champion
        if champion is None:
            return
        held = [e.version for e in self.registry.entries() if e.status == "champion"]
        if held != [champion]:
            row = next(r for r in reversed(self.book.history()) if r.step == "champion")
            self.registry.promote(champion, now_us=row.at_us, by=row.person, why=row.why, even_if_weak=True)
