"""Pure decisions about imports: who may do which, and how long a file waits to be applied."""

from datetime import timedelta

from app.kernel.caller import Caller
from app.kernel.problems import Forbidden
from app.sheets.columns import Format

KEPT_FOR = timedelta(days=7)
"""A planned import that nobody applies loses its file after this."""

_NEEDED = {
    Format.SCHOOLS: ("people:write",),
    Format.PRESENTERS: ("people:write", "events:write", "registrations:write"),
    Format.SIGN_UPS: ("people:write", "events:write", "registrations:write"),
}


def must_be_allowed(caller: Caller, format_: Format) -> None:
    """Raises `Forbidden` for a caller who could not do by hand what the import does."""
    caller.must_run_the_hub()
    lacking = [scope for scope in _NEEDED[format_] if not caller.may(scope)]
    if lacking:
        raise Forbidden(f"This import also needs the scope {' and '.join(lacking)}.")
