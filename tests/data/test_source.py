"""A file before it is read: what it is packed in, its encoding, and whether it is a file."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import socket
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from mfgui.core.control import Control
from mfgui.data import source as source_module
from mfgui.data.options import ReadOptions
from mfgui.data.source import (
    HEAD_BYTES,
    PartNeededError,
    Source,
    encoding_doubts,
    find_encoding,
    mac_roman_doubt,
    open_source,
    text_pieces,
    with_encoding,
)
from mfgui.errors import CancelledError, DataError

TEXT = b"".join(b"%d,%d,%d\n" % (n, n % 7, n % 5) for n in range(400_000))


def zst(content: bytes) -> bytes:
    try:
        from compression import zstd  # type: ignore[import-not-found]
    except ImportError:
        from backports import zstd
    packed: bytes = zstd.compress(  # as the program zstd does
        content, options={zstd.CompressionParameter.checksum_flag: 1})
    return packed


def xz(content: bytes) -> bytes:
    return lzma.compress(content, preset=0)


def zipped(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def opened(tmp_path: Path, content: bytes, part: str | None = None) -> Source:
    file = tmp_path / "it.bin"
    file.write_bytes(content)
    return open_source(file, part)


def whole(source: Source) -> bytes:
    return b"".join(source.pieces(Control()))


def text_of(source: Source, **options: str) -> tuple[str, str]:
    """Return the whole text, and the encoding that it was read with."""
    used = []

    def read(encoding: str, is_sure: bool) -> bytes:
        used.append(encoding)
        return b"".join(text_pieces(source, encoding, Control(), is_sure))

    return with_encoding(source, ReadOptions(**options), read).decode(), used[-1]


def refusal(path: Path | str, part: str | None = None) -> str:
    with pytest.raises(DataError) as caught:
        whole(open_source(path, part))
    message = str(caught.value)
    assert message.isprintable(), message
    assert message.endswith(".")
    assert ": " in message or "--part" in message
    return message


# Compression


@pytest.mark.parametrize(("pack", "kind"), [
    (gzip.compress, "gzip"), (zst, "zstd"), (bz2.compress, "bzip2"), (xz, "xz"),
])
def test_compressed_files_are_known_by_their_bytes_and_read_through_all_their_frames(
    tmp_path: Path, pack: Callable[[bytes], bytes], kind: str
) -> None:
    half = len(TEXT) // 2
    source = opened(tmp_path, pack(TEXT[:half]) + pack(TEXT[half:]))
    assert (source.compression, source.is_whole) == (kind, False)
    assert source.head == TEXT[:HEAD_BYTES]
    assert whole(source) == TEXT
    small = opened(tmp_path, pack(b"1,2,3\n"))
    assert (small.head, small.is_whole) == (b"1,2,3\n", True)


@pytest.mark.parametrize("pack", [gzip.compress, zst, bz2.compress, xz,
                                  lambda text: zipped({"a.csv": text})])
def test_damage_is_told_in_one_sentence_wherever_it_is(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    sound = pack(TEXT)
    file = tmp_path / "it.bin"
    for place in (20, len(sound) // 2, len(sound) * 9 // 10):
        broken = bytearray(sound)
        broken[place : place + 40] = bytes(byte ^ 255 for byte in broken[place : place + 40])
        file.write_bytes(broken)
        assert "damaged" in refusal(file)
        file.write_bytes(sound[:place])
        assert "damaged" in refusal(file)


def test_what_swells_without_end_takes_no_memory(tmp_path: Path) -> None:
    file = tmp_path / "bomb.gz"
    with gzip.open(file, "wb", 1) as stream:
        for _ in range(64):
            stream.write(b"1,2,3\n" * 175_000)
    source = open_source(file)
    tracemalloc.start()
    n_bytes = sum(len(piece) for piece in source.pieces(Control()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert n_bytes == 64 * 6 * 175_000
    assert peak < 8 << 20


@pytest.mark.parametrize(("magic", "words"), [
    (b"7z\xbc\xaf\x27\x1c", "7z"), (b"Rar!\x1a\x07", "RAR"), (b"\x89HDF\r\n\x1a\n", "HDF5"),
    (b"%PDF-1.7\n", "PDF"), (b"\x89PNG\r\n", "picture"), (b"\x80\x04\x95abc", "pickle"),
    (b"<!DOCTYPE html><html>", "web page"), (b"version https://git-lfs.github.com/", "git lfs"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel"), (b"ARROW1\0\0", "Arrow"), (b"RDX3\n", "R "),
])
def test_what_other_programs_write_is_named_with_the_way_out(
    tmp_path: Path, magic: bytes, words: str
) -> None:
    file = tmp_path / "foreign"
    file.write_bytes(magic + b"1,2,3\n" * 50)
    assert words in refusal(file)
    file.write_bytes(gzip.compress(magic + b"1,2,3\n" * 50))
    assert words in refusal(file)


def test_a_tar_archive_is_named_packed_or_not(tmp_path: Path) -> None:
    (tmp_path / "ratings.csv").write_bytes(b"1,2,3\n")
    for mode in ("w", "w:gz"):
        with tarfile.open(tmp_path / "all.tar", mode) as archive:  # type: ignore[call-overload]
            archive.add(tmp_path / "ratings.csv", "ratings.csv")
        assert "tar archive" in refusal(tmp_path / "all.tar")


@pytest.mark.parametrize("inner", [
    gzip.compress(b"1,2,3\n", mtime=0), zipped({"a.csv": b"1,2,3\n"}), b"PAR1" + b"x" * 50,
    b"SQLite format 3\0" + b"x" * 50, zst(b"1,2,3\n"),
])
def test_what_is_packed_twice_is_to_be_unpacked_once(tmp_path: Path, inner: bytes) -> None:
    for outer in (gzip.compress(inner), zipped({"ratings.csv": inner})):
        (tmp_path / "twice").write_bytes(outer)
        assert "unpack it" in refusal(tmp_path / "twice")


# Archives


@pytest.mark.parametrize(("names", "chosen"), [
    (["one.csv"], "one.csv"), (["deep/down/one.bin"], "deep/down/one.bin"),
    (["ml/README.txt", "ml/movies.csv", "ml/ratings.csv", "ml/tags.csv", "ml/links.csv"],
     "ml/ratings.csv"),
    (["ml-100k/u.data", "ml-100k/u.item", "ml-100k/u1.base", "ml-100k/u1.test"],
     "ml-100k/u.data"),
    (["__MACOSX/._x.csv", ".DS_Store", "x.csv"], "x.csv"),
    (["BX-Users.csv", "BX-Books.csv", "BX-Book-Ratings.csv"], "BX-Book-Ratings.csv"),
    (["readme.md", "scores.csv", "picture.png", "LICENSE"], "scores.csv"),
])
def test_the_ratings_file_of_an_archive_is_chosen_where_its_name_says_so(
    tmp_path: Path, names: list[str], chosen: str
) -> None:
    content = dict.fromkeys(names, b"4,5,6\n") | {chosen: b"1,2,3\n"}
    source = opened(tmp_path, zipped(content))
    assert (source.compression, source.part) == ("zip", chosen)
    assert whole(source) == source.head == b"1,2,3\n"


def test_of_several_files_one_is_to_be_chosen_by_its_name(tmp_path: Path) -> None:
    content = zipped({"f/a.csv": b"1,2,3\n", "f/b.csv": b"4,5,6\n", "../c.csv": b"7,8,9\n"})
    with pytest.raises(PartNeededError, match=r"f/a\.csv, f/b\.csv, \.\./c\.csv.*--part") as caught:
        opened(tmp_path, content)
    assert caught.value.parts == ("f/a.csv", "f/b.csv", "../c.csv")
    for part in ("f/b.csv", "b.csv"):
        source = opened(tmp_path, content, part)
        assert (source.part, whole(source)) == ("f/b.csv", b"4,5,6\n")
        assert source.parts == caught.value.parts
    assert whole(opened(tmp_path, content, "../c.csv")) == b"7,8,9\n"
    with pytest.raises(PartNeededError, match=r"no single file 'x\.csv'"):
        opened(tmp_path, content, "x.csv")
    assert sorted(os.listdir(tmp_path)) == ["it.bin"]  # nothing was unpacked


def test_an_encrypted_an_empty_and_a_broken_archive_are_told_in_one_sentence(
    tmp_path: Path
) -> None:
    file = tmp_path / "a.zip"
    sound = zipped({"a.csv": b"1,2,3\n" * 100})
    encrypted = bytearray(sound)
    encrypted[sound.index(b"PK\x01\x02") + 8] |= 1
    file.write_bytes(encrypted)
    assert "encrypted" in refusal(file)
    file.write_bytes(zipped({}))
    assert "empty" in refusal(file)
    file.write_bytes(zipped({"folder/": b""}))
    assert "empty" in refusal(file)
    file.write_bytes(b"PK\x03\x04" + b"1,2,3\n" * 100)
    assert "damaged" in refusal(file)
    unknown = bytearray(sound)
    unknown[sound.index(b"PK\x01\x02") + 10] = 97
    unknown[8] = 97
    file.write_bytes(unknown)
    assert "packed in a way" in refusal(file)
    crowded = bytearray(sound)
    crowded[-22 + 10 : -22 + 12] = b"\xff\xff"
    file.write_bytes(crowded)
    assert "too many files" in refusal(file)


@pytest.mark.parametrize("names", [
    ["[Content_Types].xml", "xl/workbook.xml"], ["data.npy", "indices.npy", "indptr.npy"],
])
def test_workbooks_and_npz_files_are_left_to_their_formats(
    tmp_path: Path, names: list[str]
) -> None:
    content = zipped(dict.fromkeys(names, b"x"))
    source = opened(tmp_path, content, "Sheet2")
    assert (source.compression, source.part) == ("none", "Sheet2")
    assert source.head == content


# Encodings


@pytest.mark.parametrize(("encoding", "label", "text"), [
    ("utf-8", "utf-8", "1,Åsa,5\n"), ("utf-8-sig", "utf-8", "1,Åsa,5\n"),
    ("utf-16", "utf-16", "1,Åsa 漢字,5\n"), ("utf-16-le", "utf-16", "1,Åsa,5\n2,b,4\n"),
    ("utf-16-be", "utf-16", "1,Åsa,5\n2,b,4\n"), ("latin-1", "latin-1", "1,Åsa,5\n"),
    ("cp1252", "cp1252", "1,Åsa “quoted” – €,5\n"), ("ascii", "utf-8", "1,a,5\n"),
])
def test_encodings_are_found_and_made_utf_8_without_a_mark(
    tmp_path: Path, encoding: str, label: str, text: str
) -> None:
    content = text.encode(encoding)
    if encoding == "utf-16":
        content = "\ufeff".encode("utf-16-be") + text.encode("utf-16-be")
    source = opened(tmp_path, content)
    assert find_encoding(source.head, source.is_whole) == label
    assert text_of(source) == (text, label)


@pytest.mark.parametrize(("last", "encoding"), [
    ("Ås\n", "latin-1"), ("“Ås”\n", "cp1252"), ("Ås\x81\n", "latin-1"),
])
def test_a_byte_far_below_the_beginning_decides_too(
    tmp_path: Path, last: str, encoding: str
) -> None:
    source = opened(tmp_path, TEXT + last.encode(encoding))
    text, used = text_of(source)
    assert used == encoding
    assert text == TEXT.decode() + last


def test_latin_1_becomes_windows_1252_where_a_later_sign_needs_it(tmp_path: Path) -> None:
    source = opened(tmp_path, "Ås\n".encode("latin-1") + TEXT + "€\n".encode("cp1252"))
    text, used = text_of(source)
    assert (used, text[-2:]) == ("cp1252", "€\n")


def test_letters_cut_through_by_pieces_stay_whole(tmp_path: Path) -> None:
    for shift in range(4):
        text = "a" * shift + "é漢🎬," * 150_000
        assert text_of(opened(tmp_path, text.encode())) == (text, "utf-8")
        assert text_of(opened(tmp_path, text.encode("utf-16")))[0] == text


@pytest.mark.parametrize(("encoding", "content", "line"), [
    ("utf-8", b"1,a,2\r\n3,b,4\r\n5,\xc5,6\r\n", 3), ("cp1252", b"a\rb\r\x81\r", 3),
    ("utf-16", b"a\0\n\0b\0\n\0c", 3), ("utf-8", TEXT + b"\xff", 400_001),
])
def test_a_named_encoding_that_does_not_fit_is_told_with_its_line(
    tmp_path: Path, encoding: str, content: bytes, line: int
) -> None:
    with pytest.raises(DataError, match=rf"line {line:,} is not .* text: choose another"):
        text_of(opened(tmp_path, content), encoding=encoding)


def test_mac_roman_is_suggested_where_only_it_makes_sense() -> None:
    assert "MacRoman" in mac_roman_doubt("level of knowledge\u00a0of cuisines".encode("mac-roman"))
    assert "MacRoman" in mac_roman_doubt("café,naïve".encode("mac-roman"))
    assert not mac_roman_doubt("café,naïve,Åsa".encode("latin-1"))
    assert not mac_roman_doubt("café".encode())
    assert not mac_roman_doubt(b"plain")


def test_utf_8_with_a_damaged_byte_is_pointed_at_wherever_that_is(tmp_path: Path) -> None:
    lines = "".join(f"José{k},Zoë,3\n" for k in range(100)).encode()
    for content in (lines + b"\xff", b"\xff" + lines):
        source = opened(tmp_path, content)
        doubts = encoding_doubts(source, ReadOptions(), "latin-1")
        assert len(doubts) == 1
        assert "choose UTF-8 to be told the line" in doubts[0]
        assert not encoding_doubts(source, ReadOptions(encoding="latin-1"), "latin-1")
    for content in (lines.decode().encode("latin-1"), b"1,2,3\n", lines):
        assert not encoding_doubts(opened(tmp_path, content), ReadOptions())


def test_mac_roman_is_read_when_named(tmp_path: Path) -> None:
    assert text_of(opened(tmp_path, "café\n".encode("mac-roman")), encoding="mac-roman") == (
        "café\n", "mac-roman")


# Hostile names and things


@pytest.mark.parametrize("name", [
    "a[1].csv", "w?.csv", "x*.csv", "**.csv", "it's \"here\".csv", "new\nline.csv", "~t.csv",
    "back\\slash.csv", " blank .csv", "é ü.csv", "-.csv", "%s;--.csv", "n" * 255, ".csv",
    "http:", "\u202etxt.exe",
])
def test_a_file_is_read_under_whatever_name_it_has(tmp_path: Path, name: str) -> None:
    for neighbour in ("a1.csv", "wx.csv", "xy.csv"):
        (tmp_path / neighbour).write_bytes(b"wrong")
    (tmp_path / name).write_bytes(b"1,2,3\n")
    source = open_source(tmp_path / name)
    assert whole(source) == b"1,2,3\n"
    assert source.name.isprintable()
    assert len(source.name) <= 80


def test_a_name_that_is_no_text_is_read_too(tmp_path: Path) -> None:
    file = os.fsencode(tmp_path) + b"/\xff\xfe.csv"
    try:
        with open(file, "wb") as stream:
            stream.write(b"1,2,3\n")
    except OSError:
        pytest.skip("this file system takes no such names")
    assert open_source(os.fsdecode(file)).name == "??.csv"


def test_things_that_are_no_files_are_told_in_one_sentence(tmp_path: Path) -> None:
    assert "is a folder" in refusal(tmp_path)
    assert "is not there" in refusal(tmp_path / "absent.csv")
    assert "is not there" in refusal("//no.such.host/share/ratings.csv")
    assert "name" in refusal(tmp_path / "a\0b.csv")
    assert "cannot be opened" in refusal(tmp_path / ("n" * 300))
    assert "device or a pipe" in refusal(os.devnull)
    assert "web address" in refusal("https://example.org/ratings.csv")
    if os.path.exists("/dev/zero"):
        assert "device or a pipe" in refusal("/dev/zero")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        assert "device or a pipe" in refusal(tmp_path / "pipe")


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="there are no such sockets here")
def test_a_socket_is_told_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the whole path would be too long for a socket
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        assert "device or a pipe" in refusal("socket")


def test_a_file_one_may_not_read_is_told_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret.csv").write_bytes(b"1,2,3\n")

    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(source_module, "WatchedFile", refused)  # root may read whatever
    assert "permissions" in refusal(tmp_path / "secret.csv")


def test_a_file_that_vanishes_or_changes_while_it_is_read_is_told(tmp_path: Path) -> None:
    file = tmp_path / "live.csv"
    for change in (
        lambda: file.write_bytes(TEXT + b"1,2,3\n"), lambda: file.write_bytes(TEXT[:-600]),
        lambda: os.utime(file, ns=(0, 0)),
    ):
        file.write_bytes(TEXT)
        pieces = open_source(file).pieces(Control())
        next(pieces)
        change()
        with pytest.raises(DataError, match=r"live\.csv changed while it was read"):
            list(pieces)
    source = open_source(file)
    file.write_bytes(b"other")
    with pytest.raises(DataError, match="changed while it was read"):
        whole(source)
    file.unlink()
    with pytest.raises(DataError, match="is not there"):
        whole(source)


def test_a_file_that_grows_without_end_ends(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_bytes(TEXT)
    source, n_pieces = open_source(file), 0
    with pytest.raises(DataError, match="changed"), open(file, "ab") as stream:  # noqa: PT012
        for _ in source.pieces(Control()):
            stream.write(TEXT)
            stream.flush()
            n_pieces += 1
    assert n_pieces < 10


@pytest.mark.parametrize("content", [
    b"", b"\n \n\r\n", b"\xef\xbb\xbf", b"\xff\xfe\n\0", gzip.compress(b"", mtime=0),
    zipped({"a.csv": b""}),
])
def test_what_is_empty_says_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    assert "is empty" in refusal(tmp_path / "x")


@pytest.mark.parametrize("content", [
    bytes(range(256)) * 20, b"\x01\x02\x03\x04" * 100, b"\0\1\2", b"\0" * 5000,
])
def test_what_is_no_text_says_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    assert "is not text" in refusal(tmp_path / "x")


def test_a_stop_ends_the_pieces_and_progress_is_told(tmp_path: Path) -> None:
    control = Control()
    file = tmp_path / "x.csv"
    file.write_bytes(TEXT)
    pieces = open_source(file).pieces(control)
    next(pieces)
    assert 0 < (control.progress.fraction or 0) < 1
    control.stop()
    with pytest.raises(CancelledError):
        next(pieces)


def test_a_stop_ends_a_file_of_nothing_but_empty_members(tmp_path: Path) -> None:
    control = Control()
    file = tmp_path / "x.gz"
    file.write_bytes(gzip.compress(b"1,2,3\n", mtime=0) + gzip.compress(b"") * 20_000)
    source = open_source(file)
    control.stop()
    with pytest.raises(CancelledError):
        list(source.pieces(control))
