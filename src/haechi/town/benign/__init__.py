"""What looks like fraud and is none."""
