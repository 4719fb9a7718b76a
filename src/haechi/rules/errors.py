"""What can be wrong with a rule, told with a pointer at the place.

RulesError
├── BadRule       a condition that cannot be accepted: where, why, and what was perhaps meant
├── BadRuleFile   a file of rules that cannot be read: which rule, which field, why
└── BadList       a list entry or a file of entries that cannot be read
"""

from __future__ import annotations


class RulesError(Exception):
    """Anything that is wrong in the room of rules; the message is one line."""


class BadRule(RulesError):
    """A condition that cannot be accepted; `position` counts its characters from 0, and `length` of them are meant."""

    def __init__(self, message: str, text: str = "", position: int = 0, length: int = 1, suggestion: str = "") -> None:
        super().__init__(message if not suggestion else f"{message}; {suggestion}")
        self.message = message
        self.suggestion = suggestion
        self.text = text
        self.position = max(0, min(position, len(text)))
        self.length = max(1, length)

    @property
    def line(self) -> int:
        """The line of the place, from 1."""
        return self.text.count("\n", 0, self.position) + 1

    @property
    def column(self) -> int:
        """The column of the place, from 1."""
        return self.position - (self.text.rfind("\n", 0, self.position) + 1) + 1

    def pointer(self) -> str:
        """The line of the condition with a pointer under the place, for people."""
        line = self.text.split("\n")[self.line - 1] if self.text else ""
        width = max(1, min(self.length, len(line) - self.column + 1))
        return f"{line}\n{' ' * (self.column - 1)}{'^' * width}"


class BadRuleFile(RulesError):
    """A file of rules that cannot be read."""


class BadList(RulesError):
    """A list entry or a file of entries that cannot be read."""
