"""The sandbox's credentials: the same in every sandbox, told to everybody, and good nowhere else."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.access.rules import ORGANISER, Scope
from app.kernel.caller import Digest, digest_of

SCHOOL_LEAD = (
    Scope.EVENTS_READ,
    Scope.PEOPLE_READ,
    Scope.PEOPLE_WRITE,
    Scope.REGISTRATIONS_READ,
    Scope.REGISTRATIONS_WRITE,
    Scope.CPD_READ,
)
INTEGRATION = (
    Scope.EVENTS_READ,
    Scope.PEOPLE_READ,
    Scope.REGISTRATIONS_READ,
    Scope.CPD_READ,
    Scope.MIS_SYNC,
    Scope.WEBHOOKS_MANAGE,
)


@dataclass(frozen=True, slots=True)
class Credential:
    """A way to be somebody in the sandbox: what it may do, and what to try with it."""

    role: str
    secret: str
    may: str
    use: str

    @property
    def digest(self) -> Digest:
        return digest_of(self.secret)


@dataclass(frozen=True, slots=True)
class Key(Credential):
    """An API key; an operator's without a hub."""

    scopes: Sequence[Scope] = ()
    hub: str | None = "demo"
    bound_to_a_school: bool = False


@dataclass(frozen=True, slots=True)
class SignedIn(Credential):
    """A teacher's session."""


OPERATOR = Key(
    "operator",
    "tm_sandbox_operator",
    "Everything, in every hub.",
    "Making hubs, and looking after the deployment.",
    hub=None,
)
ORGANISER_KEY = Key(
    "organiser",
    "tm_sandbox_organiser",
    "Everything in the Demo Learning Hub.",
    "The organiser's screens: setting up, presenters, places, allocation, the evening itself.",
    scopes=ORGANISER,
)
SCHOOL_LEAD_KEY = Key(
    "school lead",
    "tm_sandbox_school_lead",
    "The teachers of Bramble Hill Primary School and their registrations.",
    "Registering colleagues, seeing who goes, taking the attendance record.",
    scopes=SCHOOL_LEAD,
    bound_to_a_school=True,
)
INTEGRATION_KEY = Key(
    "integration",
    "tm_sandbox_integration",
    "Reading the Demo Learning Hub, bringing its staff in, taking CPD records out, webhooks.",
    "What an MIS or another system does.",
    scopes=INTEGRATION,
)
TEACHER = SignedIn(
    "teacher",
    "tms_sandbox_teacher",
    "Their own registrations, itineraries and reflections.",
    "The teacher's screens. They come to the Winter, the Breakfast and the Autumn Teach Meet.",
)
PRESENTER = SignedIn(
    "presenter",
    "tms_sandbox_presenter",
    "As a teacher, and their own presentations.",
    "The presenter's screens: the table, who is coming in which round, the feedback.",
)
RIVERSIDE = Key(
    "riverside",
    "tm_sandbox_riverside",
    "Everything in the Riverside Hub, and nothing of the Demo Learning Hub.",
    "Showing that nothing of one hub is visible to another.",
    scopes=ORGANISER,
    hub="riverside",
)
KEYS = (OPERATOR, ORGANISER_KEY, SCHOOL_LEAD_KEY, INTEGRATION_KEY, RIVERSIDE)
SESSIONS = (TEACHER, PRESENTER)
ALL: tuple[Credential, ...] = (
    OPERATOR,
    ORGANISER_KEY,
    SCHOOL_LEAD_KEY,
    INTEGRATION_KEY,
    TEACHER,
    PRESENTER,
    RIVERSIDE,
)
