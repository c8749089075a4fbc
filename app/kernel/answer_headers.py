"""The header fields that every answer carries: what a browser must not do with it, and that nobody keeps what is
not public."""

from starlette.types import Scope

from app.kernel.caller import Policy
from app.kernel.settings import Settings

Headers = list[tuple[bytes, bytes]]
ALWAYS: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    # Against being embedded by other origins' pages. Those that are allowed to read answers do so by CORS, which this
    # does not touch.
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
A_YEAR = b"max-age=31536000"


class AnswerHeaders:
    """Completes answers with the fields that they lack; what an answer brings itself stays."""

    def __init__(self, settings: Settings) -> None:
        self.always = list(ALWAYS)
        if settings.public_url.lower().startswith("https:"):
            self.always.append((b"strict-transport-security", A_YEAR))

    def missing(self, given: Headers, *, scope: Scope, status: int, credential: bool) -> Headers:
        """The fields that an answer to this request lacks, when it brings these."""
        names = {name for name, _ in given}
        missing = [field for field in self.always if field[0] not in names]
        policy = policy_of(scope)
        public = policy is not None and policy.public and scope["method"] == "GET"
        if (credential or not public or status >= 400) and b"cache-control" not in names:
            missing.append((b"cache-control", b"no-store"))
        if public and b"vary" not in names:
            # The same address shows more to those who may see more.
            missing.append((b"vary", b"Authorization"))
        leaving = getattr(scope.get("route"), "deprecation", None)
        return [*missing, *leaving.headers()] if leaving else missing


def policy_of(scope: Scope) -> Policy | None:
    """The policy that the operation at hand declares, if it is known by now which one that is."""
    found = getattr(scope.get("route"), "policy", None)
    return found if isinstance(found, Policy) else None
