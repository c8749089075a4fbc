"""Pure decisions about presentations."""

from enum import StrEnum


class PresentationStatus(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


CAN_BE_ACCEPTED = frozenset({PresentationStatus.PROPOSED, PresentationStatus.DECLINED})
"""Whoever declined may think again; whoever withdrew is gone."""
CAN_BE_DECLINED = frozenset({PresentationStatus.PROPOSED, PresentationStatus.ACCEPTED})
CAN_BE_WITHDRAWN = frozenset({PresentationStatus.PROPOSED, PresentationStatus.ACCEPTED, PresentationStatus.DECLINED})
