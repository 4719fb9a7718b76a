"""How we get better: data sets by replay, protocols, figures, training and the registry of models."""
