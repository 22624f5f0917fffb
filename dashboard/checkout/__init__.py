"""From a draft to a placed order: the order form, its review, and nothing else that decides a price (R7-R10)."""
