"""The rules of any past moment: a decision names its set, and the store knows what that set was made of."""

from __future__ import annotations

from haechi.app import BadHome, Shut, rulebook_of
from haechi.decision import Decision, House
from haechi.features import Exact, Memory, Window
from haechi.rulebook.standing import InForce, stood
from haechi.rules import BadRule, read_pack
from haechi.rules.check import check

__all__ = ["PastRules"]

SETS_AT_ONCE = 16


class PastRules:
    """Compiles the sets that past decisions name, one after the other as they come."""

    def __init__(self, shut: Shut) -> None:
        self._shut, self._book = shut, rulebook_of(shut)
        self._versions = self._book.versions()
        self._sets: dict[str, InForce] = {}

    def keep_windows(self, memory: Memory) -> None:
        """Let a memory that starts from nothing keep every window that any set ever counted in."""
        tried = {(row.kind, row.name, row.version) for row in self._shut.store.rules.history() if row.kind == "rule"}
        names, windows = self._book.names(), list[Window]()
        for key in sorted(tried & self._versions.keys()):
            for rule in read_pack(self._versions[key].content).rules:
                try:
                    windows += check(rule.condition, names, strict=False).windows
                except BadRule:
                    continue  # it no longer fits this home: the decisions it took part in differ, and are told so
        if windows:
            exact = Exact(windows, memory.spec, seed=memory.seed, currency=self._shut.schema.currency)
            memory.keep_windows(exact)

    def put_into(self, house: House, decision: Decision) -> None:
        """Give a house the rules by which this decision was taken."""
        hash_ = decision.versions.get("rules", "")
        house.rules = self._set(hash_) if hash_ else None

    def put_newest_into(self, house: House) -> None:
        """Give a house the rules that stand now."""
        found = self._book.compiled(self._book.standing, self._versions)
        house.rules = found if found.asks else None

    def _set(self, hash_: str) -> InForce:
        found = self._sets.get(hash_)
        if found is None:
            row = self._shut.store.rules.set_of(hash_)
            if row is None:
                raise BadHome(f"a decision names rule set {hash_}, which this home never had: restore haechi.db")
            standing = stood(self._shut.store.rules.history(through=row.through))
            found = self._book.compiled(standing, self._versions)
            if len(self._sets) >= SETS_AT_ONCE:
                self._sets.pop(next(iter(self._sets)))
            self._sets[hash_] = found
        return found
