"""Bytes kept for ever, found by their SHA-256: what was issued is served unchanged (R27)."""
