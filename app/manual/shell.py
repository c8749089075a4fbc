"""What all pages of the manual share: one frame, one style, what they may load, and how caches keep them."""

import gzip
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from app.kernel.conditional import etag_of
from app.kernel.docs import Asset, icon_address, page_headers, page_style
from app.kernel.operations import conditional
from app.kernel.rendering import Rendered
from app.manual.provoking import ORIGIN

STATIC = files("app.manual") / "static"
STYLES = ("manual.css", "reference.css")
SCRIPTS = ("manual.js", "console.js")
STYLE = "manual.css"
ALLOWED = "script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'"

_environment = Environment(
    loader=PackageLoader("app.manual"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the navigation."""

    path: str
    name: str


PLACES = (
    Place("docs", "Try it out"),
    Place("docs/guides", "Guides"),
    Place("docs/reference", "Reference"),
    Place("problems", "Problems"),
    Place("docs/errors", "Provoking errors"),
)


@dataclass(frozen=True, slots=True)
class Page:
    """A finished page, as it is and compressed."""

    body: bytes
    compressed: bytes

    def answer(self, request: Request) -> Response:
        """This page, or 304, compressed for those who take it."""
        packed = "gzip" in request.headers.get("accept-encoding", "")
        headers = (("ETag", etag_of(self.compressed if packed else self.body)), *page_headers(ALLOWED))
        if packed:
            headers = (*headers, ("Content-Encoding", "gzip"))
        shown = Rendered(200, self.compressed if packed else self.body, headers, "text/html")
        return conditional(shown.with_headers(("Vary", "Accept-Encoding")), request)


def page(template: str, *, path: str, title: str, origin: str = ORIGIN, **values: Any) -> Page:
    """A page at `path` from a template of this room, with the shell around it.

    `origin` is where the requests on it are to be sent, in the place of where they are written to go.
    """
    base = "../" * path.count("/")
    body = _environment.get_template(template).render(
        **values,
        path=path,
        title=title,
        base=base,
        places=PLACES,
        here=_here(path),
        style=address(STYLE, base=base),
        favicon=icon_address(base=base),
        scripts=[address(name, base=base) for name in SCRIPTS],
    )
    encoded = body.replace(ORIGIN, origin.rstrip("/")).encode()
    return Page(encoded, gzip.compress(encoded, compresslevel=6, mtime=0))


def _here(path: str) -> str:
    """The entry of the navigation under which a page stands: the longest that its path begins with."""
    over = [place.path for place in PLACES if path == place.path or path.startswith(f"{place.path}/")]
    return max(over, key=len, default="")


@cache
def asset(name: str) -> Asset | None:
    """A script or style of these pages, read and compressed when it is first asked for."""
    if name == STYLE:
        parts = [page_style(), *(STATIC.joinpath(each).read_text(encoding="utf-8") for each in STYLES)]
        return _packed(name, "\n".join(parts).encode(), "text/css")
    return _packed(name, STATIC.joinpath(name).read_bytes(), "text/javascript") if name in SCRIPTS else None


def _packed(name: str, body: bytes, media_type: str) -> Asset:
    return Asset(name, body, gzip.compress(body, mtime=0), media_type)


def address(name: str, *, base: str) -> str:
    """Where an asset is found from a page whose way to the root is `base`."""
    found = asset(name)
    assert found is not None, name
    return f"{base}docs/assets/{found.digest}/{name}"
