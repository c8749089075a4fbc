"""The pages that explain the service, complete without any outside request: try it out, and every problem explained."""

import asyncio
import base64
import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from itertools import groupby
from string import Template

from fastapi import APIRouter, Request, Response

from app.kernel.conditional import etag_of
from app.kernel.operations import conditional
from app.kernel.problems import Fault, InvalidRequest, NotFound, Problem
from app.kernel.rendering import Rendered

STATIC = files("app.kernel").joinpath("static")
ASSETS = {
    "swagger-ui-bundle.js": ("swagger-ui/swagger-ui-bundle.js", "text/javascript"),
    "swagger-ui.css": ("swagger-ui/swagger-ui.css", "text/css"),
    "favicon.png": ("swagger-ui/favicon-32x32.png", "image/png"),
    "docs.js": ("docs.js", "text/javascript"),
}
FOR_EVER = "public, max-age=31536000, immutable"
HTML = "text/html"

routes = APIRouter(include_in_schema=False, redirect_slashes=False)


@routes.get("/docs")
async def docs(request: Request) -> Response:
    """The OpenAPI document as a page on which every operation can be tried."""
    return conditional(await asyncio.to_thread(_docs), request)


@routes.get("/docs/assets/{digest}/{name}")
async def docs_asset(request: Request, digest: str, name: str) -> Response:
    """A script, style or picture of these pages. Its address has a digest of it, so it may be kept for ever."""
    found = await asyncio.to_thread(asset, name) if name in ASSETS else None
    if found is None or found.digest != digest:
        raise NotFound
    return conditional(found.rendered("gzip" in request.headers.get("accept-encoding", "")), request)


@routes.get("/problems")
async def problems(request: Request) -> Response:
    """Every problem that this service answers with."""
    return conditional(await asyncio.to_thread(_problems), request)


@routes.get("/problems/{name}")
async def problem(request: Request, name: str) -> Response:
    """One problem: what it means, what to do about it, and what its answer looks like."""
    if name not in Problem.known:
        raise NotFound
    return conditional(_problem(name), request)


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
def asset(name: str) -> Asset:
    """One of `ASSETS`, read and compressed when it is first asked for."""
    path, media_type = ASSETS[name]
    body = STATIC.joinpath(path).read_bytes()
    return Asset(name, body, gzip.compress(body, mtime=0), media_type)


def _address(name: str, *, base: str = "") -> str:
    return f"{base}docs/assets/{asset(name).digest}/{name}"


@cache
def _docs() -> Rendered:
    body = _template("docs.html").substitute(
        favicon=_address("favicon.png"),
        stylesheet=_address("swagger-ui.css"),
        bundle=_address("swagger-ui-bundle.js"),
        start=_address("docs.js"),
    )
    return _page(body, "script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src data:")


@cache
def _problems() -> Rendered:
    every = sorted(Problem.known.values(), key=lambda kind: (kind.status, kind.slug))
    explanation = (
        "Every error of this service is one of these, as <code>application/problem+json</code> (RFC 9457). "
        "Switch on <code>type</code>, show people <code>detail</code>."
    )
    parts = ["<h1>Problems</h1>", f"<p>{explanation}</p>"]
    for status, kinds in groupby(every, key=lambda kind: kind.status):
        parts += [f"<h2>Status {status}</h2>", "<ul>", *map(_entry, kinds), "</ul>"]
    return article("Problems", "\n".join(parts), base="", links='<a href="docs">Try the API</a>')


def _entry(kind: type[Problem]) -> str:
    return f'<li><a href="problems/{kind.slug}">{escape(kind.slug)}</a><span>{escape(kind.title)}</span></li>'


@cache
def _problem(name: str) -> Rendered:
    kind = Problem.known[name]
    example = json.dumps(example_of(kind), ensure_ascii=False, indent=2)
    content = "\n".join(
        [
            f'<p class="status">Status {kind.status}</p>',
            f"<h1>{escape(kind.title)}</h1>",
            f"<p><code>{escape(kind.slug)}</code></p>",
            f"<p>{_prose(kind.__doc__ or '')}</p>",
            "<h2>What the answer looks like</h2>",
            f"<pre>{escape(example, quote=False)}</pre>",
        ]
    )
    links = '<a href="../problems">All problems</a> · <a href="../docs">Try the API</a>'
    return article(kind.title, content, base="../", links=links)


def example_of(kind: type[Problem]) -> dict[str, object]:
    """A body as `kind` answers it, with invented circumstances."""
    shown = kind.__new__(kind)  # without its own constructor, which may ask for real circumstances
    faults = [Fault("must be in the future", pointer="/starts_at")] if issubclass(kind, InvalidRequest) else []
    Problem.__init__(shown, _first_sentence(kind), errors=faults)
    shown.members = dict(kind.example)
    return shown.body(instance="/v1/…", request_id="0199f2c4-6f0e-7cc3-9a51-2b7d1f6e8a10")


def _first_sentence(kind: type[Problem]) -> str:
    return re.split(r"(?<=\.)\s", _unwrapped(kind.__doc__ or kind.title))[0].replace("`", "")


def _unwrapped(text: str) -> str:
    return " ".join(text.split())


def _prose(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(_unwrapped(text)))


def article(
    title: str, content: str, *, base: str = "", links: str, more_style: str = "", allowed: str = ""
) -> Rendered:
    """A page of text in this service's own dress. `base` leads from it to where the service begins.

    `allowed` is added to what the page may load, as `script-src 'self'`; styles are taken into it.
    """
    style = STATIC.joinpath("page.css").read_text(encoding="utf-8") + more_style
    body = _template("page.html").substitute(
        title=escape(title), content=content, links=links, style=style, favicon=_address("favicon.png", base=base)
    )
    fingerprint = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return _page(body, "; ".join(filter(None, [f"style-src 'sha256-{fingerprint}'; img-src 'self'", allowed])))


def _page(body: str, allowed: str) -> Rendered:
    encoded = body.encode()
    policy = f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    return Rendered(
        200,
        encoded,
        (
            ("ETag", etag_of(encoded)),
            ("Cache-Control", "no-cache"),
            ("Content-Security-Policy", policy),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"),
        ),
        HTML,
    )


def _template(name: str) -> Template:
    return Template(STATIC.joinpath(name).read_text(encoding="utf-8"))
