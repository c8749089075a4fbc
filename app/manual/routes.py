"""Where the manual's pages are served. They are part of the service and load nothing from elsewhere."""

import asyncio

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.kernel.operations import conditional
from app.kernel.problems import NotFound
from app.manual.pages import Manual
from app.manual.shell import asset

routes = APIRouter(include_in_schema=False, redirect_slashes=False)


@routes.get("/docs")
async def try_it_out(request: Request) -> Response:
    """Every operation, to be tried with a key of one's own or one of the sandbox's."""
    return await _page(request, "docs")


@routes.get("/docs/reference")
async def reference(request: Request) -> Response:
    """Every operation and schema, to be read, searched and printed."""
    return await _page(request, "docs/reference")


@routes.get("/redoc")
async def reference_by_its_usual_address(request: Request) -> Response:
    """Where people who know other services look for the reference."""
    return RedirectResponse("docs/reference", status_code=308)


@routes.get("/docs/guides")
async def guides(request: Request) -> Response:
    """All guides."""
    return await _page(request, "docs/guides")


@routes.get("/docs/guides/{name}")
async def guide(request: Request, name: str) -> Response:
    """One guide."""
    return await _page(request, f"docs/guides/{name}")


@routes.get("/docs/errors")
async def errors(request: Request) -> Response:
    """How to provoke each problem in the sandbox."""
    return await _page(request, "docs/errors")


@routes.get("/problems")
async def problems(request: Request) -> Response:
    """Every problem that this service answers with."""
    return await _page(request, "problems")


@routes.get("/problems/{name}")
async def problem(request: Request, name: str) -> Response:
    """One problem: its cause, its cure, what its answer looks like, and how to provoke it."""
    return await _page(request, f"problems/{name}")


@routes.get("/docs/assets/{digest}/{name}")
async def manual_asset(request: Request, digest: str, name: str) -> Response:
    """A script or style of these pages. Its address has a digest of it, so it may be kept for ever."""
    found = await asyncio.to_thread(asset, name)
    if found is None or found.digest != digest:
        raise NotFound
    return conditional(found.rendered("gzip" in request.headers.get("accept-encoding", "")), request)


async def _page(request: Request, path: str) -> Response:
    manual: Manual = request.app.state.manual
    found = await asyncio.to_thread(manual.page, path)
    if found is None:
        raise NotFound
    return found.answer(request)
