"""Blocks of columns as an Arrow C stream, by which DuckDB reads them where they lie.

DuckDB takes texts from NumPy only as Python objects, a row at a time, and through pyarrow, which is
no dependency of ours. The C interface is a handful of structs [1]_: a column of ids is passed as
its numbers and its dictionary, so nothing is copied and no string is made. Whoever reads calls back
from inside its statement; what a callback raises is kept and raised once that has ended.

References
----------
.. [1] The Arrow C data interface and C stream interface, arrow.apache.org/docs/format.
"""

from __future__ import annotations

import ctypes as c
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.ratings import IntArray, TextArray
from mfgui.store.columns import Block, Coded, Column, SoundTexts

FORMATS = {"text": b"i", "whole": b"l", "number": b"f"}
TEXT_FORMAT = b"U"  # UTF-8 with int64 offsets, as a TextArray has them
CAPSULE_NAME = b"arrow_array_stream"
INPUT_OUTPUT_ERROR = 5
NO_TEXT = np.zeros(1, np.uint8)  # what an address is taken of where there is no byte


class _Schema(c.Structure):
    pass


class _Array(c.Structure):
    pass


class _Stream(c.Structure):
    pass


_ReleaseSchema = c.CFUNCTYPE(None, c.POINTER(_Schema))
_ReleaseArray = c.CFUNCTYPE(None, c.POINTER(_Array))
_ReleaseStream = c.CFUNCTYPE(None, c.POINTER(_Stream))
_GetSchema = c.CFUNCTYPE(c.c_int, c.POINTER(_Stream), c.POINTER(_Schema))
_GetNext = c.CFUNCTYPE(c.c_int, c.POINTER(_Stream), c.POINTER(_Array))
_GetError = c.CFUNCTYPE(c.c_void_p, c.POINTER(_Stream))

_Schema._fields_ = [
    ("format", c.c_char_p), ("name", c.c_char_p), ("metadata", c.c_char_p), ("flags", c.c_int64),
    ("n_children", c.c_int64), ("children", c.POINTER(c.POINTER(_Schema))),
    ("dictionary", c.POINTER(_Schema)), ("release", _ReleaseSchema), ("private_data", c.c_void_p)]
_Array._fields_ = [
    ("length", c.c_int64), ("null_count", c.c_int64), ("offset", c.c_int64),
    ("n_buffers", c.c_int64), ("n_children", c.c_int64), ("buffers", c.POINTER(c.c_void_p)),
    ("children", c.POINTER(c.POINTER(_Array))), ("dictionary", c.POINTER(_Array)),
    ("release", _ReleaseArray), ("private_data", c.c_void_p)]
_Stream._fields_ = [
    ("get_schema", _GetSchema), ("get_next", _GetNext), ("get_last_error", _GetError),
    ("release", _ReleaseStream), ("private_data", c.c_void_p)]

# What C code holds by a number, until it is released.
_held: dict[int, Any] = {}
_numbers = itertools.count(1)
_error_text = c.create_string_buffer(b"the rows could not be made")


def held() -> int:
    """Return how many things C code has not released yet."""
    return len(_held)


def _hold(thing: Any) -> int:
    number = next(_numbers)
    _held[number] = thing
    return number


def _release_schema(schema: Any) -> None:
    _release_parts(schema.contents)
    schema.contents.release = _ReleaseSchema()


def _release_array(array: Any) -> None:
    _release_parts(array.contents)
    array.contents.release = _ReleaseArray()


def _release_parts(whole: Any) -> None:
    """Let go of a schema or an array, and of what nobody moved out of it."""
    parts = [whole.children[k] for k in range(whole.n_children)]
    for part in [*parts, *([whole.dictionary] if whole.dictionary else [])]:
        if part.contents.release:
            part.contents.release(part)
    _held.pop(whole.private_data, None)


def _release_stream(stream: Any) -> None:
    _held.pop(stream.contents.private_data, None)
    stream.contents.release = _ReleaseStream()


def _get_schema(stream: Any, schema: Any) -> int:
    _held[stream.contents.private_data].fill_schema(schema)
    return 0


def _get_next(stream: Any, array: Any) -> int:
    return int(_held[stream.contents.private_data].fill_next(array))


def _get_error(stream: Any) -> int:
    return c.addressof(_error_text)


# What C code calls; they live as long as the program.
_RELEASE_SCHEMA, _RELEASE_ARRAY = _ReleaseSchema(_release_schema), _ReleaseArray(_release_array)
_STREAM_CALLS = (_GetSchema(_get_schema), _GetNext(_get_next), _GetError(_get_error),
                 _ReleaseStream(_release_stream))
