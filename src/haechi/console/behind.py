"""What stands behind the console: it speaks to the house through these calls and knows nothing else of it."""

from __future__ import annotations

from typing import Any, Protocol

from haechi.cases import CaseDesk
from haechi.console.ruledesk import RuleDesk
from haechi.security import StoredKey


class Behind(Protocol):
    """The house as people see it; every call comes from a thread beside the decisions."""

    @property
    def cases(self) -> CaseDesk:
        """What people do."""
        ...

    @property
    def rules(self) -> RuleDesk:
        """What people agreed on."""
        ...

    @property
    def models(self) -> Any:
        """Models and their life: what modeldesk.py asks for; None where nothing learns."""
        ...

    @property
    def timezone(self) -> str:
        """Where the bank's clocks hang: Asia/Seoul."""
        ...

    def key(self, digest: bytes) -> StoredKey | None:
        """Find an API key by its hash."""
        ...

    def trouble(self) -> list[str]:
        """Names of what does not work as it should, each a text under `trouble.`; empty when all is well."""
        ...
