"""Damage of every kind to files of ratings, seeded: the same seed makes the same file."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import re
import struct
import zipfile
from collections.abc import Callable

Mutation = Callable[[bytes, random.Random], bytes]

ODD_NUMBERS = [
    b"1e400", b"-0", b"NaN", b"inf", b"-Infinity", b"0x10", b"1_000", b"1,234", b"1.234,5",
    b"\xd9\xa1\xd9\xa2", b"1e", b"+-3", b"4.", b".5", b"", b"N/A", b"99999999999999999999999",
    b"1e-400", b"'5'", b"=1+1", b"3,5", b" 4 ", b"null", b"five", b"00000000000000000000003",
]
ODD_BYTES = [
    b"\0", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\xc3\xa9", b"\xe9", b"\x80", b"\x85", b"\x1f",
    b"\xca", b"\r", b"\n", b"\r\n", b"\n\n\n", b'"', b"'", b"\\", b"\x1a", b"\xed\xa0\x80",
    b"\xe2\x80\xa8", b"\x0c", b"\x0b", "é".encode("utf-16-le"), b"\t", b"%", b"#", b"::", b"|",
]
SEPARATORS = [b",", b";", b"\t", b"|", b"::", b" ", b"  ", b"\x1f", b"~", b", "]


def place(content: bytes, chance: random.Random) -> int:
    return chance.randrange(len(content) + 1)


def flip_bits(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice([1, 2, 8, 40]) if changed else 0):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def set_bytes(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice([1, 4, 16]) if changed else 0):
        changed[chance.randrange(len(changed))] = chance.choice([0, 255, 34, 10, 44, 127, 128])
    return bytes(changed)


def change_head(content: bytes, chance: random.Random) -> bytes:
    """Change bytes where formats keep what they say of themselves."""
    changed = bytearray(content)
    for _ in range(chance.choice([1, 3]) if changed else 0):
        near = chance.randrange(min(200, len(changed)))
        changed[near if chance.random() < 0.5 else len(changed) - 1 - near] = chance.randrange(256)
    return bytes(changed)


def cut_end(content: bytes, chance: random.Random) -> bytes:
    return content[: place(content, chance)]


def cut_begin(content: bytes, chance: random.Random) -> bytes:
    return content[place(content, chance):]


def cut_middle(content: bytes, chance: random.Random) -> bytes:
    begin = place(content, chance)
    return content[:begin] + content[begin + chance.choice([1, 10, 1000]):]


def repeat(content: bytes, chance: random.Random) -> bytes:
    begin = place(content, chance)
    piece = content[begin : begin + chance.choice([1, 20, 500, 5000])]
    return content[:begin] + piece * chance.choice([2, 3, 20]) + content[begin:]


def open_quotes(content: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.choice([1, 2, 5])):
        at = place(content, chance)
        content = content[:at] + chance.choice([b'"', b'""', b'"""', b"'"]) + content[at:]
    return content


def insert_odd(content: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.choice([1, 3, 30])):
        at = place(content, chance)
        content = content[:at] + chance.choice(ODD_BYTES) + content[at:]
    return content


def odd_numbers(content: bytes, chance: random.Random) -> bytes:
    share = chance.choice([0.001, 0.05, 0.6])
    return re.sub(
        rb"[0-9]+(\.[0-9]+)?",
        lambda match: chance.choice(ODD_NUMBERS) if chance.random() < share else match[0], content)


def change_separators(content: bytes, chance: random.Random) -> bytes:
    begin = place(content, chance) if chance.random() < 0.5 else 0
    end = begin + chance.choice([50, 1000, len(content)])
    old, new = chance.choice(SEPARATORS), chance.choice(SEPARATORS)
    return content[:begin] + content[begin:end].replace(old, new) + content[end:]


def change_line_ends(content: bytes, chance: random.Random) -> bytes:
    begin = place(content, chance) if chance.random() < 0.5 else 0
    new = chance.choice([b"\r", b"\r\n", b"\n\r", b"\n\n", b"", b" \n", b"\0"])
    return content[:begin] + re.sub(rb"\r?\n", lambda _: new, content[begin:])


def mix_encodings(content: bytes, chance: random.Random) -> bytes:
    text = content.decode("latin-1")
    begin = place(content, chance)
    encoding = chance.choice(["utf-16", "utf-16-le", "utf-8-sig", "utf-32", "utf-8", "cp037"])
    if chance.random() < 0.5:
        begin = 0
    return content[:begin] + text[begin:].encode(encoding, "replace")


