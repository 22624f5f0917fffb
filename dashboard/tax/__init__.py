"""Tax by place and date (R28)."""
