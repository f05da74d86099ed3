"""One HTTP call to the controls of a server, ``/_fake/v1``."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, Mapping, Optional

# Straight to the server: the variables of the environment lead through it as a proxy.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))

#: Seconds that the server may take for an answer, beyond those that a call waits on purpose.
_PATIENCE = 30.0


class ControlError(Exception):
    """The server refused a control, or cannot be reached. The text says why."""


class NotFound(ControlError, KeyError):
    """What was asked for is not there."""

    def __str__(self) -> str:
        # KeyError would print the representation, with its escapes.
        return str(self.args[0]) if self.args else ""


class Controls:
    """The controls, for one account (with its token) or for all."""

    def __init__(
        self, url: str, token: Optional[str] = None, control_token: Optional[str] = None
    ) -> None:
        self.url = url.rstrip("/")
        self._headers = {}
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token}"
        if control_token is not None:
            self._headers["X-Fake-Dropbox-Control-Token"] = control_token

    def raw(
        self,
        method: str,
        path: str,
        body: Optional[bytes] = None,
        query: Optional[Mapping[str, Any]] = None,
        wait: float = 0.0,
    ) -> bytes:
        """Sends a request and returns the bytes of the answer.

        Raises ``NotFound`` for a 404 and ``ControlError`` for everything else that is no success.
        """
        address = f"{self.url}/_fake/v1{path}"
        given = {key: _text(value) for key, value in (query or {}).items() if value is not None}
        if given:
            address += "?" + urllib.parse.urlencode(given)
        request = urllib.request.Request(address, data=body, method=method, headers=self._headers)
        request.add_header("Content-Type", "application/json")
        try:
            with _OPENER.open(request, timeout=_PATIENCE + wait) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            said = error.read().decode("utf-8", "replace")
            kind = NotFound if error.code == 404 else ControlError
            raise kind(_sentence(said) or f"{method} {path}: {error.code}") from None
        except OSError as error:
            reason = getattr(error, "reason", error)
            raise ControlError(
                f"fake-dropbox at {self.url} does not answer ({reason}); "
                "it has stopped, or the address is wrong"
            ) from None

    def call(
        self,
        method: str,
        path: str,
        body: Optional[Mapping[str, Any]] = None,
        query: Optional[Mapping[str, Any]] = None,
        wait: float = 0.0,
    ) -> Any:
        """Sends JSON and returns JSON."""
        data = None if body is None and method != "POST" else json.dumps(body or {}).encode()
        answer = self.raw(method, path, data, query, wait)
        return json.loads(answer) if answer else None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _sentence(said: str) -> str:
    """The sentence of an error, which comes as problem+json."""
    try:
        return str(json.loads(said)["detail"])
    except (ValueError, KeyError, TypeError):
        return said.strip()
