"""Bank transfers, and what they pay (R13, R18)."""
