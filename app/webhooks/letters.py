"""The letter that tells that a webhook has been disabled."""

from urllib.parse import urlsplit

from app.kernel.letters import Letter, Prose, letter
from app.webhooks.rules import Disabled

_WHY = {
    Disabled.GONE: "The receiver answered 410 Gone, which asks us to stop.",
    Disabled.EXHAUSTED: "A message could not be delivered for more than three days, and every attempt has failed.",
    Disabled.BY_HAND: "It was disabled by hand.",
}


def disabled_letter(*, to: str, given_name: str, hub_name: str, url: str, why: Disabled) -> Letter:
    """Tells somebody who answers for a webhook that it stands still. Of its address only the host: the rest may be a
    secret."""
    host = urlsplit(url).hostname or "the receiver"
    return letter(
        to=to,
        subject=f"Webhook stopped: {host}",
        parts=[
            Prose(f"Hello {given_name},"),
            Prose(f"Teach Meet no longer delivers changes of {hub_name} to {host}. {_WHY[why]}"),
            Prose(
                "Nothing is lost. When the receiver works again, try it with a ping and enable the webhook: what has "
                "happened meanwhile is delivered then. The log of its deliveries tells what went wrong."
            ),
        ],
    )
