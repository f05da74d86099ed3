"""A Dropbox on localhost for tests.

    import fake_dropbox

    with fake_dropbox.serve() as server:
        dropbox = server.account()
        ...  # your program talks to server.url with the token dropbox.token
        assert dropbox["/in/a.txt"] == b"hello"

With pytest there is nothing to start: ask for the fixture ``dropbox``.
"""

from ._account import Account, AsyncWaits, Clock, Fault, File, Link, Request
from ._controls import ControlError, NotFound
from ._server import Server, ServerError, serve

__all__ = [
    "Account",
    "AsyncWaits",
    "Clock",
    "ControlError",
    "Fault",
    "File",
    "Link",
    "NotFound",
    "Request",
    "Server",
    "ServerError",
    "serve",
]
