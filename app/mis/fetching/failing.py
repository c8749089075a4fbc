"""Why a fetch came to nothing, told apart by the status alone: what else a server says of it is not looked at."""

from app.mis.staff import UnusableSourceError


class FetchError(UnusableSourceError):
    """The system could not be read to the end, so nothing is concluded from it.

    `step` says what was being read. Nothing in the message comes from the answer.
    """

    def __init__(self, step: str, what: str) -> None:
        super().__init__(f"While reading {step}: {what}")


class NotSignedInError(FetchError):
    """401, also with a new token: the credentials are wrong, or have been withdrawn."""


class NotPermittedError(FetchError):
    """403: the credentials are good and do not reach this."""


class NotThereError(FetchError):
    """404: the server has no such list at this address."""


class NotUnderstoodError(FetchError):
    """400 or 422, or another answer that means that the question does not suit."""


class ThrottledError(FetchError):
    """429 again and again, or for longer than one waits."""


class ServerTroubleError(FetchError):
    """5xx again and again."""


class NotReachedError(FetchError):
    """No connection, no answer in time, or an address that is never called."""


class NotUsableError(FetchError):
    """An answer that cannot be used: no JSON, no list, a page seen before, a next page somewhere else."""


def failed(step: str, status: int) -> FetchError:
    """The failure that a status means."""
    if status == 401:
        return NotSignedInError(step, "the system did not accept the credentials (401). Enter them again.")
    if status == 403:
        return NotPermittedError(
            step, "the system accepted the credentials, but they may not read this (403). Ask for the missing scope."
        )
    if status == 404:
        return NotThereError(step, "there is nothing at that address (404). Check the address and the version.")
    if status == 429:
        return ThrottledError(step, "the system asks to come back later (429), and kept asking.")
    if 300 <= status < 400:
        return NotUsableError(step, f"the system sent us to another address ({status}), which is not followed.")
    if status >= 500:
        return ServerTroubleError(step, f"the system had trouble of its own ({status}), and still had it later.")
    return NotUnderstoodError(step, f"the system did not take the question ({status}).")
