"""An account on the fake: its files, links, requests, clock and faults."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import datetime
from typing import Any, Dict, Iterator, List, Mapping, Optional, Union

from ._controls import ControlError, Controls, NotFound

#: What a fault does: the name of one, a status, or the JSON of the controls.
Action = Union[str, int, Mapping[str, Any]]

_CONNECTION = frozenset({"reset", "close", "stall"})
_STATUSES: Mapping[int, Any] = {
    413: "payload_too_large",
    500: "internal_error",
    502: "bad_gateway",
    503: "unavailable",
}


@dataclasses.dataclass(frozen=True)
class File:
    """What is known of a file or, where ``size`` is ``None``, of a folder."""

    path: str
    id: str
    size: Optional[int] = None
    rev: Optional[str] = None
    content_hash: Optional[str] = None

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return self.size is None


@dataclasses.dataclass(frozen=True)
class Link:
    """A temporary upload link.

    ``state`` is fresh, in_flight, locked, consumed or expired; ``remaining`` is in seconds.
    ``failure`` is how it ended without a file: unused, expired or refused; ``expected`` says that
    ``expect_links`` announced it.
    """

    name: str
    path: str
    state: str
    remaining: float
    failure: Optional[str]
    expected: bool
    _controls: Controls = dataclasses.field(repr=False, compare=False)

    def expire(self) -> None:
        """Ends its time now; the clock and other links stay as they are."""
        self._controls.call("POST", "/links/expire", {"link": self.name})


@dataclasses.dataclass(frozen=True)
class Request:
    """A request that came, as the journal has it. ``entry`` is all of it."""

    method: str
    route: str
    path: Optional[str]
    status: Optional[int]
    rules: List[str]
    note: Optional[str]
    entry: Mapping[str, Any] = dataclasses.field(repr=False, compare=False)

    def __str__(self) -> str:
        parts = [str(self.status or "---"), self.method, self.route]
        if self.path:
            parts.append(self.path)
        if self.note:
            parts.append(f"({self.note})")
        elif self.rules and (self.status or 0) >= 400:
            parts.append(f"({', '.join(self.rules)})")
        if self.entry.get("fault") is not None:
            parts.append("[a fault was injected]")
        if self.entry.get("outcome") not in (None, "answered"):
            parts.append(f"[{str(self.entry['outcome']).replace('_', ' ')}]")
        return " ".join(parts)


class Clock:
    """The clock that links, tokens and timestamps follow."""

    def __init__(self, controls: Controls) -> None:
        self._controls = controls

    @property
    def now(self) -> datetime.datetime:
        """The time, in UTC."""
        text = str(self._controls.call("GET", "/clock")["now"])
        return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))

    @property
    def frozen(self) -> bool:
        """Whether it stands still."""
        return bool(self._controls.call("GET", "/clock")["frozen"])

    def advance(
        self,
        by: Optional[datetime.timedelta] = None,
        *,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
        milliseconds: float = 0,
    ) -> None:
        """Moves the clock ahead. All that is given adds up."""
        span = datetime.timedelta(
            hours=hours, minutes=minutes, seconds=seconds, milliseconds=milliseconds
        )
        span += by or datetime.timedelta()
        if span < datetime.timedelta():
            raise ValueError("advance() goes forward; set() puts the clock to any time")
        micros = span // datetime.timedelta(microseconds=1)
        self._controls.call("POST", "/clock/advance", {"microseconds": micros})

    def freeze(self, at: Optional[datetime.datetime] = None) -> None:
        """Stops it, where it is or at a point in time."""
        self._controls.call("POST", "/clock/freeze", {"at": _moment(at)} if at else {})

    def set(self, to: datetime.datetime) -> None:
        """Sets it. It goes on from there, or stays there if it is frozen."""
        self._controls.call("POST", "/clock/set", {"to": _moment(to)})

    def resume(self) -> None:
        """Lets a frozen clock go on from where it stands."""
        self._controls.call("POST", "/clock/resume")

    def reset(self) -> None:
        """Puts it back."""
        self._controls.call("POST", "/clock/reset")


class Fault:
    """A fault that was asked for."""

    def __init__(self, controls: Controls, status: Mapping[str, Any]) -> None:
        self._controls = controls
        self.id = int(status["id"])
        self.rule: Mapping[str, Any] = status["rule"]

    @property
    def fired(self) -> int:
        """How often it acted."""
        for fault in self._controls.call("GET", "/faults")["faults"]:
            if fault["id"] == self.id:
                return int(fault["fired"])
        raise NotFound(f"fault {self.id} was removed")

    def remove(self) -> None:
        """Takes it back."""
        self._controls.call("DELETE", "/faults", query={"id": self.id})


class Account:
    """One account, which nobody else's token reaches.

    ``account["/in/a.txt"]`` is the bytes of a file; assigning writes one, ``del`` deletes, and
    ``in`` asks whether a file is there.
    """

    def __init__(self, url: str, token: str, control_token: Optional[str] = None) -> None:
        self.url = url
        self.token = token
        self.controls = Controls(url, token, control_token)
        self.clock = Clock(self.controls)
        self.aio = AsyncWaits(self)

    # Files

    def __getitem__(self, path: str) -> bytes:
        return self.controls.raw("GET", "/files/content", query={"path": path})

    def __setitem__(self, path: str, content: Union[bytes, str]) -> None:
        data = content.encode() if isinstance(content, str) else bytes(content)
        self.controls.raw("PUT", "/files/content", data, query={"path": path})

    def __delitem__(self, path: str) -> None:
        self.controls.call("DELETE", "/file", query={"path": path})

    def __contains__(self, path: object) -> bool:
        try:
            self.controls.call("GET", "/file", query={"path": path})
        except NotFound:
            return False
        return True

    def __iter__(self) -> Iterator[str]:
        """The paths of all files, in alphabetical order."""
        return (file.path for file in self.files() if not file.is_folder)

    def file(self, path: str) -> File:
        """What is known of a file or folder. Raises ``NotFound``."""
        return _file(self.controls.call("GET", "/file", query={"path": path}))

    def files(self, folder: str = "") -> List[File]:
        """Everything in a folder and below it."""
        found: List[File] = []
        query: Dict[str, Any] = {"path": folder, "recursive": True}
        while True:
            page = self.controls.call("GET", "/files", query=query)
            found += [_file(entry) for entry in page["entries"]]
            if not page["more"]:
                return found
            query["after"] = found[-1].path

    def seed(self, files: Mapping[str, Union[bytes, str, None]]) -> None:
        """Puts files into the account in one step, without requests; ``None`` makes a folder."""
        entries: List[Dict[str, Any]] = []
        for path, content in files.items():
            if content is None:
                entries.append({"folder": path})
                continue
            data = content.encode() if isinstance(content, str) else bytes(content)
            encoded = base64.b64encode(data).decode()
            entries.append({"file": {"path": path, "base64": encoded}})
        self.controls.call("POST", "/files/seed", {"entries": entries})

    def wait_for_file(self, path: str, timeout: float = 10.0) -> bytes:
        """The bytes of a file, once it is there. ``timeout`` is in seconds.

        ``path`` may have ``*`` and ``**``. In vain it raises ``ControlError``, whose text says
        what came instead.
        """
        body = {"path": path, "timeout_milliseconds": round(timeout * 1000)}
        found = self.controls.call("POST", "/files/wait", body, wait=timeout)
        return self[str(found["path"])]

    # Links and requests

    @property
    def links(self) -> List[Link]:
        """The upload links, the latest first, at most 10,000."""
        links = self.controls.call("GET", "/links", query={"limit": 10_000})["links"]
        return [
            Link(
                link["link"],
                link["path"],
                link["state"],
                link["remaining_seconds"],
                link.get("failure"),
                link["expected"],
                self.controls,
            )
            for link in links
        ]

    def expect_links(self, failure: str, path: Optional[str] = None) -> None:
        """Says that links may end ``unused``, ``expired`` or ``refused``, because the test means it.

        Only links to ``path``, or all of the account.
        """
        argument = {"failure": failure} if path is None else {"failure": failure, "path": path}
        self.controls.call("POST", "/links/expect", argument)

    def requests(self, **conditions: Any) -> List[Request]:
        """The requests that came, the oldest first.

        ``conditions`` are those of the journal: ``route``, ``path``, ``status``, ``method``,
        ``link``, ``outcome``, ``faulted``, ``since``, ``limit``.
        """
        entries = self.controls.call("GET", "/journal", query=conditions)["entries"]
        return [_request(entry) for entry in entries]

    def wait_for_request(self, timeout: float = 10.0, **conditions: Any) -> Request:
        """The first request that meets these conditions, once it came."""
        body = {"for": conditions, "timeout_milliseconds": round(timeout * 1000)}
        return _request(self.controls.call("POST", "/journal/wait", body, wait=timeout))

    # Faults

    def fail(
        self,
        route: Optional[str] = None,
        status: Optional[int] = None,
        *,
        head: Optional[Action] = None,
        body: Optional[Action] = None,
        before_commit: Optional[Action] = None,
        after_commit: Optional[Action] = None,
        answer: Optional[Action] = None,
        after_bytes: int = 0,
        retry_after: Optional[int] = None,
        path: Optional[str] = None,
        nth: Optional[int] = None,
        times: Union[int, str] = 1,
    ) -> Fault:
        """Makes requests of this account fail.

        ``route`` is ``"upload_link"`` for the upload through a link, or a route such as
        ``"files/get_temporary_upload_link"``. ``status`` answers with that status before anything
        happens. Otherwise name the moment: ``head``, ``body`` (once ``after_bytes`` arrived),
        ``before_commit``, ``after_commit`` (the file is stored, the answer is lost) or ``answer``.
        Its value is ``"reset"``, ``"close"``, ``"stall"``, a status, the name of an answer such as
        ``"unavailable"``, or JSON such as ``{"delay": {"milliseconds": 50}}``.
        ``times`` is a number or ``"unlimited"``.
        """
        moments: Dict[str, Optional[Action]] = {
            "head": head,
            "body": body,
            "before_commit": before_commit,
            "after_commit": after_commit,
            "answer": answer,
        }
        chosen = [(name, action) for name, action in moments.items() if action is not None]
        if status is not None:
            chosen.append(("head", status))
        if len(chosen) != 1:
            raise ValueError(
                "say one moment at which it fails, as in fail('upload_link', after_commit='reset'),"
                " or a status, as in fail('files/get_metadata', 503)"
            )
        moment, action = chosen[0]
        if after_bytes and moment != "body":
            raise ValueError("after_bytes belongs to body, as in fail(body='reset', after_bytes=9)")
        phase: Any = {"body": {"after_bytes": after_bytes}} if moment == "body" else moment
        conditions = {"route": route, "path": path, "nth": nth}
        rule = {
            "match": {name: value for name, value in conditions.items() if value is not None},
            "phase": phase,
            "action": _action(action, retry_after),
            "times": times,
        }
        return Fault(self.controls, self.controls.call("POST", "/faults", rule))

    @property
    def unfired_faults(self) -> List[Mapping[str, Any]]:
        """The faults that never triggered, as the controls tell of them."""
        faults = self.controls.call("GET", "/faults", query={"unfired": True})["faults"]
        return list(faults)

    # State

    @property
    def quota(self) -> int:
        """Bytes that the account may hold."""
        return int(self.controls.call("GET", "/account")["quota"])

    @quota.setter
    def quota(self, size: int) -> None:
        self.controls.call("PUT", "/quota", {"bytes": size})

    def refuse_writes(self, path: str, error: str = "no_write_permission") -> None:
        """Refuses every write in a folder with one of Dropbox's errors."""
        self.controls.call("POST", "/refused_writes", {"path": path, "error": error})

    def allow_writes(self, path: str) -> None:
        """Takes ``refuse_writes`` back."""
        self.controls.call("DELETE", "/refused_writes", query={"path": path})

    def assume(self, **assumptions: Any) -> None:
        """Answers open questions otherwise, as in ``assume(failed_commit="frees")``."""
        self.controls.call("POST", "/assumptions", assumptions)

    def save(self, name: str) -> None:
        """Saves files, links, sessions and settings under a name."""
        self.controls.call("POST", "/snapshots", {"name": name})

    def restore(self, name: str) -> None:
        """Puts the account back to what was saved."""
        self.controls.call("POST", "/snapshots/restore", {"name": name})

    def reset(self) -> None:
        """Empties the account."""
        self.controls.call("POST", "/reset")

    def __repr__(self) -> str:
        return f"<account at {self.url}>"


