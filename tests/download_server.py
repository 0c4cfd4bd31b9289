"""A server for the tests of downloads: it offers one small data set, and misbehaves when told to.

Each request takes the next behaviour of ``script``, or behaves well where that is empty.
"""

from __future__ import annotations

import hashlib
import http.server
import io
import threading
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Self

import pytest

from mfgui.data import downloads
from mfgui.data.public_data import PUBLIC_DATA, PublicData

RATINGS = "userId,movieId,rating,timestamp\n" + "".join(
    f"{n},{m},{(n * m) % 5 + 1},{1_000_000 + n * m}\n" for n in range(1, 41) for m in range(1, 31)
    if (n + m) % 3)
TITLES = "movieId,title,genres\n" + "".join(
    f'{m},"Film {m}, The (19{m:02})",Drama\n' for m in range(1, 31))


def packed(files: dict[str, str | bytes]) -> bytes:
    """Return a .zip of the files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


Behaviour = Callable[["DataServer", "Handler"], None]


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers as the server's script says."""

    server: DataServer  # type: ignore[assignment]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Note the request and answer it."""
        server = self.server
        server.requests.append((self.path, dict(self.headers)))
        behave = server.script.pop(0) if server.script else DataServer.well
        self.close_connection = True
        try:
            behave(server, self)
        except OSError:
            server.n_left += 1  # who asked has gone

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def begin(self, status: int, **headers: object) -> None:
        """Send the first lines."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.flush()


class DataServer(http.server.ThreadingHTTPServer):
    """Offers ``/tiny.zip``; see the module."""

    daemon_threads = False
    block_on_close = True

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server_port}"
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.script: list[Behaviour] = []
        self.n_left = 0
        self.released = threading.Event()
        self.stalling = threading.Event()
        self.etag = '"one"'
        self.content = packed({"tiny/ratings.csv": RATINGS, "tiny/movies.csv": TITLES,
                               "tiny/README.txt": "Terms.", "__MACOSX/._x": "x"})
        self.md5_text: str | None = None
        monkeypatch.setattr(downloads, "RETRY_WAIT_S", 0.0)
        self._registry = dict(PUBLIC_DATA)
        self.offer()

    def offer(self, content: bytes | None = None, **changes: Any) -> PublicData:
        """Offer this archive under the right checksum, as the only public data set."""
        self.content = self.content if content is None else content
        entry = PublicData(
            name="tiny", label="Tiny data", summary="Whole stars.", url=f"{self.base}/tiny.zip",
            n_bytes=len(self.content), n_unpacked_bytes=60_000, n_users=40, n_items=30,
            n_ratings=800, top="tiny", ratings="ratings.csv", titles="movies.csv",
            md5=hashlib.md5(self.content).hexdigest(), terms="Be kind.", citation="Somebody, 2026.")
        self.entry = replace(entry, **changes)
        PUBLIC_DATA.clear()
        PUBLIC_DATA["tiny"] = self.entry
        return self.entry

    def then(self, *behaviours: str | Behaviour) -> None:
        """Behave so at the next requests: a method's name, or what `answer` returns."""
        self.script.extend(
            getattr(DataServer, each) if isinstance(each, str) else each for each in behaviours)

    @property
    def ranges(self) -> list[str | None]:
        """The ranges that were asked for."""
        return [headers.get("Range") for _, headers in self.requests]

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        PUBLIC_DATA.clear()
        PUBLIC_DATA.update(self._registry)  # in its order
        self.released.set()
        self.shutdown()
        self.server_close()
        self._thread.join()

    # -- behaviours ---------------------------------------------------------------------------

    def well(self, to: Handler) -> None:
        """Do as a good server does, ranges and conditions included."""
        if to.path.endswith(".md5"):
            text = self.md5_text or f"MD5 (tiny.zip) = {hashlib.md5(self.content).hexdigest()}\n"
            to.begin(200, Content_Length=len(text))
            to.wfile.write(text.encode())
            return
        wanted, condition = to.headers.get("Range"), to.headers.get("If-Range")
        if wanted and condition in (None, self.etag):
            self.rest(to)
            return
        self.whole(to)

    def whole(self, to: Handler) -> None:
        """Send all, whatever was asked for."""
        to.begin(200, Content_Length=len(self.content), ETag=self.etag)
        to.wfile.write(self.content)

    def rest(self, to: Handler) -> None:
        """Send the range, whatever the condition."""
        start = int(to.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        size = len(self.content)
        if start >= size:
            to.begin(416, Content_Range=f"bytes */{size}", Content_Length=0)
            return
        to.begin(206, Content_Length=size - start, ETag=self.etag,
                 Content_Range=f"bytes {start}-{size - 1}/{size}")
        to.wfile.write(self.content[start:])

    def half(self, to: Handler) -> None:
        """Break off in the middle."""
        start = 0
        if to.headers.get("Range"):
            start = int(to.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        left = self.content[start:]
        if start:
            to.begin(206, Content_Length=len(left), ETag=self.etag,
                     Content_Range=f"bytes {start}-{len(self.content) - 1}/{len(self.content)}")
        else:
            to.begin(200, Content_Length=len(left), ETag=self.etag)
        to.wfile.write(left[:len(left) // 2])

    def stall(self, to: Handler) -> None:
        """Send a little, then nothing until the test is over."""
        to.begin(200, Content_Length=len(self.content), ETag=self.etag)
        to.wfile.write(self.content[:500])
        to.wfile.flush()
        self.stalling.set()
        self.released.wait(20)

    def silent(self, _: Handler) -> None:
        """Say nothing at all until the test is over."""
        self.stalling.set()
        self.released.wait(20)

    def trickle(self, to: Handler) -> None:
        """Send a byte now and then, for ever."""
        to.begin(200, Content_Length=len(self.content), ETag=self.etag)
        self.stalling.set()
        for byte in self.content:
            if self.released.wait(0.02):
                return
            to.wfile.write(bytes([byte]))
            to.wfile.flush()

    @staticmethod
    def answer(status: int, body: bytes = b"", **headers: object) -> Behaviour:
        """Return the behaviour that gives this answer."""
        def behave(_server: DataServer, to: Handler) -> None:
            to.begin(status, **{"Content_Length": len(body), **headers})
            to.wfile.write(body)
        return behave

    @staticmethod
    def without_length(blocks: Iterable[bytes]) -> Behaviour:
        """Return the behaviour that sends the blocks and does not say how much it will be."""
        def behave(_server: DataServer, to: Handler) -> None:
            to.begin(200)
            for block in blocks:
                to.wfile.write(block)
        return behave