def change_lines(content: bytes, chance: random.Random) -> bytes:
    lines = content.split(b"\n")
    for _ in range(chance.choice([1, 5, 50])):
        at = chance.randrange(len(lines))
        action = chance.randrange(4)
        if action == 0:
            lines.insert(at, lines[at])
        elif action == 1:
            lines[at] = lines[at] + chance.choice(SEPARATORS) * chance.choice([1, 5])
        elif action == 2:
            lines[at] = b""
        else:
            lines[at] = lines[at][: len(lines[at]) // 2]
    return b"\n".join(lines)


def shuffle_lines(content: bytes, chance: random.Random) -> bytes:
    lines = content.split(b"\n")
    chance.shuffle(lines)
    return b"\n".join(lines)


def long_line(content: bytes, chance: random.Random) -> bytes:
    at = place(content, chance)
    return content[:at] + chance.choice([b"a", b"1,", b'"', b" ", b"\0"]) * 70_000 + content[at:]


def many_columns(content: bytes, chance: random.Random) -> bytes:
    separator = chance.choice([b",", b"\t", b";"])
    line = separator.join([chance.choice([b"", b"1", b"x", b"99"])] * chance.choice([300, 20_000]))
    return line + b"\n" + content if chance.random() < 0.5 else content + b"\n" + line + b"\n"


MUTATIONS: list[Mutation] = [
    flip_bits, set_bytes, change_head, cut_end, cut_begin, cut_middle, repeat, open_quotes,
    insert_odd, odd_numbers, change_separators, change_line_ends, mix_encodings, change_lines,
    shuffle_lines, long_line, many_columns,
]


def as_gzip(content: bytes, chance: random.Random) -> bytes:
    packed = gzip.compress(content, 1)
    return packed + packed if chance.random() < 0.1 else packed


def as_zip(content: bytes, chance: random.Random) -> bytes:
    file = io.BytesIO()
    method = chance.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
    names = ["ratings.csv", "../../escape.csv", "/etc/passwd", "a/b/c.csv", "readme.txt", "x\n.csv",
             "data.npy", "ratings.csv.gz", "[Content_Types].xml", "xl/workbook.xml"]
    with zipfile.ZipFile(file, "w", method) as archive:
        for name in chance.sample(names, chance.choice([1, 1, 1, 2, 4])):
            archive.writestr(name, content)
    return file.getvalue()


def lying_zip(content: bytes, chance: random.Random) -> bytes:
    """Return an archive whose index lies about sizes or places."""
    packed = bytearray(as_zip(content, chance))
    at = packed.rfind(b"PK\x01\x02")
    field = chance.choice([16, 20, 24, 42])
    if at >= 0 and at + field + 4 <= len(packed):
        struct.pack_into("<I", packed, at + field, chance.choice([0, 1, 0xFFFFFFFE, 0x7FFFFFFF]))
    return bytes(packed)


def as_bzip2(content: bytes, chance: random.Random) -> bytes:
    return bz2.compress(content, 1)


def as_xz(content: bytes, chance: random.Random) -> bytes:
    return lzma.compress(content, preset=0)


def as_zstd(content: bytes, chance: random.Random) -> bytes:
    from backports import zstd

    return zstd.compress(content)


PACKINGS: list[Mutation] = [as_gzip, as_gzip, as_zip, lying_zip, as_bzip2, as_xz, as_zstd]


def hundred_megabytes(chance: random.Random) -> bytes:
    """Return a file with one line of 100 MB."""
    line = chance.choice([b"a", b"1,", b'"x', b"[", b'{"a":']) * 1
    return b"1,2,3\n" + line * (100_000_000 // len(line)) + b"\n4,5,6\n"


def ten_million_columns(chance: random.Random) -> bytes:
    separator = chance.choice([b",", b"\t", b";"])
    line = separator.join([b"1"] * 10_000_000)
    return line + b"\n" + (line + b"\n" if chance.random() < 0.5 else b"1,2,3\n" * 10)


def gzip_bomb(chance: random.Random) -> bytes:
    """Return 300 MB that unpack from less than 1 MB, twice over in the worst case."""
    unit = chance.choice([b"\0" * 1000, b"1,2,3\n" * 100, b"a" * 1000])
    return gzip.compress(unit * (300_000_000 // len(unit)), 1)


def zip_bomb(chance: random.Random) -> bytes:
    """Return a workbook or an archive of arrays that swells to a gigabyte and more."""
    file = io.BytesIO()
    names = chance.choice([
        ["[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"],
        ["format.npy", "data.npy"], ["ratings.csv"]])
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in names:
            with archive.open(name, "w") as member:
                for _ in range(300):
                    member.write(b"<c/> " * 200_000)
    return file.getvalue()


MONSTERS = [hundred_megabytes, ten_million_columns, gzip_bomb, zip_bomb]


def damaged(content: bytes, chance: random.Random) -> tuple[bytes, str]:
    """Return the content with some damage done, and what that was."""
    names = []
    for _ in range(chance.choice([0, 1, 1, 1, 2, 3])):
        mutation = chance.choice(MUTATIONS)
        content = mutation(content, chance)[:2_000_000]
        names.append(mutation.__name__)
    if chance.random() < 0.15:
        packing = chance.choice(PACKINGS)
        content = packing(content, chance)
        names.append(packing.__name__)
        if chance.random() < 0.5:
            mutation = chance.choice(MUTATIONS[:7])
            content = mutation(content, chance)
            names.append(mutation.__name__)
    return content, "+".join(names) or "none"
