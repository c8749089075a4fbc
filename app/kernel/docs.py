"""What pages for people are made of: assets that caches may keep for ever, a page of text, and what it may load."""

import base64
import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from string import Template

from fastapi import APIRouter, Request, Response

from app.kernel.conditional import etag_of
from app.kernel.operations import conditional
from app.kernel.problems import NotFound
from app.kernel.rendering import Rendered

STATIC = files("app.kernel").joinpath("static")
ICON = "icon.svg"
FOR_EVER = "public, max-age=31536000, immutable"
HTML = "text/html"

routes = APIRouter(include_in_schema=False, redirect_slashes=False)


@routes.get("/assets/{digest}/{name}")
async def icon_asset(request: Request, digest: str, name: str) -> Response:
    """The picture by which browsers tell these pages. Its address has a digest of it, so it may be kept for ever."""
    if (digest, name) != (icon().digest, ICON):
        raise NotFound
    return conditional(icon().rendered("gzip" in request.headers.get("accept-encoding", "")), request)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the pages, as it is and compressed."""

    name: str
    body: bytes
    compressed: bytes
    media_type: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.body).hexdigest()[:16]

    def rendered(self, compressed: bool) -> Rendered:
        body = self.compressed if compressed else self.body
        encoding = (("Content-Encoding", "gzip"),) if compressed else ()
        return Rendered(
            200,
            body,
            (
                ("ETag", etag_of(body)),
                ("Cache-Control", FOR_EVER),
                ("Vary", "Accept-Encoding"),
                *encoding,
            ),
            self.media_type,
        )


@cache
def icon() -> Asset:
    """The picture, read when it is first asked for."""
    body = STATIC.joinpath(ICON).read_bytes()
    return Asset(ICON, body, gzip.compress(body, mtime=0), "image/svg+xml")


def icon_address(*, base: str) -> str:
    """Where the picture is found from a page whose way to where the service begins is `base`."""
    return f"{base}assets/{icon().digest}/{ICON}"


@cache
def page_style() -> str:
    """The style that all pages share: their colours in light and dark, their type, what is printed."""
    return STATIC.joinpath("page.css").read_text(encoding="utf-8")


def article(
    title: str, content: str, *, base: str = "", links: str, more_style: str = "", allowed: str = ""
) -> Rendered:
    """A page of text in this service's own dress. `base` leads from it to where the service begins.

    `allowed` is added to what the page may load, as `script-src 'self'`; styles are taken into it.
    """
    style = page_style() + more_style
    template = Template(STATIC.joinpath("page.html").read_text(encoding="utf-8"))
    body = template.substitute(
        title=escape(title), content=content, links=links, style=style, favicon=icon_address(base=base)
    )
    fingerprint = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    encoded = body.encode()
    policy = "; ".join(filter(None, [f"style-src 'sha256-{fingerprint}'; img-src 'self'", allowed]))
    return Rendered(200, encoded, (("ETag", etag_of(encoded)), *page_headers(policy)), HTML)


def page_headers(allowed: str) -> tuple[tuple[str, str], ...]:
    """The header fields of a page that may load what `allowed` says, and nothing from elsewhere."""
    policy = f"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; {allowed}"
    return (
        ("Cache-Control", "no-cache"),
        ("Content-Security-Policy", policy),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"),
    )
