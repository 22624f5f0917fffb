"""Quotes: priced papers that a reseller makes for its customer, at its own resale prices (R25)."""
