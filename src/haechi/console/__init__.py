"""What a person sees: pages over the desk, the rules and the models, in Korean and English, without foreign scripts."""

from haechi.console.app import console
from haechi.console.behind import Behind
from haechi.console.limits import Limits
from haechi.console.sessions import Password, Sessions

__all__ = ["Behind", "Limits", "Password", "Sessions", "console"]
