"""Who may do what in a reseller, and what makes one active (R3-R6)."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a member does for its company."""

    OWNER = "owner"
    BUYER = "buyer"
    ACCOUNTANT = "accountant"
    VIEWER = "viewer"
