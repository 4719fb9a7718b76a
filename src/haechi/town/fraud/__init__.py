"""How fraudsters work, one file a typology."""
