"""`create_app(settings)`: wires everything, decides nothing."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator
from importlib.metadata import version

from fastapi import FastAPI

from app.access.routes import routes as access_routes
from app.access.usage import KeyUsage
from app.bookings.routes import routes as booking_routes
from app.events.routes import routes as event_routes
from app.kernel import docs, health, openapi, refusals
from app.kernel.clock import Clock, wall_clock
from app.kernel.cors import add_cors
from app.kernel.database import reading_engine, writing_engine
from app.kernel.desk import Desk
from app.kernel.housekeeping import keep_house
from app.kernel.logs import configure_logs
from app.kernel.middleware import Envelope
from app.kernel.pagination import CursorSigner
from app.kernel.reader import Reader
from app.kernel.secret import deployment_secret
from app.kernel.settings import Settings, read_settings
from app.kernel.writer import Writer
from app.marketplace.pages import Pages
from app.marketplace.routes import routes as marketplace_routes
from app.people.routes import routes as people_routes
from app.registrations.routes import routes as registration_routes
from app.sheets.routes import routes as sheet_routes

ROUTES = (
    marketplace_routes,
    registration_routes,
    booking_routes,
    event_routes,
    people_routes,
    access_routes,
    sheet_routes,
    health.routes,
    docs.routes,
)
"""Those that are asked most come first, because a request tries one route after another."""

TAGS = {
    "Hubs, schools, teachers": "Who there is. A hub is a group of schools; nothing of one is visible to another.",
    "Events": "An evening: set up, published, changed, completed; and next year's from this year's.",
    "Presentations and tables": "Offers, decisions, tables, and the public pages: programme and marketplace.",
    "Registrations": "Places and the waitlist, one by one or many at once, with ranked wishes.",
    "Itineraries": "One attendee's seats, one a round.",
    "Imports": "A hub's spreadsheets: planned in plain English, then applied.",
    "Access": "API keys, and who you are.",
    "Health": "For those who run it.",
}
"""What the docs say of each group of operations, in the order in which an organiser meets them."""


def create_app(settings: Settings, *, clock: Clock = wall_clock) -> FastAPI:
    """The service, ready for an ASGI server. It expects the database's schema to be up to date."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # What is loaded by now stays for good: looking through it again and again for garbage would slow every answer.
        gc.collect()
        gc.freeze()
        app.state.writer.start()
        chores = [
            asyncio.create_task(keep_house(app.state.writer, clock)),
            asyncio.create_task(usage.keep_writing(app.state.writer)),
        ]
        try:
            yield
        finally:
            for chore in chores:
                chore.cancel()
            await usage.write(app.state.writer)
            await asyncio.to_thread(app.state.writer.stop)
            app.state.reader.stop()

    app = FastAPI(
        title="Teach Meet",
        version=version("teachmeet"),
        description="The booking API for evenings on which teachers teach teachers.",
        openapi_tags=[{"name": name, "description": prose} for name, prose in TAGS.items()],
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.settings = settings
    app.state.clock = clock
    usage = KeyUsage()
    app.state.authenticate = usage.callers
    app.state.cursor_signer = CursorSigner(deployment_secret(settings))
    app.state.writer = Writer(writing_engine(settings), Desk(usage.callers), queue_limit=settings.writer_queue_limit)
    app.state.reader = Reader(reading_engine(settings), threads=settings.reader_threads)
    app.state.pages = Pages(app.state.reader)
    for routes in ROUTES:
        # As they are, not by `include_router`: looking for a route through routers inside routers costs as much again
        # as all the rest of a short answer.
        app.router.routes.extend(routes.routes)
    app.add_middleware(Envelope, max_body_bytes=settings.max_body_bytes)
    add_cors(app, settings.cors_origins)
    refusals.install(app)
    openapi.install(app)
    return app


def from_environment() -> FastAPI:
    """The service as the environment's settings say; what an ASGI server with several processes calls in each."""
    settings = read_settings()
    configure_logs(settings.log_level)
    return create_app(settings)
