"""Public data sets against a server that misbehaves in every way that one can."""

from __future__ import annotations

import contextlib
import errno
import io
import itertools
import json
import os
import shutil
import stat
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from mfgui.core.control import Control
from mfgui.data import downloads, part_file, public_folder, web
from mfgui.data.downloads import bytes_here, cached, data_folder, download
from mfgui.data.public_data import PUBLIC_DATA, bytes_text
from mfgui.errors import CancelledError, DataError, StorageError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "public"


def get(server: Any, folder: Path, **more: Any) -> downloads.CachedData:
    return download(server.entry, folder, Control(), **more)


def refused(server: Any, folder: Path, match: str, **more: Any) -> str:
    """Download, which must end in one sentence; nothing may look whole afterwards."""
    with pytest.raises(DataError, match=match) as caught:
        get(server, folder, **more)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert cached(server.entry, folder) is None
    assert not (folder / "tiny").exists()
    return sentence


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


# -- what goes well ---------------------------------------------------------------------------


def test_a_data_set_is_fetched_checked_and_unpacked(data_server: Any, folder: Path) -> None:
    got = get(data_server, folder)
    assert got.ratings.read_text().startswith("userId,movieId")
    assert got.titles is not None
    assert got.titles.name == "movies.csv"
    assert names(folder / "tiny") == {"ratings.csv", "movies.csv", "README.txt", public_folder.NOTE}
    assert names(folder) == {"tiny", ".tiny.lock"}
    note = json.loads((got.folder / public_folder.NOTE).read_text())
    assert (note["url"], note["md5"]) == (data_server.entry.url, data_server.entry.md5)


def test_what_is_there_is_not_fetched_again(data_server: Any, folder: Path) -> None:
    first = get(data_server, folder)
    assert get(data_server, folder) == first == cached(data_server.entry, folder)
    assert len(data_server.requests) == 1


@pytest.mark.parametrize("harm", [
    lambda place: (place / "ratings.csv").unlink(),
    lambda place: (place / "ratings.csv").write_text("u"),
    lambda place: (place / public_folder.NOTE).write_text("{}"),
    lambda place: (place / public_folder.NOTE).write_text('{"files": {"ratings.csv": []}}'),
    lambda place: (place / public_folder.NOTE).unlink(),
])
def test_a_folder_that_is_not_whole_any_more_is_fetched_anew(
    data_server: Any, folder: Path, harm: Any
) -> None:
    whole = get(data_server, folder).ratings.read_bytes()
    harm(folder / "tiny")
    assert cached(data_server.entry, folder) is None
    assert get(data_server, folder).ratings.read_bytes() == whole
    assert names(folder) == {"tiny", ".tiny.lock"}


def test_a_file_in_the_place_of_the_folder_is_moved_out_of_the_way(
    data_server: Any, folder: Path
) -> None:
    folder.mkdir()
    (folder / "tiny").write_text("")
    get(data_server, folder)
    assert names(folder) == {"tiny", ".tiny.lock"}


def test_progress_rises_to_the_end(data_server: Any, folder: Path) -> None:
    told: list[tuple[str, float | None]] = []

    class Telling(Control):
        def report(self, text: str, fraction: float | None = None) -> None:
            told.append((text, fraction))

    download(data_server.entry, folder, Telling())
    assert told[0][0] == "Downloading Tiny data, 4 KB of 4 KB"
    assert told[-1] == ("Unpacking Tiny data", 1.0)
    shares = [share for _, share in told if share is not None]
    assert len(shares) == len(told)
    assert shares == sorted(shares)


def test_a_redirect_on_the_same_server_is_followed(data_server: Any, folder: Path) -> None:
    data_server.then(data_server.answer(302, Location="/other/tiny.zip"))
    get(data_server, folder)
    assert [path for path, _ in data_server.requests] == ["/tiny.zip", "/other/tiny.zip"]


def test_without_a_fixed_checksum_the_one_beside_the_archive_counts(
    data_server: Any, folder: Path
) -> None:
    data_server.offer(md5="")
    get(data_server, folder)
    assert [path for path, _ in data_server.requests] == ["/tiny.zip.md5", "/tiny.zip"]


