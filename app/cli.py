"""`teachmeet`, the command line. Exit codes: 0 done, 1 done with errors told, 2 wrong usage."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
import uvicorn

from app.access.commands import issue_operators_key
from app.access.queries import callers
from app.bookings.invariants import findings
from app.kernel.clock import wall_clock
from app.kernel.database import reading_engine, writing_engine
from app.kernel.desk import Desk
from app.kernel.logs import configure_logs
from app.kernel.migrations import downgrade, upgrade
from app.kernel.reader import Reader
from app.kernel.settings import Settings, SettingsError, read_settings
from app.kernel.writer import Writer
from app.main import create_app

cli = typer.Typer(no_args_is_help=True, add_completion=False, help="The booking API for Teach Meets.")
keys = typer.Typer(no_args_is_help=True, help="API keys.")
cli.add_typer(keys, name="keys")


@cli.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Processes; more than one is for PostgreSQL.")] = 1,
) -> None:
    """Bring the schema up to date, then serve."""
    settings = _settings()
    if workers > 1 and settings.database.get_backend_name() == "sqlite":
        raise typer.BadParameter("SQLite has one writer: serve it with one process, or use PostgreSQL.")
    upgrade(settings)
    run_server(host=host, port=port, workers=workers, log_level=settings.log_level)


def run_server(*, host: str, port: int, workers: int, log_level: str) -> None:
    """Serves until it is told to stop; requests under way are finished first."""
    configure_logs(log_level)
    uvicorn.run(
        "app.main:from_environment",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
        h11_max_incomplete_event_size=64_000,
    )


@cli.command()
def migrate(
    to: Annotated[str, typer.Option(help="A revision: forward to it, or with --down back to it.")] = "head",
    down: Annotated[bool, typer.Option("--down", help="Take later revisions back.")] = False,
) -> None:
    """Bring the database's schema to a revision, the newest unless one is given."""
    settings = _settings()
    if down:
        downgrade(settings, to)
    else:
        upgrade(settings, to)
    typer.echo(f"The schema is at {to}.")


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Option(help="What the key is for.")],
    operator: Annotated[bool, typer.Option("--operator", help="An operator's key: it reaches every hub.")] = False,
) -> None:
    """Make an API key. Prints its secret, which is told this once, and nothing else."""
    if not operator:
        raise typer.BadParameter("Only operators' keys are made here (--operator); hubs make their own over HTTP.")
    settings = _settings()
    upgrade(settings)
    with _writer(settings) as writer:
        typer.echo(writer.run_and_wait(issue_operators_key, name=name, now=wall_clock()))


@cli.command()
def check() -> None:
    """Prove on the live data that nothing is wrong: a figure for each promise, or 1 and every breach."""
    settings = _settings()
    reader = Reader(reading_engine(settings), threads=1)
    try:
        found = reader.run_and_wait(findings)
    finally:
        reader.stop()
    for each in found:
        verdict = "BROKEN" if each.breaches else "holds"
        typer.echo(f"{verdict:7} {each.invariant.promise} ({each.figure} {each.invariant.counted})")
        for breach in each.breaches:
            typer.echo(f"        {breach}")
    broken = sum(1 for each in found if each.breaches)
    typer.echo(f"{len(found) - broken} of {len(found)} promises hold.")
    if broken:
        raise typer.Exit(1)


@cli.command()
def openapi() -> None:
    """Print the OpenAPI document."""
    document = create_app(_settings()).openapi()
    json.dump(document, sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


def _settings() -> Settings:
    """The environment's settings; wrong ones end the program with words about what to mend."""
    try:
        return read_settings()
    except SettingsError as error:
        typer.echo(f"The settings cannot be used: {error}", err=True)
        raise typer.Exit(2) from None


@contextmanager
def _writer(settings: Settings) -> Iterator[Writer]:
    writer = Writer(writing_engine(settings), Desk(callers), queue_limit=settings.writer_queue_limit)
    writer.start()
    try:
        yield writer
    finally:
        writer.stop()


def main() -> None:
    """The console script."""
    cli()
