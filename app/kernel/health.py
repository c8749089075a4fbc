"""For those who run it: is it alive, is it ready, how is it doing."""

from fastapi import Request, Response
from pydantic import BaseModel
from sqlalchemy import text

from app.kernel.metrics import MEDIA_TYPE, exposition
from app.kernel.problems import Unavailable
from app.kernel.routing import router

routes = router("Health")


class Health(BaseModel):
    """How the service is."""

    status: str


@routes.get("/health/live")
async def is_live() -> Health:
    """Whether the process answers at all."""
    return Health(status="live")


@routes.get("/health/ready")
async def is_ready(request: Request) -> Health:
    """Whether the database answers too, so that traffic may come."""
    try:
        await request.app.state.reader.run(lambda session: session.execute(text("SELECT 1")).scalar_one())
    except Exception as error:
        raise Unavailable("The database does not answer.") from error
    return Health(status="ready")


@routes.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def read_metrics() -> Response:
    """Figures for Prometheus: requests, times, and how many writes shared a commit."""
    return Response(exposition(), media_type=MEDIA_TYPE)
