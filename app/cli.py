"""`teachmeet`, the command line. Exit codes: 0 done, 1 done with errors told, 2 wrong usage."""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from app.access.commands import issue_operators_key
from app.access.queries import callers
from app.allocation.console import NoSuchEventError, allocate
from app.allocation.rules import Mode
from app.allocation.schemas import AllocationIn
from app.bookings.invariants import findings
from app.kernel.clock import wall_clock
from app.kernel.database import reading_engine, writing_engine
from app.kernel.desk import Desk
from app.kernel.logs import configure_logs
from app.kernel.mail import carrier
from app.kernel.migrations import downgrade, upgrade
from app.kernel.outgoing import Outgoing
from app.kernel.reader import Reader
from app.kernel.sealing import CannotOpenError
from app.kernel.serving import run_server
from app.kernel.settings import Settings, SettingsError, read_settings
from app.kernel.writer import Writer
from app.main import create_app
from app.mis.console import Importable, StaffFile, StaffFormat, StaffOutcome, import_staff, sync_connection
from app.privacy.resealing import reseal
from app.privacy.retention import delete_what_is_due, due
from app.sandbox import credentials
from app.sandbox.story import BEGINS
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
    if settings.sandbox:
        _serve_sandbox(settings, host=host, port=port, workers=workers)
        return
    if workers > 1 and settings.database.get_backend_name() == "sqlite":
        raise typer.BadParameter("SQLite has one writer: serve it with one process, or use PostgreSQL.")
    upgrade(settings)
    configure_logs(settings.log_level)
    run_server("app.main:from_environment", settings, host=host, port=port, workers=workers)


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
        service = create_app(settings)
        known = service.state.playground.fill()
        for line in known.imports:
            typer.echo(line)
        typer.echo("")
        for event in known.events:
            typer.echo(f"{event.name}: {event.id}")
        typer.echo(f"\nTry it out at {address}/docs; send as any of these:\n")
        for each in credentials.ALL:
            typer.echo(f"  {each.role:12} {each.secret}")
        typer.echo(f"\nIt is {BEGINS:%A, %d %B %Y, %H:%M} UTC there, until {address}/v1/sandbox/clock is set.")
        typer.echo(f"Mail is caught, and shown at {address}/v1/sandbox/mail. Stop with Ctrl+C.")
        sys.stdout.flush()
        configure_logs("warning")
        run_server(service, settings, host=host, port=port)


def _serve_sandbox(settings: Settings, *, host: str, port: int, workers: int) -> None:
    if workers > 1:
        raise typer.BadParameter("A sandbox has one clock: serve it with one process, or without TEACHMEET_SANDBOX.")
    upgrade(settings)
    service = create_app(settings)
    try:
        service.state.playground.fill()
    except SettingsError as error:
        _end_with(error)
    configure_logs(settings.log_level)
    run_server(service, settings, host=host, port=port)


