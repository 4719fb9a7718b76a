"""An Amazon Fraud Detector project becomes rules, lists and a schema of ours; what does not map is reported.

What is read is what the service's own calls answer, saved as JSON, each in a file or all in one: GetEventTypes,
GetEntityTypes, GetVariables, GetLabels, GetOutcomes, GetDetectors, DescribeDetector, GetDetectorVersion, GetRules,
GetListsMetadata and GetListElements. Shapes after the API reference
(https://docs.aws.amazon.com/frauddetector/latest/api/API_Operations.html), expressions after the rule language
reference (https://docs.aws.amazon.com/frauddetector/latest/ug/rule-language-reference.html).
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from haechi.events import Schema
from haechi.features import default_spec
from haechi.rules import Effect, Pack, Rule, RulesError, check_rule, write_pack
from haechi.rules.check import check
from haechi.rules.names import Names

__all__ = ["Converted", "Untranslatable", "convert_project", "read_project", "translate"]

FILES_MAX = 1_000
FILE_BYTES_MAX = 256 << 20
# Answers of the service by their collection: the names under which our reader keeps them.
COLLECTIONS = (
    "eventTypes", "entityTypes", "variables", "labels", "outcomes", "detectors", "ruleDetails", "lists",
)  # fmt: skip
PRIORITY_FIRST = 900
CURRENCY = "USD"
COMPARED = (">", ">=", "<", "<=", "==", "!=")
ENTITY_TYPES = {
    "IP_ADDRESS": "ip", "PAYMENT_CARD": "card", "FINGERPRINT": "device", "EMAIL_ADDRESS": "email",
    "PHONE_NUMBER": "phone", "CARD_BIN": "card_bin",
}  # fmt: skip
OUR_OUTCOMES = {
    "block": "block", "deny": "block", "decline": "block", "reject": "block", "hold": "hold", "review": "hold",
    "investigate": "hold", "verify": "challenge", "challenge": "challenge", "otp": "challenge", "mfa": "challenge",
    "approve": "allow", "allow": "allow", "accept": "allow", "pass": "allow",
}  # fmt: skip
_TOKEN = re.compile(
    r"""\s*(?:(?P<variable>\$[A-Za-z_][A-Za-z0-9_]*)|(?P<list>@[A-Za-z_][A-Za-z0-9_]*)|(?P<text>"(?:[^"\\]|\\.)*")"""
    r"""|(?P<number>\d+(?:\.\d+)?)|(?P<word>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign>>=|<=|!=|==|[<>+\-*/%()\[\],!]))"""
)


class Untranslatable(RulesError):
    """An expression says something that our rules cannot say."""


@dataclass
class Converted:
    """What came of a project: a pack, a schema, list files, and a line for each thing that did not map."""

    pack: Pack = field(default_factory=Pack)
    schema: str = ""
    lists: dict[str, list[str]] = field(default_factory=dict)
    mapped: list[str] = field(default_factory=list)
    unmapped: list[str] = field(default_factory=list)


