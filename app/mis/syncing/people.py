"""What becomes of the people behind the records: new, changed, back, or gone; planned on the final state of all."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from app.mis.syncing.addresses import Address, Addresses
from app.mis.syncing.plan import Plan, Row
from app.mis.syncing.records import Record
from app.mis.syncing.state import KnownPerson, State
from app.mis.syncing.telling import about
from app.people.rules import email_key, search_key, sort_key

TROUBLE = {
    "address-taken": "The address belongs to somebody else of the hub, so this person does not sign in with it.",
    "has-a-role": "The address of somebody with a role in the hub differs; it is not changed from outside.",
    "shared-address": "Several people have this address. It is kept to reach them, and signs nobody in.",
    "keeps-access": "Somebody with a role in the hub has left; their access is not taken away from outside.",
}
_PERSONS = ("given_name", "family_name", "email", "shared_email", "job_title", "school_id", "active")


@dataclass(frozen=True, slots=True)
class Group:
    """One person and the records of the source that are theirs; `speaker` is the one whose values count."""

    teacher_id: UUID
    records: tuple[Record, ...]

    @property
    def speaker(self) -> Record:
        return max(
            self.records,
            key=lambda each: (each.active, each.told_at.timestamp() if each.told_at else 0.0, each.record_id),
        )

    @property
    def active(self) -> bool:
        return any(each.active for each in self.records)

    @property
    def schools(self) -> list[UUID]:
        """Where they work now, the primary one first."""
        first = self.speaker.schools
        return [*first, *(school for each in self.records for school in each.schools if school not in first)]


def settle_people(plan: Plan, groups: Iterable[Group], state: State) -> Mapping[UUID, frozenset[str]]:
    """Plans the rows of people. Answers with what changes about each of those who are known."""
    groups = list(groups)
    working = {each.teacher_id: each.speaker.email for each in groups if each.active}
    bound = {
        teacher_id
        for teacher_id in working
        if (person := state.people.get(teacher_id)) and (person.has_roles or teacher_id in state.owned_elsewhere)
    }
    addresses = Addresses(state, working, bound=bound)
    changed: dict[UUID, frozenset[str]] = {}
    for group in groups:
        person = state.people.get(group.teacher_id)
        if person is None:
            _enter(plan, group, addresses)
        elif not person.erased:
            fields = _change(plan, group, person, addresses, state)
            if fields:
                changed[person.id] = fields
    return changed


def _enter(plan: Plan, group: Group, addresses: Addresses) -> None:
    record = group.speaker
    address = addresses.of(group.teacher_id, told_before=None)
    row = {
        "id": str(group.teacher_id),
        "school_id": str(group.schools[0]),
        "given_name": record.given_name,
        "family_name": record.family_name,
        "job_title": record.job_title,
        "active": True,
        **_address_columns(address),
    }
    plan.new_people.append({**row, **_keys(row)})
    _tell_trouble(plan, group, address.trouble)


def _change(plan: Plan, group: Group, person: KnownPerson, addresses: Addresses, state: State) -> frozenset[str]:
    now: Row = {name: getattr(person, name) for name in _PERSONS} | {"email_key": person.email_key}
    if group.active:
        now["active"] = True
        if person.id not in state.owned_elsewhere:
            now.update(_told(plan, group, person, addresses))
    elif any(each.was_active for each in group.records) and person.id not in state.held_elsewhere:
        if person.has_roles:
            _tell_trouble(plan, group, "keeps-access")
        else:
            now["active"] = False
    fields = frozenset(name for name in _PERSONS if now[name] != getattr(person, name))
    if fields:
        _enter_change(plan, person, now, fields)
    if "active" in fields:
        (plan.returners if now["active"] else plan.leavers).append(str(person.id))
    return fields


def _told(plan: Plan, group: Group, person: KnownPerson, addresses: Addresses) -> Row:
    """What the source decides about somebody at work: name, address, school; the job title unless they wrote one."""
    record, link = group.speaker, group.speaker.before
    address = addresses.of(person.id, told_before=link.email if link else None)
    _tell_trouble(plan, group, address.trouble)
    told = {"given_name": record.given_name, "family_name": record.family_name, **_address_columns(address)}
    if person.school_id not in group.schools and not person.has_roles:
        told["school_id"] = group.schools[0]
    if link is None or person.job_title == link.job_title:
        told["job_title"] = record.job_title or person.job_title
    return told


def _enter_change(plan: Plan, person: KnownPerson, now: Row, fields: frozenset[str]) -> None:
    row = {**now, "id": str(person.id), "school_id": str(now["school_id"]), "changed": ",".join(sorted(fields))}
    if "school_id" in fields:
        row["former_school_id"] = str(person.school_id)
    plan.changed_people.append({**row, **_keys(row)})
    for name in fields:
        plan.changed_fields[name] = plan.changed_fields.get(name, 0) + 1


def _address_columns(address: Address) -> Row:
    key = email_key(address.email) if address.email else None
    return {"email": address.email, "email_key": key, "shared_email": address.shared_email}


def _keys(row: Row) -> Row:
    given, family, reached = row["given_name"], row["family_name"], row["email"] or row["shared_email"]
    return {
        "sort_key": sort_key(given_name=given, family_name=family),
        "search_key": search_key(given_name=given, family_name=family, email=reached),
    }


def _tell_trouble(plan: Plan, group: Group, code: str | None) -> None:
    if code is None:
        return
    severity = "note" if code == "shared-address" else "needs_a_person"
    plan.report.append(
        about(group.speaker, code=code, what=TROUBLE[code], severity=severity, teacher_id=str(group.teacher_id))
    )


NewId = Callable[[], UUID]
"""Makes the id of somebody new."""
