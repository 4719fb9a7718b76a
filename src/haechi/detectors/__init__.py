"""What looks wrong: detectors, each a pure function of an event and of what was known before it."""
