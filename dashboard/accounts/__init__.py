"""Accounts: who people are, how they sign in, which language they chose (R1)."""
