"""The pages of the manual, each made when it is first asked for and kept: they change only with the service."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from itertools import groupby
from threading import Lock
from typing import Any

from fastapi import FastAPI

from app.kernel.problems import Problem
from app.manual import guides, problem_pages
from app.manual.provoking import ORIGIN
from app.manual.reference import OperationShown, Reference
from app.manual.shell import Page, page
from app.sandbox import credentials


@dataclass(frozen=True, slots=True)
class Key:
    """A key that the sandbox tells everybody."""

    role: str
    purpose: str
    secret: str


class Manual:
    """All pages of one service, by their path."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._made: dict[str, Page] = {}
        self._reference: Reference | None = None
        self._lock = Lock()
        self._makers: dict[str, Callable[[str], Page]] = {
            "docs": self._try_it_out,
            "docs/reference": self._whole_reference,
            "docs/guides": self._guides,
            "docs/errors": self._errors,
            "problems": self._problems,
            **{f"docs/guides/{name}": self._guide for name in guides.BY_NAME},
        }

    def page(self, path: str) -> Page | None:
        """The page at `path`, or None when there is none. It may take a while: not for the event loop."""
        with self._lock:
            if path not in self._made:
                make = self._maker(path)
                if make is None:
                    return None
                self._made[path] = make(path)
            return self._made[path]

    def _maker(self, path: str) -> Callable[[str], Page] | None:
        folder, _, name = path.rpartition("/")
        if folder == "problems" and name in Problem.known:
            return self._problem
        return self._makers.get(path)

    @property
    def reference(self) -> Reference:
        """What the service's document says."""
        if self._reference is None:
            self._reference = Reference(self._app.openapi())
        return self._reference

    def _page(self, template: str, *, path: str, title: str, **values: Any) -> Page:
        """In a sandbox, the requests that pages show go to it; elsewhere, to the one that a demo starts."""
        settings = self._app.state.settings
        origin = settings.public_url if settings.sandbox else ORIGIN
        return page(template, path=path, title=title, origin=origin, **values)

    def _try_it_out(self, path: str) -> Page:
        groups = self.reference.groups
        count = sum(len(group.operations) for group in groups)
        keys = self._keys()
        return self._page("try.html", path=path, title="Try it out", groups=groups, count=count, keys=keys)

    def _keys(self) -> list[Key]:
        """The keys that may be shown: none outside the sandbox."""
        if not self._app.state.settings.sandbox:
            return []
        return [Key(each.role, f"{each.may} {each.use}", each.secret) for each in credentials.ALL]

    def _whole_reference(self, path: str) -> Page:
        reference = self.reference
        return self._page(
            "reference.html",
            path=path,
            title="Reference",
            groups=reference.groups,
            count=sum(len(group.operations) for group in reference.groups),
            version=reference.version,
            schemas=reference.schemas,
        )

    def _guides(self, path: str) -> Page:
        return self._page("guides.html", path=path, title="Guides", parts=guides.PARTS)

    def _guide(self, path: str) -> Page:
        guide = guides.BY_NAME[path.rpartition("/")[2]]
        text = guide.text
        before, after = guides.neighbours(guide.name)
        return self._page(
            "guide.html",
            path=path,
            title=text.title,
            name=guide.name,
            text=text,
            guides=guides.GUIDES,
            before=before,
            after=after,
        )

    def _errors(self, path: str) -> Page:
        return self._page("errors.html", path=path, title="Provoking errors", entries=problem_pages.entries())

    def _problems(self, path: str) -> Page:
        every = sorted(Problem.known.values(), key=lambda kind: (kind.status, kind.slug))
        groups = [(status, list(kinds)) for status, kinds in groupby(every, key=lambda kind: kind.status)]
        phrases = {status: HTTPStatus(status).phrase for status, _ in groups}
        return self._page(
            "problems.html", path=path, title="Problems", groups=groups, count=len(every), phrases=phrases
        )

    def _problem(self, path: str) -> Page:
        kind = Problem.known[path.rpartition("/")[2]]
        operations = self._answering_with(kind.slug)
        told = problem_pages.told(kind)
        return self._page("problem.html", path=path, title=kind.title, operations=operations, **told)

    def _answering_with(self, slug: str) -> list[OperationShown]:
        return [
            operation
            for group in self.reference.groups
            for operation in group.operations
            if any(slug in answer.problems for answer in operation.answers)
        ]