@pytest.mark.parametrize("text", ["", "<html>not found</html>", "a" * 31, f"{'a' * 32} {'b' * 32}",
                                  "x" * 10_000])
def test_a_checksum_that_is_none_ends_in_a_sentence(
    data_server: Any, folder: Path, text: str
) -> None:
    data_server.offer(md5="")
    data_server.md5_text = text or "-"
    refused(data_server, folder, "does not tell the checksum")


# -- resuming ---------------------------------------------------------------------------------


def test_a_line_that_breaks_off_is_taken_up_where_it_broke(
    data_server: Any, folder: Path
) -> None:
    data_server.then("half")
    got = get(data_server, folder)
    n_half = len(data_server.content) // 2
    assert data_server.ranges == [None, f"bytes={n_half}-"]
    assert data_server.requests[1][1]["If-Range"] == data_server.etag
    assert got.ratings.stat().st_size > 1000


def test_a_download_given_up_goes_on_in_the_next_try(
    data_server: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "N_TRIES", 1)
    data_server.then("half")
    refused(data_server, folder, "connection .* fails .*goes on from there")
    n_half = len(data_server.content) // 2
    assert bytes_here(data_server.entry, folder) == n_half
    get(data_server, folder)
    assert data_server.ranges[1:] == [f"bytes={n_half}-"]
    assert bytes_here(data_server.entry, folder) == 0


def test_a_server_that_always_breaks_off_is_given_up(data_server: Any, folder: Path) -> None:
    data_server.then(*["half"] * 20)
    refused(data_server, folder, "fails")
    assert len(data_server.requests) == downloads.N_TRIES


def test_a_server_that_knows_no_ranges_sends_all_anew(data_server: Any, folder: Path) -> None:
    data_server.then("half", "whole")
    get(data_server, folder)
    assert data_server.ranges[1] is not None


def test_a_file_that_changed_between_two_tries_comes_anew(data_server: Any, folder: Path) -> None:
    data_server.offer(md5="")

    def change(server: Any, to: Any) -> None:
        server.etag = '"two"'
        server.offer(zip_with({"tiny/ratings.csv": "changed"}), md5="")
        server.well(to)

    data_server.then("well", "half", change)
    refused(data_server, folder, "checksum differs")  # the checksum was of the state before
    assert data_server.requests[2][1]["If-Range"] == '"one"'
    assert not (folder / "tiny.zip.part").exists()
    assert get(data_server, folder).ratings.read_text() == "changed"


def test_a_server_that_joins_two_states_is_caught_by_the_checksum(
    data_server: Any, folder: Path
) -> None:
    good = data_server.content
    entry = data_server.entry

    def other_half(server: Any, to: Any) -> None:
        server.content = bytes(len(good))
        server.rest(to)
        server.content = good

    data_server.then("half", other_half)
    assert get(data_server, folder).ratings.is_file()
    assert data_server.ranges == [None, f"bytes={entry.n_bytes // 2}-", None]


def test_another_range_than_the_one_asked_for_is_not_joined(
    data_server: Any, folder: Path
) -> None:
    data_server.then("half", data_server.answer(206, b"x" * 10, Content_Range="bytes 3-12/999"))
    get(data_server, folder)
    assert data_server.ranges[2] is None


def test_a_range_that_the_server_does_not_have_starts_anew(data_server: Any, folder: Path) -> None:
    data_server.then("half", data_server.answer(416))
    get(data_server, folder)
    assert data_server.ranges[2] is None


def test_a_part_of_another_address_is_not_taken_up(data_server: Any, folder: Path) -> None:
    folder.mkdir()
    (folder / "tiny.zip.part").write_bytes(b"other")
    (folder / "tiny.zip.part.json").write_text('{"url": "https://other", "validator": "x"}')
    get(data_server, folder)
    assert data_server.ranges == [None]


