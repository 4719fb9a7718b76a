"""Goal: a check tells at a glance how well files fit a schema."""

from __future__ import annotations

from haechi.events import Schema, check_files

from .files import rows, write


def test_a_check_counts_everything(tmp_path) -> None:
    content = [r | {"y": i % 3, "C1": i if i % 2 else "", "more": 1, "void": ""} for i, r in enumerate(rows(300))]
    content[5]["paid"] = "much"
    schema = Schema.parse(
        {
            "name": "t",
            "kind": "payment",
            "time": "at",
            "id": "id",
            "entities": {"customer": "who"},
            "amount": {"column": "paid", "currency": "EUR"},
            "numbers": {"columns": ["C*"]},
            "categories": {"columns": ["void"]},
            "label": {"column": "y", "positive": [1], "negative": [0], "delay": "1d"},
        }
    )
    check = check_files(schema, write(tmp_path / "a.csv", content))
    assert (check.rows, check.accepted, check.rejected) == (300, 299, {"not_a_number": 1})
    assert check.labels == {"fraud": 100, "legitimate": 100, "unlabelled": 99}
    assert (check.kinds, check.currencies) == ({"payment": 299}, {"EUR": 299})
    assert (check.first_time, check.last_time) == ("2024-10-01T00:00:00Z", "2024-10-01T04:59:00Z")
    assert check.missing["number:C1"] == 150 / 299
    assert check.unused == ["more"]
    assert check.problems == ["1 rows are rejected (0.33%)", "category:void is almost always missing"]
    text = "\n".join(check.lines())
    for part in (
        "300 rows",
        "missing: number:C1 50.2%",
        "without a role: more",
        "a.csv:7: paid is not a number",
        "problem:",
    ):
        assert part in text


def test_a_check_names_what_training_would_miss(tmp_path) -> None:
    schema = Schema.parse(
        {
            "name": "t",
            "kind": "x",
            "time": {"column": "at", "unit": "order"},
            "amount": {"column": "paid", "currency": "EUR"},
            "label": {"column": "y", "positive": [1], "negative": [0], "delay": 0},
        }
    )
    content = [{"at": i, "paid": "", "y": 0} for i in range(20)]
    check = check_files(schema, write(tmp_path / "a.csv", content))
    assert (check.first_time, check.last_time) == ("0", "19")
    assert len(check.problems) == 4
    none = check_files(schema, write(tmp_path / "b.csv", [{"at": "x", "paid": 1, "y": 1}]))
    assert none.problems == ["no row was accepted"]
