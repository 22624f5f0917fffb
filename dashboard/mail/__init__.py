"""Letters: how they look, how they leave, and what became of them (R20)."""
