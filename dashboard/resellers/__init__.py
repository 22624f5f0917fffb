"""Resellers: how one becomes one, its company, its members, its terms with the vendor (R2-R6)."""
