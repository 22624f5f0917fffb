"""The customer's page: licenses without a price, because none can be reached from here (R25)."""
