"""License files: what stands in them, how they are signed, who holds them. Knows no money (R22, R23, R25)."""
