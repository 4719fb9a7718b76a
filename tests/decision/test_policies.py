"""A policy is written down once, before it decides, and is read by the name that decisions give it."""

from __future__ import annotations

import json

from haechi.decision import Policy
from haechi.decision.policies import keep, kept


class Meta(dict[str, str]):
    """Names and values."""

    def set(self, name: str, value: str) -> None:
        self[name] = value


def test_what_a_policy_said_can_be_read_by_the_version_that_decisions_name() -> None:
    meta = Meta()
    usual = Policy()
    other = Policy.parse({"prior_bits": {"transfer": 3.5, "withdrawal": 1}, "views": {"behaviour": {"one_in": 900}}})
    keep(meta, usual, 5)
    keep(meta, other, 7)
    found = kept(meta, other.version)
    assert found is not None
    assert found.since_us == 7
    assert found.policy["prior_bits"] == {"payment": 0.0, "transfer": 3.5, "withdrawal": 1.0}
    said = {"prior_bits.transfer": 3.5, "prior_bits.withdrawal": 1.0, "views.behaviour.one_in": 900.0}
    assert found.otherwise == said
    default = kept(meta, usual.version)
    assert default is not None
    assert (default.since_us, default.otherwise) == (5, {})
    assert Policy.parse(found.policy) == other, "the whole of it is there: it could decide again"


def test_what_was_kept_never_changes() -> None:
    meta, policy = Meta(), Policy()
    keep(meta, policy, 5)
    before = dict(meta)
    keep(meta, policy, 9)
    assert meta == before


def test_what_never_decided_here_is_not_known() -> None:
    assert kept(Meta(), "p-1") is None


def test_a_policy_of_other_times_can_still_be_read() -> None:
    old = {"since_us": 1, "policy": {"prior": {"gone": 1}}, "otherwise": {"prior.gone": 1}}
    found = kept(Meta({"policy:x": json.dumps(old)}), "x")
    assert found is not None
    assert found.otherwise == {"prior.gone": 1}
