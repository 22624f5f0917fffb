"""The ledger: append-only entries per reseller, from which "paid", balances and terms come."""
