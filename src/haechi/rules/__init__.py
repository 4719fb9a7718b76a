"""What we agreed on: rules in a safe language, compiled once, run on one event or on years of history.

The way of a rule, and the door for it:

* `read_pack(text) -> Pack`, `write_pack(pack)`: rules, typologies and their tests as TOML.
* `Names.of(schema, spec, calendar=...)`: what a condition may name. `check(text, names) -> Checked`, or `BadRule`
  with position, message and suggestion. `Checked.windows` are the exact windows that the condition counts in, and
  `Checked.warnings` what a careful colleague would ask about.
* `RuleSet.compile(rules, names, lists, typologies=..., snoozes=...) -> RuleSet`: immutable. `RuleSet.windows` are those
  that the memory's `Exact` (features/exact.py) has to keep; `RuleSet.decide(event, known) -> Outcome` online,
  `RuleSet.backtest(frame, features, windows) -> int8 [rules, rows]` on history; `RuleSet.version` names every rule.
* `Rules(rule_set)` is a detector of the decision room: name "rules", `judge`, `explain`, and `swap(rule_set)` between
  two events: one decision never sees two versions.
* `Lists.of({...})`: immutable lists of entities with reason, owner and expiry; a change makes a new one.
"""

from haechi.rules.errors import BadList, BadRule, BadRuleFile, RulesError
from haechi.rules.files import Pack, Test, read_pack, write_pack
from haechi.rules.outcome import HIT, MISS, OUT, RESULTS, UNDECIDED, Outcome
from haechi.rules.rule import ACTIONS, LANES, Action, Effect, Lane, Rule, Typology, check_rule, check_typology

__all__ = [
    "ACTIONS",
    "HIT",
    "LANES",
    "MISS",
    "OUT",
    "RESULTS",
    "UNDECIDED",
    "Action",
    "BadList",
    "BadRule",
    "BadRuleFile",
    "Effect",
    "Lane",
    "Outcome",
    "Pack",
    "Rule",
    "RulesError",
    "Test",
    "Typology",
    "check_rule",
    "check_typology",
    "read_pack",
    "write_pack",
]
