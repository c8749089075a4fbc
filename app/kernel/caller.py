"""Who is calling, as every room sees it. The proof of it is made elsewhere and handed in."""

import hashlib
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel.problems import Forbidden, NotFound, Unauthenticated


class Kind(StrEnum):
    OPERATOR = "operator"
    KEY = "key"
    TEACHER = "teacher"
    ANYONE = "anyone"


class Reach(StrEnum):
    """How far a caller's hand goes. What lies beyond it does not exist for them."""

    EVERYTHING = "everything"
    HUB = "hub"
    SCHOOL = "school"
    SELF = "self"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Caller:
    """A principal: who it is, its scopes, and how far they reach.

    Those signed in reach what is their own without any scope; `school_id` and `teacher_id` are then theirs.
    `organises` says that nobody in the hub may do more.
    """

    kind: Kind
    principal: str
    scopes: frozenset[str] = field(default_factory=frozenset)
    reach: Reach = Reach.NOTHING
    hub_id: UUID | None = None
    school_id: UUID | None = None
    teacher_id: UUID | None = None
    name: str = ""
    organises: bool = False

    @property
    def is_operator(self) -> bool:
        return self.kind is Kind.OPERATOR

    @property
    def is_anyone(self) -> bool:
        return self.kind is Kind.ANYONE

    def may(self, scope: str) -> bool:
        return self.is_operator or scope in self.scopes

    def reach_with(self, *scopes: str) -> Reach:
        """How far the caller reaches in what one of these scopes is for."""
        if any(self.may(scope) for scope in scopes):
            return self.reach
        return Reach.SELF if self.teacher_id is not None else Reach.NOTHING

    def runs_hub(self, *scopes: str) -> bool:
        """Whether one of these scopes reaches the whole hub, not only a school's or one's own part of it."""
        return self.reach_with(*scopes) in (Reach.EVERYTHING, Reach.HUB)

    def reaches(self, hub_id: UUID) -> bool:
        return self.is_operator or (self.hub_id is not None and self.hub_id == hub_id)

    def must_reach(self, hub_id: UUID) -> None:
        """Raises `NotFound`: what another tenant owns does not exist for this caller."""
        if not self.reaches(hub_id):
            raise NotFound

    def must_run_the_hub(self) -> None:
        """Raises `Forbidden` for those who reach one school or themselves only."""
        if self.reach not in (Reach.EVERYTHING, Reach.HUB):
            raise Forbidden("This is for those who run the hub.")


ANYONE = Caller(Kind.ANYONE, "anyone")
HERE = Caller(Kind.OPERATOR, "operator:here", reach=Reach.EVERYTHING, name="this machine's operator")
"""The operator at the command line of the machine itself."""

Digest = bytes
Authenticate = Callable[[Session, AbstractSet[Digest], datetime], Mapping[Digest, Caller]]
"""Finds the callers behind digests of credentials; those that are not valid now are missing from the answer."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What an operation asks of its caller: a scope, or nothing when the public may call it.

    `instead` are scopes of other specifications that do as well. `own` operations may also be called without the scope
    by those who are signed in; they then reach what is their own. `operator_only` operations answer 403 to everyone
    else. With `own_credentials` the `Authorization` header is the operation's own business.
    """

    scope: str | None = None
    public: bool = False
    own: bool = False
    operator_only: bool = False
    instead: tuple[str, ...] = ()
    own_credentials: bool = False

    def admit(self, caller: Caller) -> None:
        """Raises `Unauthenticated` or `Forbidden`."""
        if caller.is_operator or self.public:
            return
        if caller.is_anyone:
            raise Unauthenticated
        if self.operator_only:
            raise Forbidden("Only an operator may do this.")
        if self.own and caller.kind is Kind.TEACHER:
            return
        if self.scope is not None and caller.scopes.isdisjoint((self.scope, *self.instead)):
            raise Forbidden(f"These credentials lack the scope {self.scope}.")


def digest_of(secret: str) -> Digest:
    """What is kept of a credential. The secrets are long and random, so one round of SHA-256 is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def credential_in(authorization: str | None) -> Digest | None:
    """The digest of the bearer token in an `Authorization` header, or None when there is no header.

    Raises `Unauthenticated` when there is one and it is no bearer token.
    """
    if authorization is None:
        return None
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated
    return digest_of(token.strip())
