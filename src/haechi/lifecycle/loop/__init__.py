"""The learning loop on a town: weeks go by, labels come late, a new model is trained, gated, promoted, and judged."""
