"""The pytest plugin. It is registered by its entry point; nothing has to be imported.

Fixtures: ``dropbox`` is a new account for the test; ``fake_dropbox_server`` the server of the
session. The server starts with the first test that asks for one of them.
"""

from __future__ import annotations

import contextlib
import os
from typing import Any, Dict, Iterator, List, Optional, Set

import pytest

from ._account import Account
from ._controls import ControlError
from ._server import Server, ServerError, serve

_ACCOUNT = pytest.StashKey[Account]()
_NOT_FAKED = pytest.StashKey[Set[str]]()

_MARKER = (
    "dropbox(quota=None, scopes=None, assume=None, dialect=None, denied=None, "
    "unused_links=False, unfired_faults=False): settings of this test's account. quota in bytes; "
    "scopes of its token; assume={'failed_commit': 'frees'}; dialect='2025'; denied answers each "
    "call with that 403. unused_links and unfired_faults allow what would fail the test."
)
_SETTINGS = {"quota", "scopes", "assume", "dialect", "denied", "unused_links", "unfired_faults"}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("fake-dropbox")
    group.addoption(
        "--fake-dropbox-url",
        metavar="URL",
        help="use the fake-dropbox that runs there, instead of starting one",
    )
    parser.addini(
        "fake_dropbox_token_env",
        "variable of the environment that holds the token of the running test's account",
        default="",
    )
    parser.addini(
        "fake_dropbox_arguments",
        "arguments of `fake-dropbox serve` for the server of the session",
        type="args",
        default=[],
    )
    parser.addini(
        "fake_dropbox_lead",
        "set the variables that lead programs to the fake under Dropbox's own names",
        type="bool",
        default=True,
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", _MARKER)
    config.stash[_NOT_FAKED] = set()


@pytest.fixture(scope="session")
def fake_dropbox_server(pytestconfig: pytest.Config) -> Iterator[Server]:
    """The server of this session, or of this worker of pytest-xdist."""
    with _in_one_sentence():
        server = _server(pytestconfig)
    with server, contextlib.ExitStack() as led:
        if pytestconfig.getini("fake_dropbox_lead"):
            with _in_one_sentence():
                led.enter_context(server.led())
        yield server
        # If it died in the middle, the tests that needed it have said so.
        with contextlib.suppress(ControlError):
            pytestconfig.stash[_NOT_FAKED].update(server.not_faked())


def _server(config: pytest.Config) -> Server:
    url = config.getoption("--fake-dropbox-url") or os.environ.get("FAKE_DROPBOX_URL")
    if url:
        return Server(url, control_token=os.environ.get("FAKE_DROPBOX_CONTROL_TOKEN"))
    return serve(*config.getini("fake_dropbox_arguments"))


@contextlib.contextmanager
def _in_one_sentence() -> Iterator[None]:
    """Turns what the server says into a failure without a traceback."""
    said = None
    try:
        yield
    except (ServerError, ControlError) as error:
        said = str(error)
    if said is not None:
        pytest.fail(said, pytrace=False)


@pytest.fixture
def dropbox(
    request: pytest.FixtureRequest, fake_dropbox_server: Server, monkeypatch: pytest.MonkeyPatch
) -> Account:
    """A new account for this test; its token is ``dropbox.token``."""
    settings = _settings(request.node)
    assume = dict(settings.get("assume") or {})
    if settings.get("dialect") is not None:
        assume["dialect"] = settings["dialect"]
    with _in_one_sentence():
        account = fake_dropbox_server.account(
            request.node.name,
            scopes=settings.get("scopes"),
            quota=settings.get("quota"),
            denied=settings.get("denied"),
            assume=assume,
        )
        if settings.get("unused_links"):
            account.expect_links("unused")
    variable = request.config.getini("fake_dropbox_token_env")
    if variable:
        monkeypatch.setenv(variable, account.token)
    request.node.stash[_ACCOUNT] = account
    return account


def _settings(item: pytest.Item) -> Dict[str, Any]:
    """What the markers say; that of the test wins over that of its class and module."""
    settings: Dict[str, Any] = {}
    for marker in reversed(list(item.iter_markers("dropbox"))):
        unknown = sorted(set(marker.kwargs) - _SETTINGS)
        if unknown or marker.args:
            what = ", ".join(unknown) or "values without a name"
            pytest.fail(
                f"@pytest.mark.dropbox does not take {what}; it takes {', '.join(sorted(_SETTINGS))}.",
                pytrace=False,
            )
        settings.update(marker.kwargs)
    return settings


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    outcome: Any = yield
    report = outcome.get_result()
    account = item.stash.get(_ACCOUNT, None)
    if account is None or report.when != "call":
        return
    if report.passed and not hasattr(report, "wasxfail"):
        try:
            left = _left_over(account, _settings(item))
        except ControlError as error:
            left = f"Whether everything was used cannot be told: {error}"
        if left:
            report.outcome = "failed"
            report.longrepr = left
    if report.failed:
        try:
            requests = "\n".join(map(str, account.requests(limit=50))) or "none came"
        except ControlError as error:
            requests = str(error)
        report.sections.append(("fake-dropbox requests", requests))


def _left_over(account: Account, settings: Dict[str, Any]) -> str:
    """What a test asked for and never met, in sentences; nothing if all is well."""
    lines: List[str] = []
    for link in account.links:
        if link.failure == "unused" and not link.expected:
            lines.append(f"A link was requested and never used: {link.path}")
    if not settings.get("unfired_faults"):
        for fault in account.unfired_faults:
            lines.append(f"A fault never fired: {_fault_text(fault)}")
    if lines:
        lines.append(
            "If this is meant, mark the test with @pytest.mark.dropbox(unused_links=True) "
            "or (unfired_faults=True)."
        )
    return "\n".join(lines)


def _fault_text(fault: Any) -> str:
    rule = fault["rule"]
    conditions = ", ".join(f"{name} {value}" for name, value in rule["match"].items() if value)
    return f"{rule['action']} at {rule['phase']}, for {conditions or 'any request'}"


# What was asked for and is not faked, told at the end; workers of pytest-xdist hand it over.


def pytest_sessionfinish(session: pytest.Session) -> None:
    output: Optional[Dict[str, Any]] = getattr(session.config, "workeroutput", None)
    if output is not None:
        not_faked = session.config.stash[_NOT_FAKED]
        output["fake_dropbox_not_faked"] = list(not_faked)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    told = getattr(node, "workeroutput", {}).get("fake_dropbox_not_faked", [])
    node.config.stash[_NOT_FAKED].update(map(str, told))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    not_faked = config.stash[_NOT_FAKED]
    if not_faked:
        terminalreporter.section("fake-dropbox: routes that are not faked")
        for route in sorted(not_faked):
            terminalreporter.write_line(f"{route} (answered 501, nothing was done)")
