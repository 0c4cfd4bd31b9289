"""Cases of a fuzzer in child processes: a crash, a hang or too much memory costs that case alone.

A child runs the cases whose numbers come on its standard input and answers each with one line of
JSON: ``[number, result, label, seconds, bytes]``. What a result begins with, up to a colon, is its
kind.
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence

WALL_SECONDS = 60.0


class Worker:
    """A child process that runs one case after the other.

    Parameters
    ----------
    arguments : sequence of str
        The program and its options.
    most_bytes : int
        A case after which the child has held more than this is a failure.
    """

    def __init__(self, arguments: Sequence[str], most_bytes: int) -> None:
        self._command = [sys.executable, *arguments]
        self._most_bytes = most_bytes
        self._start()

    def _start(self) -> None:
        self._child = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, args=(self._child, self._lines))
        self._reader.start()

    @staticmethod
    def _read(child: subprocess.Popen[str], lines: queue.Queue[str]) -> None:
        assert child.stdout is not None
        for line in child.stdout:
            lines.put(line)
        lines.put("")

    def run(self, number: int) -> tuple[str, str, float]:
        """Return result, description and seconds of a case."""
        assert self._child.stdin is not None
        self._child.stdin.write(f"{number}\n")
        self._child.stdin.flush()
        try:
            line = self._lines.get(timeout=WALL_SECONDS)
        except queue.Empty:
            line = "hang"
        if not line or line == "hang":
            self.close()
            code = self._child.returncode
            self._start()
            return ("hang" if line else f"crash: exit code {code}"), "", 0.0
        _, result, label, seconds, n_bytes = json.loads(line)
        if n_bytes > self._most_bytes:
            self.close()
            self._start()
            return f"memory: {n_bytes / 1e9:.1f} GB", label, seconds
        return result, label, seconds

    def close(self) -> None:
        """End the child and wait for it."""
        self._child.kill()
        self._child.wait()
        self._reader.join()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                pipe.close()


def run_all(
    numbers: Iterator[int], make_worker: Callable[[], Worker], n_jobs: int, sound: Collection[str],
    title: str,
) -> tuple[Counter[str], list[str]]:
    """Return how many cases ended how, and the failures: all whose kind is not ``sound``.

    The counter's "seconds" are thousandths of a second of work.
    """
    counts: Counter[str] = Counter()
    failures: list[str] = []
    lock = threading.Lock()

    def drive() -> None:
        worker = make_worker()
        try:
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                result, label, seconds = worker.run(number)
                with lock:
                    kind = result.partition(":")[0].partition("\n")[0]
                    counts[kind] += 1
                    counts["seconds"] += round(1000 * seconds)
                    if kind not in sound:
                        failures.append(f"{title}, case {number} ({label}): {result}")
                        print(failures[-1], flush=True)
        finally:
            worker.close()

    threads = [threading.Thread(target=drive) for _ in range(n_jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return counts, failures
