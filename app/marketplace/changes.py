"""What has changed about a marketplace, so that those who look at it can be told only that. Pure."""

from app.marketplace.schemas import ChangedSlot, MarketplaceChanges, MarketplaceOut

Frame = list[tuple[object, ...]]


def changes(before: MarketplaceOut, after: MarketplaceOut) -> MarketplaceChanges | None:
    """The slots that have other figures now; None when the evening has other rounds or tables, and all is new."""
    if _frame(before) != _frame(after):
        return None
    slots = [
        ChangedSlot(round=new.number, **slot.model_dump())
        for old, new in zip(before.rounds, after.rounds, strict=True)
        for was, slot in zip(old.tables, new.tables, strict=True)
        if slot != was
    ]
    return MarketplaceChanges(event_id=after.event_id, places_left=after.places_left, slots=slots)


def applied(before: MarketplaceOut, told: MarketplaceChanges) -> MarketplaceOut:
    """What a client makes of them: figures are as they are now, so that applying twice is applying once."""
    new = {(each.round, each.table_number): each for each in told.slots}
    rounds = [
        each.model_copy(
            update={
                "tables": [
                    type(slot)(**found.model_dump(exclude={"round"}))
                    if (found := new.get((each.number, slot.table_number)))
                    else slot
                    for slot in each.tables
                ]
            }
        )
        for each in before.rounds
    ]
    return before.model_copy(update={"places_left": told.places_left, "rounds": rounds})


def _frame(market: MarketplaceOut) -> Frame:
    return [
        (each.number, each.starts_at, each.ends_at, *(slot.table_number for slot in each.tables))
        for each in market.rounds
    ]
