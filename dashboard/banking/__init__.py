"""Reading bank statement files: bytes in, a typed statement out, or a refusal that says where and why (R18)."""
