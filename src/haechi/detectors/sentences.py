"""What every sentence of behaviour is made with: which kind is told, how rare it is, and the reason it becomes."""

from __future__ import annotations

from haechi.detectors.asked import Asked, Who
from haechi.detectors.frequency import BITS_MIN, often
from haechi.events import Reason
from haechi.events.wording import Text

__all__ = ["NOTHING_MORE", "oddest", "reason", "two_figures"]

NOTHING_MORE: Text = {"en": "", "ko": ""}


def oddest(asked: Asked, **may_be_told: bool) -> str:
    """The most surprising of the kinds that may be told; nothing where none is a reason."""
    found, most = "", 0.0
    for kind, may in may_be_told.items():
        if may and (bits := asked.bits(kind)) >= BITS_MIN and bits > most:
            found, most = kind, bits
    return found


def reason(
    kind: str, asked: Asked, seen: str, usual: str, en: str, ko: str, who: Who | None = None, then: Text = NOTHING_MORE
) -> Reason:
    """A reason with its rarity in brackets; Korean sentences end in a verb, so that several can follow each other.

    `then` is what stands behind the brackets, for it is not what is counted. Detectors do not know what will be done:
    no sentence may say that money has gone.
    """
    bits = asked.bits(kind)
    odds, want = often(bits), (who or asked.who).want
    text = {"en": f"{en} ({want['en']}{odds['en']}){then['en']}", "ko": f"{ko}({want['ko']}{odds['ko']}){then['ko']}"}
    return Reason(f"behaviour.{kind}", seen, usual, bits, text)


def two_figures(x: float) -> float:
    """Rounded to two figures: as much of a sum or a speed as one can believe."""
    unit = 10.0 ** max(len(str(int(x))) - 2, 0)
    return round(x / unit) * unit
