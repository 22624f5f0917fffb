"""The written exchange between a reseller and the vendor (R32)."""
