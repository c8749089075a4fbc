"""What the call for presenters changes: offers made or mended, accepted at a table, moved or declined."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from rapidfuzz import fuzz

from app.marketplace.rules import CAN_BE_ACCEPTED, PresentationStatus
from app.people.rules import folded
from app.sheets.columns import Row
from app.sheets.findings import Findings
from app.sheets.matching import Schools
from app.sheets.offers import Offer, read_offers
from app.sheets.persons import Persons
from app.sheets.plan import Change, OfferEntry, Verdict
from app.sheets.state import KnownOffer, State
from app.sheets.tables import Room, place

_ALIKE = 65
_DONE = {
    Verdict.ACCEPT: "accepted at table {}",
    Verdict.MOVE: "moved to table {}",
    Verdict.DECLINE: "declined",
}


def plan_presenters(
    rows: list[Row], state: State, schools: Schools[UUID], findings: Findings
) -> tuple[list[OfferEntry], Persons, list[int]]:
    """The offers to be, the people behind them, and the rows that cannot be taken."""
    offers, persons, rejected = read_offers(rows, state, schools, findings)
    known = _recognised(offers, state.offers, findings)
    placed = place(offers, _room(offers, known, state), findings)
    return [_entry(offer, known.get(offer.row), placed, findings) for offer in offers], persons, rejected


def _recognised(offers: Sequence[Offer], known: Sequence[KnownOffer], findings: Findings) -> dict[int, KnownOffer]:
    """Which offers are there already, by row: the same title and first presenter, or else the presenter's only offer
    both here and there, under a title that was mended."""
    left = {each.id: each for each in known if each.status != PresentationStatus.WITHDRAWN}
    left |= {each.id: each for each in known if each.id not in left}
    found: dict[int, KnownOffer] = {}
    for offer in offers:
        same = [
            each
            for each in left.values()
            if folded(each.title) == folded(offer.title) and offer.presenter_ids[0] in each.presenter_ids
        ]
        if same:
            found[offer.row] = left.pop(same[0].id)
    for offer in offers:
        if offer.row in found or offer.presenter_ids[0] is None:
            continue
        theirs = [each for each in left.values() if each.presenter_ids[:1] == offer.presenter_ids[:1]]
        here = [each for each in offers if each.presenters[0] == offer.presenters[0] and each.row not in found]
        if len(theirs) == len(here) == 1 and _reads_like(offer, theirs[0]):
            findings.note(offer.row, f"Took '{offer.title}' for the new title of '{theirs[0].title}'.")
            found[offer.row] = left.pop(theirs[0].id)
    return found


def _reads_like(offer: Offer, known: KnownOffer) -> bool:
    """Whether a title may be the other one mended, rather than another presentation's."""
    alike = fuzz.token_sort_ratio(folded(offer.title), folded(known.title)) >= _ALIKE
    return alike and known.status != PresentationStatus.WITHDRAWN


def _room(offers: Sequence[Offer], known: Mapping[int, KnownOffer], state: State) -> Room:
    present = {
        offer.row: number
        for offer in offers
        if offer.decision == "yes" and (there := known.get(offer.row)) and (number := there.table_number) is not None
    }
    ours = {known[row].id for row in present}
    others = {each.table_number for each in state.offers if each.table_number is not None and each.id not in ours}
    table_count = state.evening.table_count if state.evening else 0
    return Room(table_count, frozenset(number for number in others if number is not None), present)


def _entry(offer: Offer, known: KnownOffer | None, placed: Mapping[int, int], findings: Findings) -> OfferEntry:
    verdict, number = _verdict(offer, known, placed.get(offer.row), findings)
    mended = _differing(offer, known) if known else ()
    differing = mended if verdict is Verdict.NOTHING else (*mended, _DONE[verdict].format(number))
    change = Change.CREATED if known is None else Change.UPDATED if differing else Change.UNCHANGED
    return OfferEntry(
        row=offer.row,
        change=change,
        differing=differing,
        presentation_id=known.id if known else None,
        name=offer.title,
        summary=offer.summary,
        subjects=offer.subjects,
        key_stages=offer.key_stages,
        needs=offer.needs,
        presenters=offer.presenters,
        mended=bool(mended),
        verdict=verdict,
        table_number=number,
    )


def _differing(offer: Offer, known: KnownOffer) -> tuple[str, ...]:
    compared = {
        "title": offer.title == known.title,
        "summary": offer.summary == known.summary,
        "subjects": offer.subjects == known.subjects,
        "key stages": offer.key_stages == known.key_stages,
        "needs": offer.needs == known.needs,
        "presenters": offer.presenter_ids == known.presenter_ids,
    }
    return tuple(what for what, same in compared.items() if not same)


def _verdict(
    offer: Offer, known: KnownOffer | None, number: int | None, findings: Findings
) -> tuple[Verdict, int | None]:
    """What is to be done with an offer. A decision made in the hub meanwhile is not undone by the sheet."""
    status = known.status if known else PresentationStatus.PROPOSED
    at = known.table_number if known else None
    if status == PresentationStatus.WITHDRAWN:
        if offer.decision == "yes":
            _tell_undecided(offer, "has been withdrawn", findings)
        return Verdict.NOTHING, None
    if status == PresentationStatus.ACCEPTED:
        if offer.decision != "yes":
            _tell_undecided(offer, f"is accepted at table {at}", findings)
        elif number is not None and number != at:
            return Verdict.MOVE, number
        return Verdict.NOTHING, at
    if offer.decision == "yes" and number is not None and status in CAN_BE_ACCEPTED:
        return Verdict.ACCEPT, number
    if offer.decision == "no" and status != PresentationStatus.DECLINED:
        return Verdict.DECLINE, None
    return Verdict.NOTHING, None


def _tell_undecided(offer: Offer, how: str, findings: Findings) -> None:
    findings.needs_a_person(
        offer.row,
        f"'{offer.title}' {how}, but the sheet says {offer.decision}. It was left as it is.",
        f"Decide it in the hub, or correct the decision in row {offer.row} and import again.",
    )
