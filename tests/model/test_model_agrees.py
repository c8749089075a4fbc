"""A model agrees: whatever people do, in whatever order, the service says and becomes what the model does."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from app.kernel.settings import Settings
from tests.model.machine import EveningMachine
from tests.model.service import running
from tests.support.databases import settings_for
from tests.support.forms import FULL, form

PROFILE = settings(
    max_examples=form(short=20, full=400),
    stateful_step_count=form(short=25, full=60),
    derandomize=not FULL,
    database=None,
    deadline=None,
    print_blob=True,
    phases=form(short=(Phase.generate,), full=(Phase.generate, Phase.shrink)),
    suppress_health_check=list(HealthCheck),
)


def test_a_model_agrees(database_url: str) -> None:
    """Short form: the same examples in each run. Full form: many more, by a random seed, and a failure is made smaller,
    which takes minutes; it prints the blob that brings it back."""
    chosen: Settings = settings_for(database_url, secret_key="a secret for tests only")
    with running(chosen) as service:

        class AnEvening(EveningMachine):
            """One of this service's."""

            def __init__(self) -> None:
                super().__init__(service)

        run_state_machine_as_test(AnEvening, settings=PROFILE)
