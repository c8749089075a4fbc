"""`teachmeet`, the command line. Exit codes: 0 done, 1 done with errors told, 2 wrong usage."""

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
import uvicorn
from rich.console import Console
from rich.progress import Progress

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
from app.sandbox import known_hub
from app.sheets.files import Kind, Outcome, WrongUsage, import_sheet

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


@cli.command()
def demo(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.")] = 8000,
) -> None:
    """Run a playground: a fresh database with the known hub. Nothing of it is kept."""
    with tempfile.TemporaryDirectory(prefix="teachmeet-demo-") as directory:
        address = f"http://{host}:{port}"
        settings = _settings(
            database_url=f"sqlite:///{Path(directory) / 'demo.sqlite'}", sandbox=True, public_url=address
        )
        upgrade(settings)
        with _writer(settings) as writer, _reader(settings) as reader:
            known = known_hub.build(writer, reader, now=wall_clock(), tell=typer.echo)
        event = known.event
        typer.echo(f"\n{event.name}: {event.id}")
        typer.echo(f"Try it out at {address}/docs; press Authorize there and paste one of these keys:\n")
        for role, secret in known.keys.items():
            typer.echo(f"  {role:12} {secret}")
        typer.echo("\nStop with Ctrl+C.")
        sys.stdout.flush()
        configure_logs("warning")
        uvicorn.run(create_app(settings), host=host, port=port, log_config=None, access_log=False, server_header=False)


@cli.command("import")
def import_file(
    kind: Annotated[Kind, typer.Argument(help="What the sheet holds.")],
    file: Annotated[Path, typer.Argument(help="The sheet: CSV, as a spreadsheet program or a form saves it.")],
    hub: Annotated[str | None, typer.Option(help="The hub's slug; not needed when there is only one.")] = None,
    event: Annotated[UUID | None, typer.Option(help="The event's id, for presenters and sign-ups.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and change nothing.")] = False,
) -> None:
    """Bring a sheet in. Shows a plan in plain English before it writes; the same file again changes nothing."""
    settings = _settings()
    upgrade(settings)
    with _writer(settings) as writer, _reader(settings) as reader:

        def bring(*, only_plan: bool, progress: Progress | None = None) -> Outcome:
            task = progress.add_task(f"Importing {kind}", total=None) if progress else None

            def advance(done: int, of: int) -> None:
                if progress is not None and task is not None:
                    progress.update(task, completed=done, total=of)

            return import_sheet(
                writer,
                reader,
                kind=kind,
                path=file,
                hub=hub,
                event_id=event,
                dry_run=only_plan,
                now=wall_clock(),
                progress=advance,
            )

        try:
            outcome = bring(only_plan=True)
            _tell(outcome)
            if outcome.plan is not None and not dry_run:
                with Progress(console=Console(stderr=True), transient=True) as progress:
                    outcome = bring(only_plan=False, progress=progress)
                typer.echo(f"\nDone. {outcome.lines[1]}")
        except WrongUsage as error:
            raise typer.BadParameter(str(error)) from None
    if outcome.exit_code:
        raise typer.Exit(outcome.exit_code)


def _tell(outcome: Outcome) -> None:
    for line in outcome.lines:
        typer.echo(line)


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
    with _reader(settings) as reader:
        found = reader.run_and_wait(findings)
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


def _settings(**given: str | bool) -> Settings:
    """The environment's settings, or those given; wrong ones end the program with words about what to mend."""
    try:
        return read_settings(**given)
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


@contextmanager
def _reader(settings: Settings) -> Iterator[Reader]:
    reader = Reader(reading_engine(settings), threads=1)
    try:
        yield reader
    finally:
        reader.stop()


def main() -> None:
    """The console script."""
    cli()
