"""Texts in the vendor's own words, in versions: the reseller policy, the programme, how to apply a license."""