_new_capsule = c.PYFUNCTYPE(c.py_object, c.c_void_p, c.c_char_p, c.c_void_p)(
    ("PyCapsule_New", c.pythonapi))


class BlockStream:
    """Blocks, read once, one after the other.

    Parameters
    ----------
    columns : sequence of Column
    blocks : iterator of Block

    Attributes
    ----------
    error : BaseException or None
        What the blocks raised; whoever reads fails then with an error of its own.
    """

    def __init__(self, columns: Sequence[Column], blocks: Iterator[Block]) -> None:
        self._columns, self._blocks = columns, blocks
        self._streams: list[_Stream] = []
        self._sound = SoundTexts()
        self.error: BaseException | None = None

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        """Return a capsule with the stream, which whoever reads may take over."""
        stream = _Stream(*_STREAM_CALLS, _hold(self))
        self._streams.append(stream)
        return _new_capsule(c.addressof(stream), CAPSULE_NAME, None)

    def close(self) -> None:
        """Let go of streams that nobody took over: DuckDB asks two only for what the columns are.

        Whoever reads must have ended.
        """
        for stream in self._streams:
            if stream.release:
                stream.release(c.byref(stream))

    def fill_schema(self, target: Any) -> None:
        """Write what the columns are."""
        children = [_schema(FORMATS[column.kind], column.name,
                            dictionary=_schema(TEXT_FORMAT) if column.kind == "text" else None)
                    for column in self._columns]
        _move(_schema(b"+s", children=children), target)

    def fill_next(self, target: Any) -> int:
        """Write the next block, or that there is none."""
        try:
            block = next(self._blocks, None)
            if block is None:
                c.memset(target, 0, c.sizeof(_Array))
            else:
                _move(_batch(block, self._sound), target)
                self._sound.keep_only(block)
        except BaseException as error:  # noqa: BLE001 - C code cannot pass it on: see ``error``
            self.error = error
            return INPUT_OUTPUT_ERROR
        return 0


def _move(source: c.Structure, target: Any) -> None:
    c.memmove(target, c.addressof(source), c.sizeof(source))


def _schema(
    kind: bytes, name: str = "", children: Sequence[_Schema] = (),
    dictionary: _Schema | None = None,
) -> _Schema:
    schema = _Schema(format=kind, name=name.encode(), n_children=len(children))
    pointers = (c.POINTER(_Schema) * len(children))(*map(c.pointer, children))
    schema.children = pointers
    if dictionary is not None:
        schema.dictionary = c.pointer(dictionary)
    schema.release = _RELEASE_SCHEMA
    schema.private_data = _hold((schema, children, pointers, dictionary))
    return schema


def _batch(block: Block, sound: SoundTexts) -> _Array:
    """Return a block as an array of structs."""
    children = []
    for values in block:
        if isinstance(values, Coded):
            children.append(_coded(values.codes, sound.of(values.texts)))
        elif values.ndim == 1:
            children.append(_array(values.size, [np.ascontiguousarray(values)]))
        else:
            turned = np.ascontiguousarray(values.T)
            children += [_array(column.size, [column]) for column in turned]
    length = children[0].length if children else 0
    return _array(length, [], children)


def _coded(codes: IntArray, texts: TextArray) -> _Array:
    """Return a column of texts: where each stands in a dictionary, of which only a part is passed.

    Whoever reads makes strings of the whole dictionary for each block: of all users of a large
    table that would be far more than the block has rows.
    """
    if not codes.size:
        dictionary = _array(0, [np.zeros(1, np.int64), NO_TEXT])
        return _array(0, [codes], dictionary=dictionary)
    low, high = int(codes.min()), int(codes.max())
    offsets = np.ascontiguousarray(texts.offsets[low : high + 2])
    dictionary = _array(high - low + 1, [offsets, texts.data if texts.data.size else NO_TEXT])
    return _array(codes.size, [np.ascontiguousarray(codes - np.int32(low))], dictionary=dictionary)


def _array(
    length: int, buffers: Sequence[NDArray[Any]], children: Sequence[_Array] = (),
    dictionary: _Array | None = None,
) -> _Array:
    """Return an array without missing values; the buffer that would mark them is left out."""
    array = _Array(length=length, n_buffers=len(buffers) + 1, n_children=len(children))
    addresses = (c.c_void_p * (len(buffers) + 1))(None, *(each.ctypes.data for each in buffers))
    pointers = (c.POINTER(_Array) * len(children))(*map(c.pointer, children))
    array.buffers, array.children = addresses, pointers
    if dictionary is not None:
        array.dictionary = c.pointer(dictionary)
    array.release = _RELEASE_ARRAY
    array.private_data = _hold((array, addresses, pointers, buffers, children, dictionary))
    return array
