"""The page on which links are used: for deployments without a frontend of their own, and for trying things out."""

import asyncio
import gzip
from functools import cache
from importlib.resources import files
from string import Template

from fastapi import APIRouter, Request, Response

from app.kernel.docs import Asset, article
from app.kernel.operations import conditional
from app.kernel.problems import NotFound
from app.kernel.rendering import Rendered

STATIC = files("app.access.signing_in") / "static"
SCRIPT = "sign-in.js"

routes = APIRouter(include_in_schema=False, redirect_slashes=False)


@routes.get("/sign-in")
async def sign_in_page(request: Request) -> Response:
    """Signs in with the link that leads here, once somebody clicks."""
    return conditional(await asyncio.to_thread(_page), request)


@routes.get("/sign-in/assets/{digest}/{name}")
async def sign_in_asset(request: Request, digest: str, name: str) -> Response:
    """The page's script. Its address has a digest of it, so it may be kept for ever."""
    script = await asyncio.to_thread(_script)
    if (digest, name) != (script.digest, SCRIPT):
        raise NotFound
    return conditional(script.rendered("gzip" in request.headers.get("accept-encoding", "")), request)


@cache
def _script() -> Asset:
    body = STATIC.joinpath(SCRIPT).read_bytes()
    return Asset(SCRIPT, body, gzip.compress(body, mtime=0), "text/javascript")


@cache
def _page() -> Rendered:
    content = Template(STATIC.joinpath("sign-in.html").read_text(encoding="utf-8"))
    return article(
        "Sign in",
        content.substitute(script=f"sign-in/assets/{_script().digest}/{SCRIPT}"),
        links='<a href="docs">Try the API</a>',
        more_style=STATIC.joinpath("sign-in.css").read_text(encoding="utf-8"),
        allowed="script-src 'self'; connect-src 'self'",
    )
