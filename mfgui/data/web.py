"""Opening an address: TLS only, a few redirects, and what the answer's first lines say.

Plain HTTP is spoken only with this computer itself (127.0.0.1), as the tests do. Redirects are
followed here and never to another scheme: the standard handler reads their bodies without bound
and would follow to FTP.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mfgui import __version__
from mfgui.errors import DataError

MAX_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_LOCAL = ("127.0.0.1", "localhost", "::1")


class RangeError(Exception):
    """The server has no such range of bytes."""


@dataclass(frozen=True)
class Head:
    """What a server says before it sends.

    Parameters
    ----------
    is_rest : bool
        Whether only the rest that was asked for comes (206), not the whole (200).
    start, total : int or None
        The first byte that comes, and the size of the whole where it is told.
    validator : str
        What names this state of the file, for ``If-Range``; "" where there is nothing strong.
    """

    is_rest: bool
    start: int | None
    total: int | None
    validator: str


def open_address(
    url: str, headers: Mapping[str, str], keep: Callable[[socket.socket], None], timeout_s: float
) -> Any:
    """Open the address, or the one that it points to, and so on, a few times.

    Parameters
    ----------
    keep : callable
        Told each connected socket, so that another thread can shut it down.

    Raises
    ------
    DataError
        If the server refuses, or points elsewhere or in circles.
    RangeError
        If it has no such range.
    OSError, http.client.HTTPException
        If the connection fails.
    """
    opener, first = _opener(keep), url
    headers = {"User-Agent": f"mfgui/{__version__}", **headers}
    for _ in range(MAX_REDIRECTS + 1):
        check_url(url)
        request = urllib.request.Request(url, headers=headers)
        try:
            return opener.open(request, timeout=timeout_s)
        except urllib.error.HTTPError as error:
            with error:
                if error.code not in _REDIRECTS:
                    raise _refusal(error.code, url) from None
                url = _followed(url, error.headers.get("Location") or "")
    raise DataError(
        f"{host_of(first)} sends the download in circles: try again later, or get the file by "
        "hand and open it.")


def check_url(url: str) -> None:
    """Refuse what is not TLS, unless it is this computer itself.

    Raises
    ------
    DataError
        If the scheme is another one.
    """
    parts = urllib.parse.urlsplit(url)
    is_local = parts.scheme == "http" and parts.hostname in _LOCAL
    if not parts.hostname or (parts.scheme != "https" and not is_local):
        raise DataError(
            f"{plain(url)[:200]} is not a secure address: only https is used for downloads.")


def plain(text: str) -> str:
    """Return text from elsewhere as one line without signs that nobody sees."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def host_of(url: str) -> str:
    """Return the server's name."""
    return urllib.parse.urlsplit(url).hostname or "the server"


def _followed(url: str, location: str) -> str:
    """Return the address that a redirect points to."""
    target = urllib.parse.urljoin(url, location)
    if not location or urllib.parse.urlsplit(target).scheme != urllib.parse.urlsplit(url).scheme:
        raise DataError(
            f"{host_of(url)} sends the download to another kind of address "
            f"({plain(location)[:100]}), which is not followed: try again later, or from another "
            "network.")
    return target


def _refusal(code: int, url: str) -> Exception:
    """Return what an error status means to people."""
    if code == 416:
        return RangeError()
    name = http.client.responses.get(code, "an error")
    if code in (404, 410):
        return DataError(
            f"{host_of(url)} does not have {url.rpartition('/')[2]} any more ({code} {name}): "
            "look for it on the page of the data set, and open the file by hand.")
    return DataError(
        f"{host_of(url)} refuses the download ({code} {name}): try again later, or get the file "
        "by hand and open it.")


def head_of(response: Any) -> Head:
    """Return what the answer's first lines say."""
    headers = response.headers
    etag = headers.get("ETag") or ""
    validator = etag if etag.startswith('"') else headers.get("Last-Modified") or ""
    if response.status == 206:
        match = re.match(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18}|\*)$",
                         headers.get("Content-Range") or "")
        start = int(match[1]) if match else None
        total = int(match[2]) if match and match[2] != "*" else None
        return Head(True, start, total, validator)
    return Head(False, 0, response.length, validator)


def _opener(keep: Callable[[socket.socket], None]) -> urllib.request.OpenerDirector:
    """Return an opener that speaks HTTP and HTTPS only, and tells each socket to ``keep``."""

    class Plain(http.client.HTTPConnection):
        def connect(self) -> None:
            super().connect()
            keep(self.sock)

    class Secure(http.client.HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            keep(self.sock)

    class PlainHandler(urllib.request.HTTPHandler):
        def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
            return self.do_open(Plain, req)

    class SecureHandler(urllib.request.HTTPSHandler):
        def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
            return self.do_open(Secure, req, context=ssl.create_default_context())

    opener = urllib.request.OpenerDirector()
    for handler in (urllib.request.ProxyHandler(), PlainHandler(), SecureHandler(),
                    urllib.request.HTTPDefaultErrorHandler(),
                    urllib.request.HTTPErrorProcessor()):
        opener.add_handler(handler)
    return opener
