"""What people do: alerts, cases, verdicts, challenges, refunds, warnings, and the webhooks that tell of them."""

from haechi.cases.desk import CaseDesk
from haechi.cases.errors import BadAsk, CasesError, NotAllowed, Stale, Unknown
from haechi.cases.evidence import Past
from haechi.cases.office import Office
from haechi.cases.practice import Practice

__all__ = ["BadAsk", "CaseDesk", "CasesError", "NotAllowed", "Office", "Past", "Practice", "Stale", "Unknown"]
