"""What Schemathesis has to know of this API that no schema can say. Loaded by it, as `SCHEMATHESIS_HOOKS`."""

import itertools
import os
import re
import secrets
from typing import Any
from zoneinfo import available_timezones

import schemathesis
from hypothesis import strategies as st
from schemathesis import GenerationMode

RUN = secrets.token_hex(4)
CREDENTIAL = os.environ.get("TEACHMEET_TEST_CREDENTIAL", "")
_numbers = itertools.count(1)
_KEY = re.compile(r"[!-~]{1,255}")

SAID_BY_SCHEMAS = re.compile(
    r"""
    input\ should\ be | should\ be\ a\ valid | should\ have\ at | should\ match | should\ be\ (?:greater|less)
    | field\ required | extra\ inputs | no\ such\ (?:parameter|field)\ here | given\ more\ than\ once
    | must\ be\ one\ line | control\ characters | is\ not\ an\ e-mail | is\ not\ an\ IANA | must\ have\ an\ offset
    """,
    re.VERBOSE,
)
"""How types and bounds refuse. The document has them all, so what fits it is never refused so; rules between fields, or
between a request and what there is, are another matter."""


@schemathesis.auth()
class Credential:
    """The credential of this run."""

    def get(self, _case: Any, _context: Any) -> str:
        return CREDENTIAL

    def set(self, case: Any, data: str, _context: Any) -> None:
        if data:
            case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """A key stands for one request for a whole day, and a cursor is one that was handed out: neither is drawn by lot.

    Values that are to be refused stay as they are; so do cursors that come from a page before.
    """
    headers = case.headers or {}
    for name in list(headers):
        if name.lower() == "idempotency-key" and _KEY.fullmatch(str(headers[name])):
            headers[name] = f"{RUN}-{next(_numbers)}"
    positive = case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE
    if positive and "cursor" in (case.query or {}):
        del case.query["cursor"]


@schemathesis.check
def valid_data_is_refused_for_no_type_or_bound(ctx: Any, response: Any, case: Any) -> None:
    """A request that fits the document is refused as invalid only by a rule that a schema cannot say."""
    if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE or response.status_code != 422:
        return
    for fault in response.json().get("errors", ()):
        assert not SAID_BY_SCHEMAS.search(fault["detail"]), f"the document allows it, the service does not: {fault}"


schemathesis.openapi.format("iana-time-zone", st.sampled_from(sorted(available_timezones())))
schemathesis.openapi.format("email", st.from_regex(r"[a-z]{1,12}(\.[a-z]{1,12})?@[a-z]{1,12}\.example", fullmatch=True))
