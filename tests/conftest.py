"""What holds for every test."""

from hypothesis import settings

# Time is measured by benchmarks, never by a unit test: the first call of a compiled function takes seconds.
settings.register_profile("haechi", deadline=None)
settings.load_profile("haechi")
