"""The secret that is made at first start: its owner's alone, the same ever after, and made once."""

import stat
import threading
from pathlib import Path

from app.kernel.secret import deployment_secret
from app.kernel.settings import Settings


def settings_in(directory: Path) -> Settings:
    return Settings(database_url=f"sqlite:///{directory / 'x.sqlite'}")


def test_it_is_its_owners_alone_and_stays(tmp_path: Path) -> None:
    first = deployment_secret(settings_in(tmp_path))
    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(first) >= 43, "of 256 random bits and more"
    assert deployment_secret(settings_in(tmp_path)) == first
    assert deployment_secret(settings_in(tmp_path / "other")) != first


def test_those_who_start_at_once_have_the_same(tmp_path: Path) -> None:
    made: list[bytes] = []
    gate = threading.Barrier(8)

    def start() -> None:
        gate.wait()
        made.append(deployment_secret(settings_in(tmp_path)))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert len(set(made)) == 1
    assert [each.name for each in tmp_path.iterdir()] == ["secret-key"]