@pytest.mark.parametrize("note", ["", "[]", "{", '{"url": 1}', "[" * 100_000])
def test_a_part_without_a_readable_note_is_not_taken_up(
    data_server: Any, folder: Path, note: str
) -> None:
    folder.mkdir()
    (folder / "tiny.zip.part").write_bytes(b"other")
    (folder / "tiny.zip.part.json").write_text(note)
    get(data_server, folder)
    assert data_server.ranges == [None]


def test_an_archive_that_is_whole_already_is_only_unpacked(
    data_server: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise CancelledError("Stopped.")

    with monkeypatch.context() as patched:
        patched.setattr(downloads, "unpack", fail)
        with pytest.raises(CancelledError):
            get(data_server, folder)
    get(data_server, folder)
    assert len(data_server.requests) == 1


# -- servers that lie -------------------------------------------------------------------------


def test_a_wrong_checksum_keeps_nothing(data_server: Any, folder: Path) -> None:
    data_server.offer(md5="0" * 32)
    refused(data_server, folder, "checksum differs")
    assert names(folder) == {".tiny.lock"}
    assert len(data_server.requests) == 1


@pytest.mark.parametrize("by", [-100, 100, 10**15])
def test_another_length_than_the_published_one_is_refused_at_once(
    data_server: Any, folder: Path, by: int
) -> None:
    data_server.then(data_server.answer(
        200, data_server.content, Content_Length=len(data_server.content) + by))
    refused(data_server, folder, "not the file that was published")
    assert len(data_server.requests) == 1


def test_a_body_without_length_is_bounded(data_server: Any, folder: Path) -> None:
    data_server.then(data_server.without_length(itertools.repeat(b"x" * 1000)))
    refused(data_server, folder, "sends more than")
    assert "tiny.zip.part" not in names(folder)


def test_a_body_without_length_bounds_what_has_no_fixed_checksum(
    data_server: Any, folder: Path
) -> None:
    data_server.offer(md5="")
    data_server.then("well", data_server.without_length(itertools.repeat(b"x" * 1000)))
    refused(data_server, folder, "sends more than")


def test_a_body_without_length_that_is_right_is_taken(data_server: Any, folder: Path) -> None:
    data_server.then(data_server.without_length([data_server.content]))
    get(data_server, folder)


def test_a_body_that_is_longer_than_it_says_is_cut_there(data_server: Any, folder: Path) -> None:
    data_server.then(data_server.answer(
        200, data_server.content + b"more", Content_Length=len(data_server.content)))
    get(data_server, folder)


@pytest.mark.parametrize("status", [404, 410])
def test_a_file_that_is_gone_ends_in_a_sentence(
    data_server: Any, folder: Path, status: int
) -> None:
    data_server.then(data_server.answer(status, b"gone"))
    refused(data_server, folder, "does not have tiny.zip any more")


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503, 999])
def test_a_refusal_ends_in_a_sentence(data_server: Any, folder: Path, status: int) -> None:
    data_server.then(data_server.answer(status))
    refused(data_server, folder, f"refuses the download .{status} ")


def test_an_answer_that_is_no_http_ends_in_a_sentence(data_server: Any, folder: Path) -> None:
    def babble(_server: Any, to: Any) -> None:
        to.wfile.write(b"SSH-2.0-OpenSSH\r\n\r\n")

    data_server.then(*[babble] * 9)
    refused(data_server, folder, "fails")


def test_chunks_that_are_none_end_in_a_sentence(data_server: Any, folder: Path) -> None:
    data_server.then(*[data_server.answer(
        200, b"zz\r\nhello", Transfer_Encoding="chunked")] * 9)
    refused(data_server, folder, "fails")


@pytest.mark.parametrize("location", [
    "ftp://127.0.0.1/tiny.zip", "file:///etc/passwd", "https://127.0.0.1/tiny.zip", "", "data:,x",
])
def test_a_redirect_to_another_scheme_is_not_followed(
    data_server: Any, folder: Path, location: str
) -> None:
    data_server.then(data_server.answer(302, Location=location))
    refused(data_server, folder, "another kind of address")
    assert len(data_server.requests) == 1


def test_a_redirect_to_another_computer_without_tls_is_not_followed(
    data_server: Any, folder: Path
) -> None:
    data_server.then(data_server.answer(301, Location="http://192.0.2.1/tiny.zip"))
    refused(data_server, folder, "not a secure address")