def read_project(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Every collection in the JSON files of a folder, or in one file; newer answers complete older ones."""
    files = sorted(path.rglob("*.json")) if path.is_dir() else [path]
    if not files or len(files) > FILES_MAX:
        raise Untranslatable(
            f"{path} holds {len(files)} JSON files; save 1 to {FILES_MAX} answers of the service there"
        )
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in (*COLLECTIONS, "versions", "elements")}
    for file in files:
        if file.stat().st_size > FILE_BYTES_MAX:
            raise Untranslatable(f"{file} is larger than {FILE_BYTES_MAX:,} bytes")
        try:
            document = json.loads(file.read_text("utf-8"))
        except ValueError as error:
            raise Untranslatable(f"{file} is not JSON: {error}") from error
        for answer in document if isinstance(document, list) else [document]:
            _take(found, answer, file.stem)
    return found


def _take(found: dict[str, list[dict[str, Any]]], answer: Any, stem: str) -> None:
    if not isinstance(answer, dict):
        return
    for name in COLLECTIONS:
        found[name] += [one for one in answer.get(name, []) if isinstance(one, dict)]
    if "ruleExecutionMode" in answer and "detectorVersionId" in answer:
        found["versions"].append(answer)
    if "elements" in answer:
        found["elements"].append({"name": answer.get("name", stem), "elements": answer["elements"]})
    for value in answer.values():  # one file may hold the answers of several calls by their names
        if isinstance(value, dict):
            _take(found, value, stem)


def convert_project(found: dict[str, list[dict[str, Any]]], outcomes: dict[str, str] | None = None) -> Converted:
    """Our rules, lists and schema of a project; `outcomes` says which action an outcome stands for."""
    out = Converted()
    actions = _actions(found, outcomes or {}, out)
    names = _schema(found, out)
    rules = [_rule(one, place, actions, names, out) for one, place in _rules(found, out)]
    fitting = _fitting([rule for rule in rules if rule is not None], out)
    out.pack = Pack(
        rules=tuple(fitting),
        sources=("https://docs.aws.amazon.com/frauddetector/latest/ug/rule-language-reference.html",),
    )
    _lists(found, out)
    return out


def translate(expression: str, names: dict[str, str]) -> str:
    """A condition in our language; `names` says what a variable is called here. Untranslatable says what is not."""
    tokens = list(_tokens(expression))
    out: list[str] = []
    at = 0
    while at < len(tokens):
        kind, text = tokens[at]
        if kind == "variable":
            at += _variable(tokens, at, names, out)
        elif kind == "word" and text in ("regex_match", "lowercase"):
            at += _function(tokens, at, names, out)
        elif kind == "word" and text.lower() in ("and", "or", "not", "in"):
            out.append(text.lower())
            at += 1
        elif kind == "word" and text.lower() in ("true", "false"):
            out.append("1" if text.lower() == "true" else "0")
            at += 1
        elif kind in ("word", "list"):
            raise Untranslatable(f"{text!r} has no counterpart")
        else:
            out.append(_plain(tokens, at, names, text))
            at += 1
    return _joined(out)


def _tokens(expression: str) -> Iterable[tuple[str, str]]:
    at, end = 0, len(expression.rstrip())
    while at < end:
        found = _TOKEN.match(expression, at)
        if found is None or found.lastgroup is None:
            raise Untranslatable(f"cannot read {expression[at : at + 20]!r}")
        yield found.lastgroup, found[found.lastgroup]
        at = found.end()


def _plain(tokens: list[tuple[str, str]], at: int, names: dict[str, str], text: str) -> str:
    """A sign, a text or a number; a number that is held against the amount is money here."""
    kind = tokens[at][0]
    if kind == "text":
        return text.replace("\\\\", "\\")  # here a backslash in a text is a backslash
    if kind != "number":
        return "not" if text == "!" else text
    before = [t for _, t in tokens[max(at - 2, 0) : at]]
    behind = [t for _, t in tokens[at + 1 : at + 3]]
    other = before[0] if len(before) == 2 and before[1] in COMPARED else ""
    other = other or (behind[1] if len(behind) == 2 and behind[0] in COMPARED else "")
    return f"{text} {CURRENCY}" if names.get(other[1:]) == "amount" else text


def _variable(tokens: list[tuple[str, str]], at: int, names: dict[str, str], out: list[str]) -> int:
    """A variable, or its membership in a list; says how many tokens that took."""
    name = tokens[at][1][1:]
    if name not in names:
        raise Untranslatable(f"variable ${name} is not one of the event's (a model score, perhaps)")
    rest = [text for _, text in tokens[at + 1 : at + 4]]
    negated = [text.lower() for text in rest[:2]] == ["not", "in"] and rest[2:3] and rest[2].startswith("@")
    if negated or (rest[:1] and rest[0].lower() == "in" and len(rest) > 1 and rest[1].startswith("@")):
        list_ = rest[2 if negated else 1][1:]
        out.append(f'{"not " if negated else ""}in_list("{_id(list_)}", {names[name]})')
        return 4 if negated else 3
    if [text.lower() for text in rest[:2]] in (["==", "null"], ["!=", "null"]):
        out.append(f"{'not ' * (rest[0] == '==')}known({names[name]})")
        return 3
    out.append(names[name])
    return 1


def _function(tokens: list[tuple[str, str]], at: int, names: dict[str, str], out: list[str]) -> int:
    """regex_match(pattern, variable) as ours, which asks for the whole text as well; says how many tokens that took."""
    texts = [text for _, text in tokens[at : at + 9]]
    lowered = texts[4:6] == ["lowercase", "("]
    behind = [text for text in (texts[6:9] if lowered else texts[4:6]) if text != ")"]
    whole = [*texts[:2], *texts[3:4]] == ["regex_match", "(", ","] and len(behind) == 1
    if whole and behind[0].startswith("$") and behind[0][1:] in names:
        pattern = _plain(tokens, at + 2, names, texts[2])
        # A pattern with a capital letter never matches a text in small letters; without one, case is what is ignored.
        if lowered and re.search(r"[A-Z]", re.sub(r"\\.", "", pattern)):
            raise Untranslatable(f"{pattern} has capital letters, and lowercase({behind[0]}) none")
        # There a pattern must match the whole text, here a part of it is enough.
        out.append(f'matches({names[behind[0][1:]]}, "{"(?i)" * lowered}^(?:{pattern[1:-1]})$")')
        return 9 if lowered else 6
    raise Untranslatable(f"{texts[0]}(...) in this form has no counterpart")


def _joined(parts: list[str]) -> str:
    text = " ".join(parts)
    return re.sub(r"\(\s+|\s+\)|\[\s+|\s+\]|\s+,", lambda found: found[0].strip(), text)


def _actions(found: dict[str, list[dict[str, Any]]], given: dict[str, str], out: Converted) -> dict[str, str]:
    actions = dict(given)
    for one in found["outcomes"]:
        name = str(one.get("name", ""))
        if name in actions:
            continue
        guess = next((action for word, action in OUR_OUTCOMES.items() if word in name.lower()), None)
        if guess is None:
            out.unmapped.append(f"outcome {name!r}: say what it stands for with --outcome {name}=hold")
        else:
            actions[name] = guess
            out.mapped.append(f"outcome {name!r} is {guess!r} here; another with --outcome {name}=ACTION")
    return actions


def _schema(found: dict[str, list[dict[str, Any]]], out: Converted) -> dict[str, str]:
    """A draft schema of the first event type; what each variable is called in a rule."""
    types = {str(one["name"]): one for one in found["variables"] if "name" in one}
    events = found["eventTypes"]
    if len(events) > 1:
        out.unmapped += [f"event type {one.get('name')!r}: one schema reads one source" for one in events[1:]]
    event = events[0] if events else {"name": "event", "eventVariables": sorted(types)}
    entities = [str(name) for name in event.get("entityTypes", [])] or ["customer"]
    roles: dict[str, list[str]] = {"entities": [], "numbers": [], "categories": []}
    names: dict[str, str] = {}
    amount = ""
    for name in event.get("eventVariables", []):
        one = types.get(str(name), {})
        role, called = _role(str(name), one, amount)
        amount = amount or (str(name) if role == "amount" else "")
        names[str(name)] = called
        if role in roles:
            roles[role].append(str(name))
    for one in found["variables"]:
        if one.get("dataSource") in ("MODEL_SCORE", "EXTERNAL_MODEL_SCORE"):
            names.pop(str(one["name"]), None)
            out.unmapped.append(f"variable {one['name']!r}: a score of another model; train one with `haechi train`")
    out.schema = _schema_text(event, entities, roles, types, amount, found)
    out.mapped.append(f"event type {event.get('name')!r}: {len(names)} variables into schema.toml")
    return names


def _role(name: str, variable: dict[str, Any], amount: str) -> tuple[str, str]:
    kind, data = str(variable.get("variableType", "")), str(variable.get("dataType", "STRING"))
    if kind in ("PRICE", "ORDER_PRICE") and not amount:
        return "amount", "amount"
    if kind in ENTITY_TYPES:
        return "entities", ENTITY_TYPES[kind]
    return ("numbers" if data in ("INTEGER", "FLOAT") else "categories"), name.lower()


def _schema_text(
    event: dict[str, Any], entities: list[str], roles: dict[str, list[str]], types: dict[str, dict[str, Any]],
    amount: str, found: dict[str, list[dict[str, Any]]],
) -> str:  # fmt: skip
    lines = [
        f"name = {_quoted(_id(str(event.get('name', 'event'))))}",
        f"kind = {_quoted(_id(str(event.get('name', 'event'))))}",
        'time = { column = "EVENT_TIMESTAMP" }',
        'id = { column = "EVENT_ID" }',
        "",
        "[entities]",
        f'{_id(entities[0])} = {{ column = "ENTITY_ID" }}',
    ]
    for name in roles["entities"]:
        lines.append(f"{ENTITY_TYPES[types[name]['variableType']]} = {{ column = {_quoted(name)} }}")
    if amount:
        lines += ["", "[amount]", f"column = {_quoted(amount)}", 'currency = "USD"']
    for role in ("numbers", "categories"):
        if roles[role]:
            lines += ["", f"[{role}]", f"columns = [{', '.join(map(_quoted, roles[role]))}]"]
    labels = [str(one.get("name")) for one in found["labels"]]
    if labels:
        bad = [name for name in labels if re.search("fraud|bad|1", name.lower())]
        good = [name for name in labels if name not in bad]
        lines += ["", "[label]", 'column = "EVENT_LABEL"', f"positive = [{', '.join(map(_quoted, bad))}]"]
        lines += [f"negative = [{', '.join(map(_quoted, good))}]", 'delay = "7d"']
    return "\n".join(lines) + "\n"


def _rules(found: dict[str, list[dict[str, Any]]], out: Converted) -> Iterable[tuple[dict[str, Any], int]]:
    """The rules of each detector's active version in their order, then the newest versions of the others."""
    newest: dict[tuple[str, str], dict[str, Any]] = {}
    for one in found["ruleDetails"]:
        key = (str(one.get("detectorId")), str(one.get("ruleId")))
        if key not in newest or int(one.get("ruleVersion", 1)) > int(newest[key].get("ruleVersion", 1)):
            newest[key] = one
    exact = {
        (str(o.get("detectorId")), str(o.get("ruleId")), str(o.get("ruleVersion"))): o for o in found["ruleDetails"]
    }
    for version in found["versions"]:
        if version.get("status") not in (None, "ACTIVE"):
            continue
        if version.get("ruleExecutionMode") == "FIRST_MATCHED":
            out.unmapped.append(
                f"detector {version['detectorId']!r} stops at the first rule that matches; here all rules are asked, "
                "and their order became their priority"
            )
        for place, used in enumerate(version.get("rules", [])):
            key = (str(used.get("detectorId")), str(used.get("ruleId")))
            kept = exact.get((*key, str(used.get("ruleVersion"))))
            if kept is not None:
                newest.pop(key, None)
                yield kept, place
    yield from ((one, len(newest)) for one in newest.values())


def _rule(
    one: dict[str, Any], place: int, actions: dict[str, str], names: dict[str, str], out: Converted
) -> Rule | None:
    name = str(one.get("ruleId", "?"))
    try:
        condition = translate(str(one.get("expression", "")), names)
        chosen = [actions[o] for o in one.get("outcomes", []) if o in actions]
        if not chosen:
            raise Untranslatable(f"none of its outcomes {one.get('outcomes')} stands for an action")
        order = ("allow", "challenge", "hold", "block")
        action: Any = max(chosen, key=order.index)
        effect = Effect(fixed="allow") if action == "allow" else Effect(minimum=action)
        text = str(one.get("description") or name)
        rule = Rule(
            id=_id(name), name={"en": text, "ko": text}, reason={"en": text, "ko": text}, condition=condition,
            effect=effect, priority=max(PRIORITY_FIRST - place, 0), tags=("imported-afd",),
        )  # fmt: skip
        return check_rule(rule)
    except RulesError as error:
        out.unmapped.append(f"rule {name!r}: {error}; its expression was {one.get('expression')!r}")
        return None


def _fitting(rules: list[Rule], out: Converted) -> list[Rule]:
    """The rules that a home with the drafted schema takes; the others are told with the reason."""
    schema = Schema.parse(tomllib.loads(out.schema))
    names = Names.of(schema, default_spec(schema))
    kept = []
    for rule in rules:
        try:
            check(rule.condition, names)
        except RulesError as error:
            out.unmapped.append(f"rule {rule.id!r}: {error}; in our words it was: {rule.condition}")
        else:
            out.mapped.append(f"rule {rule.id!r}: {rule.condition}")
            kept.append(rule)
    return kept


def _lists(found: dict[str, list[dict[str, Any]]], out: Converted) -> None:
    for one in found["elements"]:
        out.lists[_id(str(one["name"]))] = [str(element) for element in one["elements"]]
    for one in found["lists"]:
        name = _id(str(one.get("name")))
        if name not in out.lists:
            out.unmapped.append(f"list {name!r}: its elements are not in the export (GetListElements)")
    out.mapped += [f"list {name!r}: {len(rows):,} entries" for name, rows in out.lists.items()]


def _id(name: str) -> str:
    return re.sub(r"[^a-z0-9_-]", "-", name.lower()).strip("-_")[:64] or "unnamed"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def pack_text(converted: Converted) -> str:
    """The rules as a file."""
    return write_pack(converted.pack)
