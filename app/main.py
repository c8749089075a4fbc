"""`create_app(settings)`: wires everything, decides nothing."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator
from functools import partial
from importlib.metadata import version

from fastapi import FastAPI

from app.access.client_credentials.routes import PATH as TOKEN_PATH
from app.access.client_credentials.routes import oauth_error
from app.access.client_credentials.routes import routes as token_routes
from app.access.oidc import IdentityProvider
from app.access.routes import routes as access_routes
from app.access.signing_in import page as sign_in_page
from app.access.signing_in.routes import routes as signing_in_routes
from app.access.signing_in.work import sign_in_work
from app.access.usage import Usage
from app.allocation.routes import routes as allocation_routes
from app.allocation.work import allocation_work
from app.attendance.routes import routes as attendance_routes
from app.bookings.routes import routes as booking_routes
from app.calendars.routes import routes as calendar_routes
from app.events.routes import routes as event_routes
from app.kernel import docs, document, health, refusals
from app.kernel.clock import Clock, wall_clock
from app.kernel.cors import add_cors
from app.kernel.database import reading_engine, writing_engine
from app.kernel.desk import Desk
from app.kernel.ids import at_random
from app.kernel.live import Ear
from app.kernel.logs import configure_logs
from app.kernel.mail import carrier, mail_work
from app.kernel.middleware import Envelope
from app.kernel.outgoing import Outgoing
from app.kernel.pagination import CursorSigner
from app.kernel.rate_limits import RateLimits
from app.kernel.reader import Reader
from app.kernel.secret import deployment_secret
from app.kernel.settings import Settings, read_settings
from app.kernel.worker import Work, Worker
from app.kernel.writer import Writer
from app.manual import document as manual
from app.manual.collection import routes as collection_routes
from app.manual.pages import Manual
from app.manual.routes import routes as manual_routes
from app.marketplace.pages import Pages
from app.marketplace.routes import routes as marketplace_routes
from app.marketplace.stream import Streams
from app.mis.connections.routes import routes as connection_routes
from app.mis.connections.work import connection_work
from app.mis.cpd.routes import routes as cpd_routes
from app.mis.imports.routes import UPLOADS
from app.mis.imports.routes import routes as import_routes
from app.mis.rostering.refusing import PREFIX as ROSTERING
from app.mis.rostering.refusing import status_information
from app.mis.rostering.routes import routes as rostering_routes
from app.mis.syncing.routes import routes as syncing_routes
from app.mis.syncing.work import syncing_work
from app.people.routes import routes as people_routes
from app.privacy import retention
from app.privacy.routes import routes as privacy_routes
from app.registrations.routes import routes as registration_routes
from app.sandbox.faults import HEADER as FAULT_HEADER
from app.sandbox.faults import Faults
from app.sandbox.mail import catching
from app.sandbox.playground import NEVER_OUTSIDE, Playground
from app.sandbox.routes import ABOUT as ABOUT_SANDBOX
from app.sandbox.routes import TAG as SANDBOX
from app.sandbox.routes import routes as sandbox_routes
from app.webhooks.courier import Courier
from app.webhooks.routes import routes as webhook_routes

ROUTES = (
    marketplace_routes,
    registration_routes,
    booking_routes,
    allocation_routes,
    attendance_routes,
    event_routes,
    calendar_routes,
    people_routes,
    access_routes,
    token_routes,
    signing_in_routes,
    import_routes,
    syncing_routes,
    connection_routes,
    rostering_routes,
    cpd_routes,
    privacy_routes,
    webhook_routes,
    health.routes,
    manual_routes,
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
    "Attendance": "The door, with and without a network; who came; what went well, and even better if.",
    "Calendars": "The hub's evenings, a school's, one's own: to subscribe to, at addresses that can be revoked.",
    "Imports": "Files in: an evening's spreadsheets, staff lists, the register of schools. Planned, then applied.",
    "Staff from the MIS": "Whose records are whose, which school is which, and what follows when people leave.",
    "CPD records": "Who attended what, with hours, for the school's own records: as JSON, or as a sheet.",
    "Staff systems": "Connections to a school's MIS: tested, previewed, synced by themselves; no secret is shown.",
    "OneRoster": "The hub's schools and staff for its other tools, as OneRoster 1.2 has them; to read only.",
    "Changes and webhooks": "What happened, in order, to be polled or pushed: other systems keep up with the hub.",
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
        if playground is not None:
            await playground.open(app.state.writer, app.state.reader)
        chores = [
            asyncio.create_task(retention.keep(app.state.writer, clock, needs_kept_days=settings.needs_kept_days)),
            asyncio.create_task(usage.keep_writing(app.state.writer)),
        ]
        app.state.worker.start()
        app.state.courier.start()
        ear.start(engine)
        app.state.streams.start()
        try:
            yield
        finally:
            for chore in chores:
                chore.cancel()
            await app.state.streams.stop()
            await ear.stop()
            await app.state.courier.stop()
            await app.state.worker.stop()
            await usage.write(app.state.writer)
            await asyncio.to_thread(app.state.writer.stop)
            app.state.reader.stop()

    tags = {**TAGS, SANDBOX: ABOUT_SANDBOX} if settings.sandbox else TAGS
    app = FastAPI(
        **manual.about(settings),
        version=version("teachmeet"),
        openapi_tags=[{"name": name, "description": prose} for name, prose in tags.items()],
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    playground = Playground(settings, clock) if settings.sandbox else None
    clock = playground.clock if playground else clock
    app.state.settings = settings
    app.state.clock = clock
    app.state.playground = playground
    app.state.dialects = {TOKEN_PATH: oauth_error, ROSTERING: status_information}
    app.state.nobodys_credentials = frozenset() if playground else NEVER_OUTSIDE
    usage = Usage(never=app.state.nobodys_credentials)
    app.state.authenticate = usage.callers
    app.state.cursor_signer = CursorSigner(deployment_secret(settings))
    engine = writing_engine(settings)
    ids = playground.ids if playground else at_random
    app.state.writer = Writer(engine, Desk(usage.callers), queue_limit=settings.writer_queue_limit, ids=ids)
    app.state.reader = Reader(reading_engine(settings), threads=settings.reader_threads)
    app.state.pages = Pages(app.state.reader)
    ear = Ear()
    ear.hear_commits(engine)
    app.state.streams = Streams(app.state.reader, ear, limit=settings.stream_limit)
    app.state.identity_provider = identity_provider(settings, clock)
    work = work_for_later(app.state.writer, app.state.reader, settings, clock)
    app.state.worker = Worker(app.state.writer, app.state.reader, clock, work)
    app.state.worker.wake_after_commits(engine)
    outgoing = Outgoing(settings.allowed_hosts_out)
    app.state.courier = Courier(app.state.writer, app.state.reader, clock, outgoing)
    for routes in (*ROUTES, sandbox_routes, collection_routes) if settings.sandbox else ROUTES:
        # As they are, not by `include_router`: looking for a route through routers inside routers costs as much again
        # as all the rest of a short answer.
        app.router.routes.extend(routes.routes)
    limits = RateLimits(settings)
    if playground is not None:
        app.add_middleware(Faults, routes=app.router.routes)
        playground.forgets_by(limits.forget, usage.forget, app.state.worker.wake, partial(_forget_pages, app))
        playground.forgets_by(app.state.streams.forget)
    app.add_middleware(Envelope, settings=settings, limits=limits, uploads=UPLOADS)
    add_cors(app, settings.cors_origins, sendable=[FAULT_HEADER] if playground else [])
    refusals.install(app)
    document.install(app, finish=manual.finish)
    app.state.manual = Manual(app)
    return app


def _forget_pages(app: FastAPI) -> None:
    # Another keeper and not an emptied one: what the old one is just making, it keeps for itself.
    app.state.pages = Pages(app.state.reader)


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
        *syncing_work(writer, reader, clock),
        *connection_work(writer, reader, clock, Outgoing(settings.allowed_hosts_out)),
    ]


def from_environment() -> FastAPI:
    """The service as the environment's settings say; what an ASGI server with several processes calls in each."""
    settings = read_settings()
    configure_logs(settings.log_level)
    return create_app(settings)
