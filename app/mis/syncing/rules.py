"""Pure decisions about syncs: who may run them, and how long what they keep stays."""

from datetime import timedelta

from app.kernel.caller import Caller

PLANS_KEPT = timedelta(days=7)
"""A plan that nobody applies goes after this: by then the staff have moved on, too."""


def must_be_allowed(caller: Caller) -> None:
    """Raises `Forbidden` for those who reach one school or themselves only."""
    caller.must_run_the_hub()
