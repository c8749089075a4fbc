"""How this binding refuses: 1EdTech's status information, whatever went wrong."""

import json

from app.kernel.problems import Problem
from app.kernel.rendering import Rendered

PREFIX = "/ims/oneroster/"


class InvalidFilterField(Problem):
    """The filter of a OneRoster request cannot be read, or names a field that cannot be filtered by.

    Use the fields and operators that the reference tells for this endpoint, with values in single quotes.
    """

    status, title = 400, "The filter cannot be used"


class InvalidSelectionField(Problem):
    """The `fields` or `sort` of a OneRoster request names a field that there is not.

    Name only fields that the reference tells for this endpoint; in one word, as `givenName`.
    """

    status, title = 400, "The choice of fields cannot be used"


_MINOR = {
    InvalidFilterField.slug: "invalid_filter_field",
    InvalidSelectionField.slug: "invalid_selection_field",
}
_MINOR_BY_STATUS = {
    401: "unauthorisedrequest",
    403: "forbidden",
    404: "unknownobject",
    429: "server_busy",
    503: "server_busy",
}


def status_information(problem: Problem, *, instance: str, request_id: str) -> Rendered:
    """A refusal as the binding's `imsx_StatusInfo`, bare, as its OpenAPI document has it."""
    minor = _MINOR.get(problem.slug) or _MINOR_BY_STATUS.get(
        problem.status, "internal_server_error" if problem.status >= 500 else "invaliddata"
    )
    places = "; ".join(f"{fault.parameter or fault.pointer}: {fault.detail}" for fault in problem.errors)
    body = {
        "imsx_codeMajor": "failure",
        "imsx_severity": "error",
        "imsx_description": f"{problem.detail} {places}".strip(),
        "imsx_CodeMinor": {
            "imsx_codeMinorField": [
                {"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": minor},
            ]
        },
    }
    return Rendered(problem.status, json.dumps(body, ensure_ascii=False).encode(), tuple(problem.headers.items()))
