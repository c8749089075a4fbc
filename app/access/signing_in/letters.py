"""The letter with a link to sign in."""

from app.kernel.letters import Button, Code, Letter, Prose, letter


def sign_in_letter(*, to: str, given_name: str, hub_name: str, page: str, token: str) -> Letter:
    """Tells a teacher how to sign in. The token stands in the link's fragment, which browsers send to no server."""
    return letter(
        to=to,
        subject=f"Sign in to Teach Meet: {hub_name}",
        parts=[
            Prose(f"Hello {given_name},"),
            Prose(f"you asked to sign in to Teach Meet at {hub_name}. This link does it:"),
            Button("Sign in", f"{page}#token={token}"),
            Prose("It works once, within 15 minutes of your asking, and needs no password."),
            Code("Does the link not open? Copy this code to the page where you sign in:", token),
            Prose(
                "If you did not ask for this, you need not do anything. Nobody can sign in without this message, "
                "so please do not pass it on."
            ),
        ],
    )