def test_a_redirect_in_circles_ends_in_a_sentence(data_server: Any, folder: Path) -> None:
    data_server.then(*[data_server.answer(307, Location="/tiny.zip")] * 50)
    refused(data_server, folder, "in circles")
    assert len(data_server.requests) == web.MAX_REDIRECTS + 1


@pytest.mark.parametrize("url", [
    "http://files.grouplens.org/x.zip", "ftp://127.0.0.1/x", "file:///etc/passwd", "x", "https://",
    "http://127.0.0.1.example.org/x",
])
def test_only_tls_is_spoken(data_server: Any, folder: Path, url: str) -> None:
    data_server.offer(url=url)
    refused(data_server, folder, "not a secure address")


def test_a_server_that_cannot_be_reached_ends_in_a_sentence(
    data_server: Any, folder: Path
) -> None:
    data_server.shutdown()
    data_server.socket.close()
    refused(data_server, folder, "127.0.0.1 fails")


def test_a_certificate_is_looked_at(data_server: Any, folder: Path) -> None:
    data_server.offer(url=data_server.entry.url.replace("http:", "https:"))
    refused(data_server, folder, "not secure")  # the server speaks no TLS at all


# -- servers that stall, and Cancel -----------------------------------------------------------


@pytest.mark.parametrize("behaviour", ["stall", "silent", "trickle"])
def test_a_server_that_stalls_ends_in_a_sentence(
    data_server: Any, folder: Path, behaviour: str
) -> None:
    data_server.then(behaviour)
    refused(data_server, folder, "has sent nothing for", patience_s=0.3)


@pytest.mark.parametrize("behaviour", ["stall", "silent", "trickle"])
def test_cancel_is_obeyed_while_the_server_stalls(
    data_server: Any, folder: Path, behaviour: str
) -> None:
    data_server.then(behaviour)
    control = Control()
    stopped_at: list[float] = []

    def stop() -> None:
        assert data_server.stalling.wait(10)
        stopped_at.append(time.monotonic())
        control.stop()

    thread = threading.Thread(target=stop)
    thread.start()
    with pytest.raises(CancelledError):
        download(data_server.entry, folder, control, patience_s=30)
    thread.join()
    assert time.monotonic() - stopped_at[0] < 0.5
    assert cached(data_server.entry, folder) is None


def test_cancel_is_obeyed_while_waiting_for_another_try(
    data_server: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "RETRY_WAIT_S", 30.0)
    control = Control()

    def break_off_and_stop(_server: Any, _to: Any) -> None:
        control.stop()

    data_server.then(break_off_and_stop)
    began = time.monotonic()
    with pytest.raises(CancelledError):
        download(data_server.entry, folder, control)
    assert time.monotonic() - began < 2


def test_a_job_stopped_before_it_begins_asks_nobody(data_server: Any, folder: Path) -> None:
    control = Control()
    control.stop()
    with pytest.raises(CancelledError):
        download(data_server.entry, folder, control)


def test_cancel_while_unpacking_leaves_nothing_that_looks_whole(
    data_server: Any, folder: Path
) -> None:
    class Stopping(Control):
        def report(self, text: str, fraction: float | None = None) -> None:
            if text.startswith("Unpacking"):
                self.stop()

    with pytest.raises(CancelledError):
        download(data_server.entry, folder, Stopping())
    assert names(folder) == {"tiny.zip.part", "tiny.zip.part.json", ".tiny.lock"}


# -- the disk ---------------------------------------------------------------------------------


def test_too_little_room_is_told_before_anything_is_fetched(
    data_server: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 9, 1000))
    with pytest.raises(StorageError, match=r"needs .* of room in .*, but only 1 KB are free"):
        get(data_server, folder)
    assert not data_server.requests


def test_too_little_room_for_what_the_archive_really_holds_is_told(
    data_server: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = iter([10**12, 1000])
    monkeypatch.setattr(
        shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 9, next(free)))
    with pytest.raises(StorageError, match="only 1 KB are free"):
        get(data_server, folder)
    assert not (folder / "tiny").exists()


