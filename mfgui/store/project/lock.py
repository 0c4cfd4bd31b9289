"""One process at a time: a file beside the project that is locked while it is open.

The system lets go of the lock when the process ends, however it ends: a file left behind by one
that was killed is taken over.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
from pathlib import Path

from mfgui.errors import HeldError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_OWN: set[str] = set()  # what this process holds
_OWN_LOCK = threading.Lock()
_LONGEST = 4096


class ProjectLock:
    """The lock of a project, from construction to ``release``.

    Parameters
    ----------
    path : Path
        The project's real place.

    Raises
    ------
    HeldError
        If somebody has it.
    OSError
        If the lock file cannot be made, as where nothing may be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = lock_path(path)
        self._key = str(path)
        with _OWN_LOCK:
            if self._key in _OWN:
                raise _held(path, "this very program")
            _OWN.add(self._key)
        try:
            self._handle = self._take(path)
        except BaseException:
            self._forget()
            raise

    def _take(self, path: Path) -> int:
        """Return the handle of the locked file."""
        while True:
            handle = os.open(
                self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
            try:
                if not _try_lock(handle):
                    raise _held(path, _holder(handle))
                # One that was just let go of may have been removed: its lock would keep nobody out.
                if _is_same(handle, self._path):
                    _write_holder(handle)
                    return handle
            except BaseException:
                os.close(handle)
                raise
            os.close(handle)

    def release(self) -> None:
        """Let go of the project and remove the file."""
        try:
            if sys.platform == "win32":  # what is open cannot be removed there
                os.close(self._handle)
                self._path.unlink(missing_ok=True)
            else:
                if _is_same(self._handle, self._path):
                    self._path.unlink(missing_ok=True)
                os.close(self._handle)
        except OSError:
            return  # the place is gone or may no longer be written; an unlocked file does no harm
        finally:
            self._forget()

    def _forget(self) -> None:
        with _OWN_LOCK:
            _OWN.discard(self._key)


def lock_path(path: Path) -> Path:
    """Return where the lock of a project lies."""
    return path.with_name(path.name + ".lock")


def is_own(path: Path) -> bool:
    """Return whether this process has the project open for writing."""
    with _OWN_LOCK:
        return str(path) in _OWN


def holder_of(path: Path) -> str:
    """Return who has a project open, for people; "" where nobody has."""
    if is_own(path):
        return "this very program"
    try:
        handle = os.open(lock_path(path), os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    except PermissionError:
        return _holder_to_read(path)
    except OSError:
        return ""
    try:
        return "" if _try_lock(handle) else _holder(handle)
    finally:
        os.close(handle)


def _holder_to_read(path: Path) -> str:
    """Return who holds a lock that may be looked at only."""
    try:
        handle = os.open(lock_path(path), os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return ""
    try:
        return "" if _try_lock(handle) else _holder(handle)
    finally:
        os.close(handle)


def _held(path: Path, holder: str) -> HeldError:
    return HeldError(
        f"{path.name} is open in {holder}: close it there, open it read-only, or open a copy.",
        holder)


def _try_lock(handle: int) -> bool:
    """Lock a file unless somebody else has; whether it was possible."""
    if sys.platform == "win32":
        os.lseek(handle, 1 << 20, os.SEEK_SET)  # behind the text, which others shall read
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_same(handle: int, path: Path) -> bool:
    """Return whether an open file is the one that lies there now."""
    try:
        return os.path.samestat(os.fstat(handle), os.stat(path, follow_symlinks=False))
    except OSError:
        return False


def _write_holder(handle: int) -> None:
    text = json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": time.time()})
    os.ftruncate(handle, 0)
    os.lseek(handle, 0, os.SEEK_SET)
    try:
        os.write(handle, text.encode())
    except OSError:
        return  # a full disk: the lock holds without the text


def _holder(handle: int) -> str:
    """Return who wrote a lock file, for people."""
    os.lseek(handle, 0, os.SEEK_SET)
    try:
        entry = json.loads(os.read(handle, _LONGEST))
        since = time.localtime(float(entry["since"]))
        pid, host = int(entry["pid"]), str(entry["host"])[:60]
    except (ValueError, KeyError, TypeError, OSError, OverflowError):
        return "another process"
    host = "".join(sign if sign.isprintable() else "?" for sign in host)
    form = "%H:%M" if time.strftime("%x", since) == time.strftime("%x") else "%Y-%m-%d %H:%M"
    return f"process {pid} on {host}, since {time.strftime(form, since)}"
