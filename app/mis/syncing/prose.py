"""A plan in plain English."""

from collections.abc import Iterator

from app.mis.syncing.plan import Plan

_FIELDS = {
    "given_name": "names",
    "family_name": "names",
    "email": "e-mail addresses",
    "shared_email": "shared addresses",
    "job_title": "job titles",
    "school_id": "schools",
}


def in_words(plan: Plan, *, status: str) -> list[str]:
    """What the plan would do, or has done; why it is held; and what was left out."""
    return [*_held(plan, status), _changes(plan, done=status == "applied"), *_left_out(plan), *_attention(plan)]


def _held(plan: Plan, status: str) -> Iterator[str]:
    if status == "held":
        yield "Held, and nothing has been changed, because this is unusual and may be a broken export:"
        yield from plan.held_because
        yield "If it is right all the same, apply it with confirm; if not, send a whole export."


def _changes(plan: Plan, *, done: bool) -> str:
    counts = plan.counts
    changed = ", ".join(sorted({_FIELDS[name] for name in plan.changed_fields if name in _FIELDS}))
    parts = [
        (counts["created"], "new", ""),
        (counts["updated"], "changed", f" ({changed})" if changed else ""),
        (counts["reactivated"], "back again", ""),
        (counts["deactivated"], "left" if not done else "have left", ""),
        (counts["unchanged"], "as before", ""),
    ]
    told = ", ".join(f"{count} {what}{more}" for count, what, more in parts if count)
    if not plan.writes:
        return f"Nothing changes: {told}." if told else "Nothing changes."
    if not told:
        return "What is known of the source's schools is brought up to date; of people nothing changes."
    noun = "Schools" if plan.new_schools or plan.changed_schools else "Staff"
    return f"{noun}: {told}." if done else f"{noun}: {told}. Nothing has been written yet."


def _left_out(plan: Plan) -> Iterator[str]:
    counts = plan.counts
    if counts["rejected"]:
        yield f"{_many(counts['rejected'], 'row')} could not be used; each is in the report with its line and reason."
    if counts["skipped"]:
        yield f"{_many(counts['skipped'], 'record')} left aside; the report says why."
    if plan.left_out:
        told = ", ".join(f"{count} {kind}" for kind, count in sorted(plan.left_out.items()))
        yield f"Not staff, so not looked at: {told}."


def _attention(plan: Plan) -> Iterator[str]:
    waiting = plan.counts["needs_attention"] - plan.counts["rejected"]
    if waiting > 0:
        yield f"{_many(waiting, 'thing')} to decide for a person; the report says what."


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