class FullDisk(io.BytesIO):
    """A file on a full disk."""

    def write(self, _: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_disk_that_fills_up_while_fetching_is_told(
    data_server: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(path: Path, mode: str = "r", *more: Any, **named: Any) -> Any:
        return FullDisk() if mode in ("wb", "ab") and path.suffix == ".part" else normal(
            path, mode, *more, **named)

    normal = Path.open
    monkeypatch.setattr(part_file.Path, "open", opened)
    with pytest.raises(StorageError, match=r"no space left on device.*make room"):
        get(data_server, folder)


def test_a_disk_that_fills_up_while_unpacking_is_told(
    data_server: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(path: Path, mode: str = "r", *more: Any, **named: Any) -> Any:
        return FullDisk() if mode == "xb" else normal(path, mode, *more, **named)

    normal = Path.open
    monkeypatch.setattr(Path, "open", opened)
    with pytest.raises(StorageError, match=r"no space left on device.*make room"):
        get(data_server, folder)
    assert names(folder) == {"tiny.zip.part", "tiny.zip.part.json", ".tiny.lock"}


def test_a_folder_that_cannot_be_made_is_told(data_server: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"cannot be written.*MFGUI_DATA"):
        get(data_server, tmp_path / "file" / "public")


def test_two_downloads_of_one_data_set_do_not_meet(data_server: Any, folder: Path) -> None:
    folder.mkdir()
    with (public_folder.alone(data_server.entry, folder),
          pytest.raises(StorageError, match="another mfgui")):
        get(data_server, folder)
    get(data_server, folder)


def test_a_disk_without_locks_is_written_all_the_same(
    data_server: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Any) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(public_folder, "_lock", fail)
    get(data_server, folder)


def test_what_a_killed_run_left_is_cleared_up(data_server: Any, folder: Path) -> None:
    (folder / ".tiny.0123.part").mkdir(parents=True)
    (folder / ".tiny.0123.part" / "ratings.csv").write_text("half")
    get(data_server, folder)
    assert names(folder) == {"tiny", ".tiny.lock"}


# -- hostile archives -------------------------------------------------------------------------


def zip_with(files: dict[str, Any], mode: int = 0) -> bytes:
    """Return an archive of the files; a name is taken as it is."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.filename = info.orig_filename = name
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = mode << 16
            archive.writestr(info, content)
    return target.getvalue()


@pytest.mark.parametrize("name", [
    "../evil", "tiny/../../evil", "/etc/evil", "tiny//evil", "tiny/./evil", "C:/evil", "..\\evil",
    "tiny/..\\..\\evil", "tiny/evil:stream", "tiny/nul", "tiny/com1.txt", "tiny/a\nb", "./x",
    "tiny/" + "x" * 300,
])
def test_a_path_outside_the_folder_is_refused(
    data_server: Any, folder: Path, tmp_path: Path, name: str
) -> None:
    data_server.offer(zip_with({"tiny/ratings.csv": "x", name: "evil"}))
    refused(data_server, folder, "outside its folder.*nothing was unpacked")
    assert names(folder) == {".tiny.lock"}
    assert not list(tmp_path.rglob("evil*"))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_a_link_or_a_device_is_refused(data_server: Any, folder: Path, kind: int) -> None:
    data_server.offer(zip_with({"tiny/ratings.csv": "/etc/passwd"}, kind | 0o777))
    refused(data_server, folder, "link or a device")


def test_a_bomb_is_refused(data_server: Any, folder: Path) -> None:
    data_server.offer(zip_with({"tiny/ratings.csv": bytes(50_000_000)}))
    refused(data_server, folder, "grow more than")


def test_more_bytes_than_a_data_set_has_are_refused(data_server: Any, folder: Path) -> None:
    data_server.offer(zip_with({"tiny/ratings.csv": os.urandom(400_000)}))
    refused(data_server, folder, "would take 0 MB unpacked")


def test_more_files_than_a_data_set_has_are_refused(data_server: Any, folder: Path) -> None:
    data_server.offer(zip_with({f"tiny/{n}": "" for n in range(1001)}))
    refused(data_server, folder, "1,001 files")


def test_two_files_of_one_name_are_refused(data_server: Any, folder: Path) -> None:
    data_server.offer(zip_with({"tiny/ratings.csv": "x", "tiny/Ratings.CSV": "y"}))
    refused(data_server, folder, "two files of one name")


def test_an_encrypted_archive_is_refused(data_server: Any, folder: Path) -> None:
    content = bytearray(zip_with({"tiny/ratings.csv": "x" * 100}))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    data_server.offer(bytes(content))
    refused(data_server, folder, "encrypted")


def test_a_file_that_says_less_than_it_holds_is_refused(data_server: Any, folder: Path) -> None:
    content = bytearray(zip_with({"tiny/ratings.csv": "x" * 1000}))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = content.index(mark) + offset
        content[at:at + 4] = (10).to_bytes(4, "little")
    data_server.offer(bytes(content))
    refused(data_server, folder, "damaged")


@pytest.mark.parametrize("content", [b"", b"PK", b"<html>busy</html>" * 30])
def test_what_is_no_archive_is_told(data_server: Any, folder: Path, content: bytes) -> None:
    data_server.offer(content or b"x")
    refused(data_server, folder, "damaged.*download it again")
    assert names(folder) == {".tiny.lock"}


def test_a_damaged_archive_is_told_wherever_it_is_damaged(data_server: Any, folder: Path) -> None:
    good = zip_with({"tiny/ratings.csv": os.urandom(600), "tiny/movies.csv": "1,2\n" * 50})
    for position in range(0, len(good), 7):
        broken = bytearray(good)
        broken[position] ^= 0xFF
        data_server.offer(bytes(broken))
        with contextlib.suppress(DataError):
            got = get(data_server, folder)  # a date or a comment: nothing that counts
            assert got.ratings.stat().st_size == 600
            shutil.rmtree(folder / "tiny")
        assert not (folder / "tiny").exists()


def test_an_archive_without_the_ratings_is_told(data_server: Any, folder: Path) -> None:
    data_server.offer(zip_with({"tiny/README.txt": "x", "ratings.csv": "x"}))
    refused(data_server, folder, "lacks tiny/ratings.csv")


# -- the registry and the folder --------------------------------------------------------------


def test_the_registry_is_whole() -> None:
    assert list(PUBLIC_DATA) == ["ml-100k", "ml-latest-small", "ml-1m", "ml-10m", "ml-20m",
                                 "ml-25m", "ml-32m"]
    for name, entry in PUBLIC_DATA.items():
        assert entry.name == name
        assert entry.url == f"https://files.grouplens.org/datasets/movielens/{name}.zip"
        web.check_url(entry.url)
        assert len(entry.md5) == 32 or name == "ml-latest-small"
        assert "research purposes" in entry.terms
        assert "10.1145/2827872" in entry.citation
        assert entry.n_bytes < entry.n_unpacked_bytes
        assert entry.n_ratings < entry.n_users * entry.n_items


def test_the_user_folder_follows_the_system_and_the_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("MFGUI_DATA", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", "relative/is/not/allowed")
    monkeypatch.setattr("sys.platform", "linux")
    assert data_folder() == tmp_path / ".local/share/mfgui"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    assert data_folder() == tmp_path / "xdg" / "mfgui"
    monkeypatch.setattr("sys.platform", "darwin")
    assert data_folder() == tmp_path / "Library/Application Support/mfgui"
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert data_folder() == tmp_path / "local" / "mfgui"
    monkeypatch.setenv("MFGUI_DATA", str(tmp_path / "chosen"))
    assert data_folder() == tmp_path / "chosen"


@pytest.mark.parametrize(("n_bytes", "text"), [
    (978_202, "978 KB"), (999_600, "1.0 MB"), (5_917_549, "5.9 MB"), (65_566_137, "66 MB"),
    (9_960_000, "10 MB"), (1_170_000_000, "1.2 GB"),
])
def test_sizes_are_written_as_people_say_them(n_bytes: int, text: str) -> None:
    assert bytes_text(n_bytes) == text
