"""Finding the program, starting it, and the environment that leads other programs to it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import threading
import uuid
from pathlib import Path
from typing import IO, Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from ._account import Account, Clock
from ._controls import ControlError, Controls

#: Seconds that a server may take to start.
_START = 30.0

#: The versions of the server that this package works with: from the first, below the second.
SUPPORTED: Tuple[Tuple[int, int], Tuple[int, int]] = ((0, 1), (0, 2))


class ServerError(RuntimeError):
    """The server cannot be found, started or used. The text says why and what to do."""


def find_program() -> str:
    """The path of the program ``fake-dropbox``.

    ``FAKE_DROPBOX_BIN`` wins; then the one that this package brought, then the PATH.
    """
    named = os.environ.get("FAKE_DROPBOX_BIN")
    if named:
        if not os.access(named, os.X_OK) or os.path.isdir(named):
            raise ServerError(f"FAKE_DROPBOX_BIN names {named}, which is not a program.")
        return named
    name = "fake-dropbox" + (sysconfig.get_config_var("EXE") or "")
    user = {"nt": "nt_user", "posix": "posix_user"}.get(os.name, "posix_user")
    if sys.platform == "darwin" and sysconfig.get_config_var("PYTHONFRAMEWORK"):
        user = "osx_framework_user"
    places = [sysconfig.get_path("scripts"), sysconfig.get_path("scripts", scheme=user)]
    # `pip install --target DIR` puts the programs into DIR/bin.
    places.append(str(Path(__file__).resolve().parent.parent / "bin"))
    for place in places:
        path = os.path.join(place, name) if place else ""
        if path and os.access(path, os.X_OK):
            return path
    found = shutil.which("fake-dropbox")
    if found:
        return found
    raise ServerError(
        "The program fake-dropbox is not here: no wheel of this package was built for this "
        "platform. Install it with `cargo install fake-dropbox`, or name it in FAKE_DROPBOX_BIN."
    )


class Server:
    """A running server. Get one with :func:`serve`, or give the URL of one that runs."""

    def __init__(
        self,
        url: str,
        *,
        control_token: Optional[str] = None,
        process: Optional[subprocess.Popen[bytes]] = None,
        log: Optional[IO[bytes]] = None,
    ) -> None:
        self.url = url.rstrip("/")
        self._control_token = control_token
        self._controls = Controls(self.url, None, control_token)
        self._process = process
        self._log = log
        self.version: str = self._check()

    def _check(self) -> str:
        status = self._controls.call("GET", "/status")
        version = str(status.get("version", "")) if isinstance(status, dict) else ""
        parts = re.match(r"(\d+)\.(\d+)", version)
        if not parts:
            raise ServerError(f"What answers at {self.url} is not a fake-dropbox.")
        first, below = SUPPORTED
        if not first <= (int(parts[1]), int(parts[2])) < below:
            raise ServerError(
                f"The server at {self.url} is fake-dropbox {version}; this package works with "
                f"{first[0]}.{first[1]} up to, but not including, {below[0]}.{below[1]}. "
                "Install matching versions."
            )
        return version

    @property
    def clock(self) -> Clock:
        """The clock of all accounts that have none of their own."""
        return Clock(self._controls)

    def account(
        self,
        name: Optional[str] = None,
        *,
        token: Optional[str] = None,
        scopes: Optional[Sequence[str]] = None,
        quota: Optional[int] = None,
        denied: Optional[str] = None,
        assume: Optional[Mapping[str, Any]] = None,
    ) -> Account:
        """A new empty account with a token of its own.

        ``name`` is what requests and failures print for it. ``scopes`` limits the token,
        ``quota`` is in bytes, ``denied`` answers every call with that 403, and ``assume`` sets
        assumptions, the dialect among them: ``assume={"dialect": "2025"}``.
        """
        token = token or f"test-{uuid.uuid4().hex}"
        # One name is one account on the server, and two tests may have the same name.
        unique = f"{name or 'account'}-{uuid.uuid4().hex[:8]}"
        declared: Dict[str, Any] = {"token": token, "account": unique}
        if scopes is not None:
            declared["scopes"] = list(scopes)
        if denied is not None:
            declared["denied"] = denied
        self._controls.call("POST", "/tokens", declared)
        account = Account(self.url, token, self._control_token)
        if quota is not None:
            account.quota = quota
        if assume:
            account.assume(**assume)
        return account

    def environment(self) -> Dict[str, Optional[str]]:
        """The variables that lead other programs here; ``None`` stands for one to remove."""
        asked = subprocess.run(
            [find_program(), "env", "--url", self.url, "--format", "json"],
            capture_output=True,
            check=False,
        )
        if asked.returncode != 0:
            said = asked.stderr.decode("utf-8", "replace").strip()
            raise ServerError(f"The environment for {self.url} cannot be made: {said}")
        variables = json.loads(asked.stdout)
        return {str(name): value for name, value in variables.items()}

    @contextlib.contextmanager
    def led(self) -> Iterator[None]:
        """Sets these variables in this process, and puts back what was there."""
        before: Dict[str, Optional[str]] = {}
        for name, value in self.environment().items():
            before[name] = os.environ.get(name)
            _set(name, value)
        try:
            yield
        finally:
            for name, value in before.items():
                _set(name, value)

    def not_faked(self) -> List[str]:
        """The routes that were asked for and are not faked, by name."""
        return sorted(set(_not_faked(self._controls)))

    @property
    def log(self) -> str:
        """What the server wrote to its log, if it was started here."""
        if self._log is None:
            return ""
        self._log.seek(0)
        return self._log.read().decode("utf-8", "replace")

    def stop(self) -> None:
        """Stops the server, if it was started here. It may be called again."""
        process, self._process = self._process, None
        if process is not None:
            _end(process)
        if self._log is not None:
            self._log.close()
            self._log = None

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<fake-dropbox {self.version} at {self.url}>"


def serve(*arguments: str, timeout: float = _START) -> Server:
    """Starts a server on a free port and returns when it answers.

    ``arguments`` are those of ``fake-dropbox serve``, such as ``"--seed", "7"``. Use it in a
    ``with`` statement, or call ``stop()``. It ends with this process, also if that is killed.
    """
    program = find_program()
    log = tempfile.TemporaryFile()
    command = [program, "serve", "--print-url", "--until-stdin-closes"]
    for option, value in (("--port", "0"), ("--log", "warn")):
        if not any(given == option or given.startswith(option + "=") for given in arguments):
            command += [option, value]
    command += arguments
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
        )
    except OSError as error:
        log.close()
        raise ServerError(f"{program} cannot be started: {error.strerror or error}.") from None
    url = _first_line(process, timeout)
    if not url:
        _end(process)
        log.seek(0)
        said = log.read().decode("utf-8", "replace").strip()
        log.close()
        raise ServerError(
            f"fake-dropbox did not start (exit code {process.returncode})"
            + (f": {said}" if said else f" within {timeout:g} s.")
        )
    try:
        return Server(url, process=process, log=log, control_token=_given_control_token(arguments))
    except (ControlError, ServerError):
        _end(process)
        log.close()
        raise


def _given_control_token(arguments: Sequence[str]) -> Optional[str]:
    for at, argument in enumerate(arguments):
        if argument.startswith("--control-token="):
            return argument.split("=", 1)[1]
        if argument == "--control-token" and at + 1 < len(arguments):
            return arguments[at + 1]
    return os.environ.get("FAKE_DROPBOX_CONTROL_TOKEN")


def _first_line(process: subprocess.Popen[bytes], timeout: float) -> str:
    """The line that the server prints, or nothing if it ends or takes too long."""
    assert process.stdout is not None
    out = process.stdout
    line: List[bytes] = []
    reader = threading.Thread(target=lambda: line.append(out.readline()), daemon=True)
    reader.start()
    reader.join(timeout)
    return line[0].decode("utf-8", "replace").strip() if line else ""


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends it: gently by its standard input, then by a signal, then by a kill."""
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
    for last_resort in (process.terminate, process.kill, None):
        try:
            process.wait(timeout=12)
            break
        except subprocess.TimeoutExpired:
            if last_resort is not None:
                last_resort()
    if process.stdout is not None:
        process.stdout.close()


def _set(name: str, value: Optional[str]) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def _not_faked(controls: Controls) -> Iterator[str]:
    for entry in controls.call("GET", "/journal", query={"status": 501})["entries"]:
        yield str(entry["route"]).replace("/2/", "", 1)
