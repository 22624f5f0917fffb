"""Products, their pricing plans, SKUs and retail prices."""
