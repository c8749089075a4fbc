"""`create_app(settings)`: wires everything, decides nothing."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator
from importlib.metadata import version

from fastapi import FastAPI

from app.access.oidc import IdentityProvider
from app.access.routes import routes as access_routes
from app.access.signing_in import page as sign_in_page
from app.access.signing_in.routes import routes as signing_in_routes
from app.access.signing_in.work import sign_in_work
from app.access.usage import Usage
from app.allocation.routes import routes as allocation_routes
from app.allocation.work import allocation_work
from app.bookings.routes import routes as booking_routes
from app.events.routes import routes as event_routes
from app.kernel import docs, health, openapi, refusals
from app.kernel.clock import Clock, wall_clock
from app.kernel.cors import add_cors
from app.kernel.database import reading_engine, writing_engine
from app.kernel.desk import Desk
from app.kernel.logs import configure_logs
from app.kernel.mail import carrier, mail_work
from app.kernel.middleware import Envelope
from app.kernel.outgoing import Outgoing
from app.kernel.pagination import CursorSigner
from app.kernel.reader import Reader
from app.kernel.secret import deployment_secret
from app.kernel.settings import Settings, read_settings
from app.kernel.worker import Work, Worker
from app.kernel.writer import Writer
from app.marketplace.pages import Pages
from app.marketplace.routes import routes as marketplace_routes
from app.people.routes import routes as people_routes
from app.privacy import retention
from app.privacy.routes import routes as privacy_routes
from app.registrations.routes import routes as registration_routes
from app.sandbox.mail import catching
from app.sandbox.routes import routes as sandbox_routes
from app.sheets.routes import routes as sheet_routes

ROUTES = (
    marketplace_routes,
    registration_routes,
    booking_routes,
    allocation_routes,
    event_routes,
    people_routes,
    access_routes,
    signing_in_routes,
    sheet_routes,
    privacy_routes,
    health.routes,
    docs.routes,
    sign_in_page.routes,
)
"""Those that are asked most come first, because a request tries one route after another."""

TAGS = {
    "Hubs, schools, teachers": "Who there is. A hub is a group of schools; nothing of one is visible to another.",
    "Events": "An evening: set up, published, changed, completed; and next year's from this year's.",
    "Presentations and tables": "Offers, decisions, tables, and the public pages: programme and marketplace.",
    "Registrations": "Places and the waitlist, one by one or many at once, with ranked wishes.",
    "Itineraries": "One attendee's seats, one a round.",
    "Allocation": "Everybody's itinerary at once, as fair as can be: previewed, explained, compared, applied.",
    "Imports": "A hub's spreadsheets: planned in plain English, then applied.",
    "Signing in": "Links by e-mail in place of passwords, sessions, and identities of your own school's issuer.",
    "Access": "API keys, and who you are.",
    "Privacy": "What is held about people: shown to them, erased for them; and the audit trail of the hub.",
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
            asyncio.create_task(retention.keep(app.state.writer, clock, needs_kept_days=settings.needs_kept_days)),
            asyncio.create_task(usage.keep_writing(app.state.writer)),
        ]
        app.state.worker.start()
        try:
            yield
        finally:
            for chore in chores:
                chore.cancel()
            await app.state.worker.stop()
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
    usage = Usage()
    app.state.authenticate = usage.callers
    app.state.cursor_signer = CursorSigner(deployment_secret(settings))
    engine = writing_engine(settings)
    app.state.writer = Writer(engine, Desk(usage.callers), queue_limit=settings.writer_queue_limit)
    app.state.reader = Reader(reading_engine(settings), threads=settings.reader_threads)
    app.state.pages = Pages(app.state.reader)
    app.state.identity_provider = identity_provider(settings, clock)
    work = work_for_later(app.state.writer, app.state.reader, settings, clock)
    app.state.worker = Worker(app.state.writer, app.state.reader, clock, work)
    app.state.worker.wake_after_commits(engine)
    for routes in (*ROUTES, sandbox_routes) if settings.sandbox else ROUTES:
        # As they are, not by `include_router`: looking for a route through routers inside routers costs as much again
        # as all the rest of a short answer.
        app.router.routes.extend(routes.routes)
    app.add_middleware(Envelope, settings=settings)
    add_cors(app, settings.cors_origins)
    refusals.install(app)
    openapi.install(app)
    return app


def identity_provider(settings: Settings, clock: Clock) -> IdentityProvider | None:
    """The issuer whose sign-ins are taken, if the settings name one."""
    if settings.oidc_issuer is None or settings.oidc_client_id is None:
        return None
    outgoing = Outgoing(settings.allowed_hosts_out)
    return IdentityProvider(
        issuer=settings.oidc_issuer, client_id=settings.oidc_client_id, outgoing=outgoing, clock=clock
    )


def work_for_later(writer: Writer, reader: Reader, settings: Settings, clock: Clock) -> list[Work]:
    """All kinds of jobs and who does them."""
    carry = catching(writer, clock) if settings.sandbox else carrier(settings)
    return [
        mail_work(carry, clock),
        sign_in_work(writer, clock, settings),
        allocation_work(writer, reader, clock),
    ]


def from_environment() -> FastAPI:
    """The service as the environment's settings say; what an ASGI server with several processes calls in each."""
    settings = read_settings()
    configure_logs(settings.log_level)
    return create_app(settings)