@cli.command("import")
def import_file(
    kind: Annotated[Importable, typer.Argument(help="What the file holds.")],
    file: Annotated[Path, typer.Argument(help="The file: CSV as a spreadsheet program saves it, or OneRoster's ZIP.")],
    hub: Annotated[str | None, typer.Option(help="The hub's slug; not needed when there is only one.")] = None,
    event: Annotated[UUID | None, typer.Option(help="The event's id, for presenters and sign-ups.")] = None,
    format_: Annotated[StaffFormat | None, typer.Option("--format", help="With staff: what the file is.")] = None,
    school: Annotated[
        str | None, typer.Option(help="With staff-csv: the URN of the school that all of it is of.")
    ] = None,
    complete: Annotated[bool, typer.Option("--complete", help="With staff-csv: whoever is missing has left.")] = False,
    columns: Annotated[Path | None, typer.Option(help="With staff-csv: our fields and its headings, as JSON.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="With oneroster-csv: by the letter of the binding.")] = False,
    source: Annotated[str | None, typer.Option(help="With staff: a name for where the file is from.")] = None,
    confirm: Annotated[bool, typer.Option("--confirm", help="With staff: apply also what is unusual.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and change nothing.")] = False,
) -> None:
    """Bring a file in. Shows a plan in plain English before it writes; the same file again changes nothing."""
    if kind is Importable.STAFF:
        if format_ is None or event is not None:
            raise typer.BadParameter("Say with --format which staff list it is; there is no --event with it.")
        given = StaffFile(file, format_, hub, school, complete, columns, strict, source)
        with _staff_tools() as (writer, reader, _, told):
            staff = import_staff(writer, reader, given, dry_run=dry_run, confirm=confirm, now=wall_clock(), told=told)
        _end(staff)
        return
    if format_ or school or complete or columns or strict or source or confirm:
        raise typer.BadParameter("These options are for staff.")
    settings = _settings()
    upgrade(settings)
    sheet = Kind(kind.value)
    with _writer(settings) as writer, _reader(settings) as reader:

        def bring(*, only_plan: bool, progress: Progress | None = None) -> Outcome:
            task = progress.add_task(f"Importing {kind}", total=None) if progress else None

            def advance(done: int, of: int) -> None:
                if progress is not None and task is not None:
                    progress.update(task, completed=done, total=of)

            return import_sheet(
                writer,
                reader,
                kind=sheet,
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


@cli.command("sync")
def sync_staff(
    connection: Annotated[str, typer.Argument(help="The connection's name, or its id.")],
    full: Annotated[bool, typer.Option("--full", help="All staff, not only what has changed.")] = False,
    confirm: Annotated[bool, typer.Option("--confirm", help="Apply also what is unusual.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Keep the plan to look at, and change nothing.")] = False,
) -> None:
    """Ask a connection's system for its staff and bring them in."""
    with _staff_tools() as (writer, reader, settings, told):
        outcome = sync_connection(
            writer,
            reader,
            Outgoing(settings.allowed_hosts_out),
            wall_clock,
            name=connection,
            full=full,
            dry_run=dry_run,
            confirm=confirm,
            told=told,
        )
    _end(outcome)


@contextmanager
def _staff_tools() -> Iterator[tuple[Writer, Reader, Settings, Callable[[str], None]]]:
    """What bringing staff in needs, with a spinner that says what is done."""
    settings = _settings()
    upgrade(settings)
    progress = Progress(SpinnerColumn(), TextColumn("{task.description}"), console=Console(stderr=True), transient=True)
    with _writer(settings) as writer, _reader(settings) as reader, progress:
        task = progress.add_task("Beginning", total=None)
        try:
            yield writer, reader, settings, lambda step: progress.update(task, description=step)
        except WrongUsage as error:
            raise typer.BadParameter(str(error)) from None


def _end(outcome: StaffOutcome) -> None:
    for line in outcome.lines:
        typer.echo(line)
    if outcome.exit_code:
        raise typer.Exit(outcome.exit_code)


@cli.command("allocate")
def allocate_seats(
    event: Annotated[UUID, typer.Argument(help="The event's id.")],
    mode: Annotated[Mode, typer.Option(help="Plan everybody, repair the present bookings, or only add to them.")] = (
        Mode.FULL
    ),
    move_bookings: Annotated[bool, typer.Option("--move-bookings", help="Seats that are booked may change.")] = False,
    spread_schools: Annotated[bool, typer.Option("--spread-schools", help="Keep a school's people apart.")] = False,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Decides between equals only.")] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and change nothing.")] = False,
) -> None:
    """Work out everybody's itinerary from everybody's wishes, and book it. Tells the plan in plain English."""
    settings = _settings()
    upgrade(settings)
    body = AllocationIn(mode=mode, keep_bookings=not move_bookings, spread_schools=spread_schools, seed=seed)
    with _writer(settings) as writer, _reader(settings) as reader, Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("Allocating", total=1.0)
        try:
            outcome = allocate(
                writer,
                reader,
                event_id=event,
                body=body,
                dry_run=dry_run,
                now=wall_clock(),
                progress=lambda share, step: progress.update(task, completed=share, description=step.capitalize()),
            )
        except NoSuchEventError as error:
            raise typer.BadParameter(str(error)) from None
    for line in outcome.lines:
        typer.echo(line)
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
def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what is due and delete nothing.")] = False,
) -> None:
    """Delete what is no longer to be held about people. A running service does so by itself, every hour."""
    settings = _settings()
    upgrade(settings)
    given: dict[str, Any] = {"now": wall_clock(), "needs_kept_days": settings.needs_kept_days}
    if dry_run:
        with _reader(settings) as reader:
            counts = reader.run_and_wait(lambda session: due(session, **given))
    else:
        with _writer(settings) as writer:
            counts = writer.run_and_wait(delete_what_is_due, **given)
    for name, count in counts.items():
        typer.echo(f"{count:7} {name}")
    typer.echo("Nothing has been deleted." if dry_run else "Deleted.")


@cli.command("reseal")
def reseal_all() -> None:
    """Seal anew with the first of TEACHMEET_ENCRYPTION_KEYS; after that the others can be thrown away."""
    settings = _settings()
    upgrade(settings)
    with _writer(settings) as writer:
        try:
            resealed = writer.run_and_wait(reseal)
        except CannotOpenError as error:
            typer.echo(f"Nothing has been changed: {error}.", err=True)
            raise typer.Exit(1) from None
    typer.echo(f"{resealed} sealed anew.")


@cli.command()
def openapi() -> None:
    """Print the OpenAPI document."""
    document = create_app(_settings()).openapi()
    json.dump(document, sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


def _settings(**given: str | bool) -> Settings:
    """The environment's settings, or those given; wrong ones end the program with words about what to mend."""
    try:
        settings = read_settings(**given)
        carrier(settings)
    except SettingsError as error:
        _end_with(error)
    return settings


def _end_with(error: SettingsError) -> NoReturn:
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
