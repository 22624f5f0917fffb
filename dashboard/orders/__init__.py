"""Orders and their history (R8, R9, R24)."""
