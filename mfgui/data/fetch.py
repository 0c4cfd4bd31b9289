"""One request over the network that can be given up at any moment.

A thread of its own opens the connection and puts what comes on a short queue; whoever waits for
it looks at Cancel ten times a second. Finding the address, connecting and shaking hands block
inside the system and cannot be broken off otherwise; a socket that has timed out once cannot be
read any further through `http.client`, so that short timeouts with another try are no way either.
Giving up shuts the socket down, which wakes the thread.
"""

from __future__ import annotations

import contextlib
import http.client
import queue
import socket
import ssl
import threading
import time
import urllib.error
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any

from mfgui.core.control import Control
from mfgui.data.web import Head, RangeError, check_url, head_of, host_of, open_address, plain
from mfgui.errors import DataError

CHUNK = 256 * 1024
LOOK_S = 0.1  # how often Cancel is looked at
MIN_STEP = 4096  # fewer bytes than this do not count as an answer: a trickle is a stall


class BrokenOffError(Exception):
    """The connection ended before its time; another try may go on from there."""


class _GivenUpError(Exception):
    """Nobody waits any more."""


class Line:
    """A request under way; a context manager that leaves no open connection.

    Parameters
    ----------
    url : str
    headers : mapping
    control : Control
        Looked at while waiting.
    patience_s : float
        So long a server may be silent.

    Raises
    ------
    DataError
        In one sentence, if there is no answer, or one that is of no use.
    BrokenOffError
        If the connection ends before its time.
    RangeError
        If the server has no such range (416).
    CancelledError
        If the control was stopped.
    """

    def __init__(
        self, url: str, headers: Mapping[str, str], control: Control, patience_s: float
    ) -> None:
        check_url(url)
        self._url, self._headers = url, dict(headers)
        self._control, self._patience_s = control, patience_s
        self._queue: queue.Queue[Any] = queue.Queue(maxsize=8)
        self._is_given_up = threading.Event()
        self._socket: socket.socket | None = None
        self._thread = threading.Thread(target=self._work, name="mfgui-fetch", daemon=True)
        self._heard_at, self._n_heard = time.monotonic(), 0

    def __enter__(self) -> Line:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_given_up.set()
        self._shut_down()
        self._thread.join(0.2)  # it can hang in the system's address book: then it ends by itself

    # -- the side that waits ------------------------------------------------------------------

    def head(self) -> Head:
        """Return what the server says first."""
        head: Head = self._next()
        return head

    def chunks(self) -> Iterator[bytes]:
        """Yield what the server sends."""
        while (chunk := self._next()) is not None:
            yield chunk

    def _next(self) -> Any:
        """Return the next thing on the queue; raise what the thread met."""
        while True:
            self._control.checkpoint()
            with contextlib.suppress(queue.Empty):
                item = self._queue.get(timeout=LOOK_S)
                if isinstance(item, BaseException):
                    raise self._told(item)
                self._note(item)
                return item
            self._check_patience()

    def _note(self, item: Any) -> None:
        """Count what came; only so much of it restarts the clock."""
        self._n_heard += len(item) if isinstance(item, bytes) else MIN_STEP
        if self._n_heard >= MIN_STEP:
            self._heard_at, self._n_heard = time.monotonic(), 0
        elif self._queue.empty():
            self._check_patience()

    def _check_patience(self) -> None:
        if time.monotonic() - self._heard_at > self._patience_s:
            raise DataError(
                f"{host_of(self._url)} has sent nothing for {self._patience_s:.0f} seconds: try "
                "again later; what has come is kept, and the download goes on from there.")

    def _told(self, error: BaseException) -> BaseException:
        """Return what the person is told, or the error itself where it is a bug."""
        if isinstance(error, urllib.error.URLError) and isinstance(error.reason, Exception):
            error = error.reason
        if isinstance(error, (DataError, BrokenOffError, RangeError)):
            return error
        host = host_of(self._url)
        if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
            return DataError(
                f"The connection to {host} is not secure ({_reason(error)}), so that nothing was "
                "downloaded: see whether this computer's clock is right, or try another network.")
        if isinstance(error, socket.gaierror):
            return DataError(
                f"{host} cannot be found: see whether this computer is connected to the internet, "
                "then try again.")
        if isinstance(error, (OSError, http.client.HTTPException)):
            return BrokenOffError(_reason(error))
        return error

    # -- the thread ---------------------------------------------------------------------------

    def _work(self) -> None:
        """Open, and hand on what comes until the end or until it is given up."""
        try:
            with open_address(self._url, self._headers, self._keep,
                              self._patience_s + 5) as response:
                self._put(head_of(response))
                while chunk := response.read1(CHUNK):
                    self._put(chunk)
            self._put(None)
        except _GivenUpError:
            return
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            with contextlib.suppress(_GivenUpError):
                self._put(error)
        finally:
            self._socket = None

    def _put(self, item: Any) -> None:
        while not self._is_given_up.is_set():
            with contextlib.suppress(queue.Full):
                self._queue.put(item, timeout=LOOK_S)
                return
        raise _GivenUpError

    def _keep(self, connected: socket.socket) -> None:
        self._socket = connected
        if self._is_given_up.is_set():
            self._shut_down()

    def _shut_down(self) -> None:
        """Wake a thread that waits for the server."""
        connected = self._socket
        if connected is not None:
            with contextlib.suppress(OSError):
                # Not the TLS socket's own method, which pulls its object from under the reader.
                socket.socket.shutdown(connected, socket.SHUT_RDWR)


def _reason(error: Exception) -> str:
    """Return what an error says, in a few words."""
    text = getattr(error, "verify_message", "") or getattr(error, "strerror", None) or str(error)
    return plain(str(text))[:120].rstrip(".").lower() or type(error).__name__
