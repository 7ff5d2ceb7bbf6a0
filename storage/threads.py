"""Threads for what waits on the store's disk or network, many files at a time."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def side_by_side(at_once: int, do: Callable[[A, B], None], items: Sequence[tuple[A, B]]) -> None:
    """Do it to all, so many at once, and wait for all, also where one fails. Raises what the first of them raised."""
    if min(len(items), at_once) < 2:
        for one in items:
            do(*one)
        return
    going = [_threads(at_once).submit(do, *one) for one in items]
    wait(going)
    for one in going:
        one.result()


@cache
def _threads(at_once: int) -> ThreadPoolExecutor:
    """They stay: starting them for each package costs as much as sending its small files."""
    return ThreadPoolExecutor(at_once, thread_name_prefix="store")


os.register_at_fork(after_in_child=_threads.cache_clear)  # a forked process has none of the threads
