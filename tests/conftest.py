"""What all tests share: no network, repeatable random examples, and ways to run profilegen."""

from __future__ import annotations

import io
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import pytest
from asn1crypto import cms, tsp
from hypothesis import HealthCheck, settings

from profilegen.cli.main import main
from tests.support import tools
from tests.support.command import Outcome, RunProfilegen, run_profilegen_in
from tests.support.golden import Golden
from tests.support.network import forbid_network

# `tsp` teaches `cms` the names of time stamps, but not once `cms` has written any other name: then
# tests that write tokens by name would depend on what ran before them.
assert cms.ContentType(tsp.ContentType("tst_info").dotted).native == "tst_info"

ROOT = Path(__file__).resolve().parent.parent

# A shell starts what it runs in the background with these ignored, and every command that a test
# interrupts would inherit that.
if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)

# Other tests run beside these on the same machine: no test fails for being slow.
settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci" if tools.in_ci() else "dev")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-goldens",
        action="store_true",
        help="write what the tests got into tests/golden/ instead of comparing it",
    )


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        forbid_network(patch)
        yield


@pytest.fixture(scope="session")
def checkout() -> Path:
    """Return the folder of the repository: examples and documents are read from there."""
    return ROOT


@pytest.fixture(scope="session")
def corpus(checkout: Path) -> Path:
    """Return the folder of other people's files; it lies beside the checkout, if at all."""
    folder = checkout.parent / "shared" / "corpus"
    if not folder.is_dir():
        pytest.skip("the corpus is not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def require_tool() -> Callable[[str], Path]:
    """Return the function that gives the path of a program, or fails in CI and skips elsewhere."""
    return tools.require_tool


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Return the golden files: `golden.check("case/file", content)`."""
    return Golden(
        ROOT / "tests" / "golden", update=bool(request.config.getoption("--update-goldens"))
    )


@pytest.fixture
def run_profilegen(tmp_path: Path) -> RunProfilegen:
    """Return a function that runs `profilegen ARGUMENTS` as a process in the test's own folder."""
    return partial(run_profilegen_in, tmp_path)


@pytest.fixture
def call_profilegen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> RunProfilegen:
    """Return a function that runs `profilegen ARGUMENTS` in this process, which is much faster.

    The current folder is the test's own. Streams are text; a command that writes bytes is for
    `run_profilegen`.
    """
    monkeypatch.chdir(tmp_path)

    def call(
        *arguments: str | Path, environment: Mapping[str, str] | None = None, stdin: str = ""
    ) -> Outcome:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["profilegen", *map(str, arguments)])
            patch.setattr(sys, "stdin", io.StringIO(stdin))
            for name, value in (environment or {}).items():
                patch.setenv(name, value)
            capsys.readouterr()
            with pytest.raises(SystemExit) as ended:
                main()
        streams = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), streams.out, streams.err)

    return call
