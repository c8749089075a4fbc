"""What only the sandbox answers. Outside it these addresses are not there."""

from typing import Annotated

from fastapi import Response

from app.kernel.openapi import answers
from app.kernel.operations import Reading, reads
from app.kernel.pagination import PageWanted
from app.kernel.routing import router
from app.sandbox import mail
from app.sandbox.mail import CaughtMailOut

routes = router("Sandbox")


@routes.get("/v1/sandbox/mail", **answers(CaughtMailOut, many=True))
async def list_caught_mail(read: Annotated[Reading, reads(public=True)], page: PageWanted) -> Response:
    """What would have been sent, newest first: links to sign in are in here."""
    return await read.page(mail.caught, to=CaughtMailOut, page=page)