class AsyncWaits:
    """The calls that wait, for code that shares an event loop with the program under test."""

    def __init__(self, account: Account) -> None:
        self._account = account

    async def wait_for_file(self, path: str, timeout: float = 10.0) -> bytes:
        """Like ``Account.wait_for_file``."""
        return await asyncio.to_thread(self._account.wait_for_file, path, timeout)

    async def wait_for_request(self, timeout: float = 10.0, **conditions: Any) -> Request:
        """Like ``Account.wait_for_request``."""
        return await asyncio.to_thread(self._account.wait_for_request, timeout, **conditions)


def _action(action: Action, retry_after: Optional[int]) -> Any:
    if isinstance(action, bool) or not isinstance(action, (str, int, Mapping)):
        raise TypeError(f"{action!r} is no fault: give a name, a status or a mapping")
    if isinstance(action, int):
        if action == 429:
            seconds = {} if retry_after is None else {"retry_after": retry_after}
            return {"answer": {"too_many_requests": seconds}}
        if retry_after is not None:
            raise ValueError("retry_after belongs to the status 429")
        return {"answer": _STATUSES.get(action, {"custom": {"status": action}})}
    if isinstance(action, str):
        return action if action in _CONNECTION else {"answer": action}
    return dict(action)


def _file(entry: Mapping[str, Any]) -> File:
    content = entry.get("file") or {}
    return File(
        entry["path"],
        entry["id"],
        content.get("size"),
        content.get("rev"),
        content.get("content_hash"),
    )


def _request(entry: Mapping[str, Any]) -> Request:
    return Request(
        entry["method"],
        str(entry["route"]).replace("/2/", "", 1),
        entry.get("path"),
        entry.get("status"),
        list(entry.get("rules", [])),
        entry.get("note"),
        entry,
    )


def _moment(time: datetime.datetime) -> str:
    if time.tzinfo is None:
        raise ValueError("the time has no zone: give it one, such as datetime.timezone.utc")
    return time.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


__all__ = ["Account", "AsyncWaits", "Clock", "ControlError", "Fault", "File", "Link", "Request"]
