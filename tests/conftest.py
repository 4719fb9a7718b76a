"""What several test folders share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import settings

# Time is measured by benchmarks, never by a unit test: the first call of a compiled function takes seconds.
settings.register_profile("haechi", deadline=None)
settings.load_profile("haechi")

TESTS = Path(__file__).parent
sys.path.insert(0, str(TESTS))

# Files whose tests start servers, build towns or train: a worker that met one of them last would keep the others
# waiting. They come first, the longest first; a file is one worker's (`make test` keeps this order).
LONG = (
    "docs/test_rules_page.py",
    "commands/test_demo_command.py",
    "test_app.py",
    "docs/test_data_page.py",
    "lifecycle/test_loop.py",
    "lifecycle/test_kill.py",
    "console/test_browser.py",
    "console/test_browser_desk.py",
    "commands/test_train_command.py",
    "learning/test_evaluate.py",
    "learning/test_train.py",
    "commands/test_evaluate_command.py",
    "test_rules_story.py",
    "test_cases_story.py",
    "commands/test_learning_commands.py",
    "rulebook/test_jobs.py",
    "cases/test_crash.py",
    "commands/test_gating.py",
    "stores/test_crash.py",
    "api/test_server.py",
    "test_story.py",
    "docs/test_examples.py",
    "commands/test_rules_command.py",
    "commands/test_commands.py",
    "rules/test_hostile.py",
    "contracts/test_journal.py",
    "town/test_town.py",
    "town/test_campaigns.py",
    "town/test_loop.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first; within a file, and among all others, the order stays. Nightly tests may take their time."""
    for item in items:
        if item.get_closest_marker("nightly"):
            item.add_marker(pytest.mark.timeout(0))
    rank = {TESTS / name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))


@pytest.fixture(scope="session")
def town_events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The events of a small town, written once."""
    from homes import town_files

    return town_files(tmp_path_factory.mktemp("town"))
