"""The deployment's own secret: taken from the settings, or made at first start and kept beside the database."""

import contextlib
import os
import secrets
from pathlib import Path

from app.kernel.sealing import Seal
from app.kernel.settings import Settings

SANDBOXES_SECRET = "every sandbox has it, so that what it signs is the same in each"  # noqa: S105  # nobody's secret


def deployment_secret(settings: Settings) -> bytes:
    """The key that signs what this deployment hands out. The file that keeps it is its owner's alone."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value().encode()
    if settings.sandbox:
        return SANDBOXES_SECRET.encode()
    file = settings.state_directory / "secret-key"
    file.parent.mkdir(parents=True, exist_ok=True)
    _make_once(file)
    return file.read_bytes()


def deployment_seal(settings: Settings) -> Seal:
    """What seals the data that must not lie in the database in the clear; without keys of its own, by the secret."""
    return Seal(sealing_keys(settings))


def sealing_keys(settings: Settings) -> tuple[str, ...]:
    """The keys that seal, the newest first."""
    given = settings.encryption_keys.get_secret_value() if settings.encryption_keys else ""
    keys = tuple(key.strip() for key in given.split(",") if key.strip())
    return keys or (deployment_secret(settings).decode(),)


def _make_once(file: Path) -> None:
    """Writes the file whole or not at all, also when two processes start at once: the first one's stays."""
    if file.exists():
        return
    draft = file.with_name(f"{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(secrets.token_urlsafe(48))
    with contextlib.suppress(FileExistsError):
        os.link(draft, file)
    draft.unlink()
