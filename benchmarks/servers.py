"""The servers that are measured: the real one, the same endpoint without a database, and a naive variant beside it."""

import os
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import FastAPI, Header, HTTPException, Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.queries import callers
from app.events.models import Event, Place
from app.kernel.caller import credential_in
from app.kernel.commands import Command
from app.kernel.database import writing_engine
from app.kernel.desk import Envelope
from app.kernel.ids import new_id
from app.kernel.logs import configure_logs
from app.kernel.routing import router
from app.kernel.settings import read_settings
from app.main import create_app
from app.people.models import Teacher
from app.registrations.models import Registration
from app.registrations.schemas import (
    RegisteredTeacher,
    RegistrationIn,
    RegistrationOut,
    RegistrationRole,
    RegistrationStatus,
)


class _NoDatabase:
    """Stands where the writer stands, and answers at once with the same kind of body."""

    async def run(self, _command: Command[..., Any], envelope: Envelope, /, **arguments: Any) -> Any:
        body: RegistrationIn = arguments["body"]
        now, teacher_id = envelope.now, body.teacher_id or new_id()
        return envelope.render(
            RegistrationOut(
                id=new_id(),
                event_id=arguments["event_id"],
                teacher_id=teacher_id,
                teacher=RegisteredTeacher(id=teacher_id, given_name="A", family_name="B", school_id=teacher_id),
                role=RegistrationRole.ATTENDEE,
                status=RegistrationStatus.CONFIRMED,
                waitlist_position=None,
                dietary_requirements=None,
                access_requirements=None,
                preferences=[],
                check_in_code=None,
                checked_in_at=None,
                created_at=now,
                updated_at=now,
                cancelled_at=None,
            )
        )

    def start(self) -> None: ...

    def stop(self) -> None: ...


def floor() -> FastAPI:
    """The same app, whose writes end before any database, with a route that answers constant bytes."""
    settings = read_settings()
    configure_logs(settings.log_level)
    app = create_app(settings)
    app.state.writer = _NoDatabase()
    constant = b"x" * int(os.environ.get("TEACHMEET_TEST_BENCHMARK_BYTES", "1000"))
    routes = router("Constant")

    @routes.get("/constant", response_class=Response)
    async def constant_bytes() -> Response:
        """The floor that cached pages are measured against."""
        return Response(constant, media_type="application/json")

    app.include_router(routes)
    return app


def naive() -> FastAPI:
    """What most would write first: an ORM session for each request, on the thread pool, with its own commit."""
    settings = read_settings()
    engine = writing_engine(settings)
    app = FastAPI(telemetry={"tracing": False, "metrics": False, "logs": False})

    @app.post("/v1/events/{event_id}/registrations", status_code=201)
    def register(event_id: UUID, body: RegistrationIn, authorization: Annotated[str, Header()]) -> RegistrationOut:
        now = datetime.now(UTC)
        with Session(engine) as session:
            digest = credential_in(authorization)
            if digest is None or digest not in callers(session, {digest}, now):
                raise HTTPException(401)
            event = session.scalars(select(Event).where(Event.id == event_id).with_for_update()).one()
            teacher = session.get_one(Teacher, body.teacher_id)
            taken = session.scalar(select(func.count()).where(Registration.live_event_id == event.id)) or 0
            if taken >= event.attendee_capacity:
                raise HTTPException(409)
            place = session.get_one(Place, (event.id, "attendee", taken + 1))
            registration = Registration(
                id=new_id(),
                event_id=event.id,
                live_event_id=event.id,
                teacher_id=teacher.id,
                role="attendee",
                created_at=now,
                updated_at=now,
            )
            session.add(registration)
            session.flush()
            place.registration_id, place.held_event_id, place.held_role = registration.id, event.id, "attendee"
            session.commit()
            return RegistrationOut(
                id=registration.id,
                event_id=event_id,
                teacher_id=teacher.id,
                teacher=RegisteredTeacher.model_validate(teacher),
                role=RegistrationRole.ATTENDEE,
                status=RegistrationStatus.CONFIRMED,
                waitlist_position=None,
                dietary_requirements=None,
                access_requirements=None,
                preferences=[],
                check_in_code=None,
                checked_in_at=None,
                created_at=now,
                updated_at=now,
                cancelled_at=None,
            )

    return app
