"""What a child that opens a stranger's file may do: read, compute and answer. A parser that a file took over gains nothing.

Three layers, since not every machine permits each: an empty network of its own (namespaces), limits (setrlimit), and a
filter of system calls (seccomp, x86-64): no socket, no program, no second process, no signal to anybody else, no change of
any file. Linux only.
"""

import contextlib
import ctypes
import os
import platform
import resource
import signal
import struct
from typing import Final

OPEN_FILES: Final = 64

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PDEATHSIG, _NO_NEW_PRIVS, _SET_SECCOMP, _SUBREAPER = 1, 38, 22, 36  # prctl

# linux/bpf_common.h and linux/seccomp.h
_LOAD, _EQUAL, _ANY_BIT, _ANSWER = 0x20, 0x15, 0x45, 0x06
_NUMBER_AT, _ARCH_AT, _ARGUMENTS_AT = 0, 4, 16
_ALLOW, _REFUSE, _ABSENT, _END = 0x7FFF0000, 0x00050000 | 1, 0x00050000 | 38, 0x80000000
_X86_64, _X32 = 0xC000003E, 0x40000000

_NETWORK = (41, 42, 49, 50, 43, 288)  # socket, connect, bind, listen, accept, accept4
_RINGS = (425, 426, 427)  # io_uring does what the filter would not see
_PROGRAMS = (59, 322, 57, 58)  # execve, execveat, fork, vfork
_GROUPS = (109, 112)  # setpgid, setsid
_OTHERS = (101, 310, 311, 200, 129, 297, 424, 434, 438)  # ptrace, process_vm_*, tkill, *sigqueueinfo, pidfd_*
_ROOMS = (272, 308, 165, 166, 155, 161, 428, 429, 430, 442)  # unshare, setns, mounts, chroot
_KERNEL = (175, 313, 246, 320, 169, 321, 298, 323, 248, 249, 250, 160, 103, 167, 168)  # modules, bpf, perf, keys, swap
_FILES = (
    *(76, 77, 82, 264, 316, 83, 258, 84, 85, 86, 265, 87, 263, 88, 266),  # truncate, rename, mkdir, link, unlink
    *(90, 91, 268, 452, 92, 93, 94, 260, 133, 259, 132, 235, 280),  # chmod, chown, mknod, utime
    *(188, 189, 190, 197, 198, 199),  # xattr
)
_CLONE, _CLONE3, _OPEN, _OPENAT, _OPENAT2, _KILL, _TGKILL, _PRLIMIT = 56, 435, 2, 257, 437, 62, 234, 302
_THREAD = 0x10000  # CLONE_THREAD
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

_libc = ctypes.CDLL(None)


class _Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_void_p)]


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("<HBBI", code, yes, no, value)


def _argument(at: int) -> bytes:
    """Loads the low half of an argument; flags and process ids have no more."""
    return _step(_LOAD, _ARGUMENTS_AT + 8 * at)


def _one(number: int, at: int, code: int, value: int, when_true: bytes, when_false: bytes) -> bytes:
    """What becomes of a call depends on one of its arguments."""
    return b"".join([_step(_EQUAL, number, 0, 4), _argument(at), _step(code, value, 0, 1), when_true, when_false])


def _same_for_all() -> bytes:
    """The program but for its end: what is named is refused."""
    steps = [
        _step(_LOAD, _ARCH_AT),
        _step(_EQUAL, _X86_64, 1, 0),
        _step(_ANSWER, _END),  # another architecture's numbers would slip through
        _step(_LOAD, _NUMBER_AT),
        _step(_ANY_BIT, _X32, 0, 1),
        _step(_ANSWER, _REFUSE),
    ]
    for number in (*_NETWORK, *_RINGS, *_PROGRAMS, *_GROUPS, *_OTHERS, *_ROOMS, *_KERNEL, *_FILES):
        steps += [_step(_EQUAL, number, 0, 1), _step(_ANSWER, _REFUSE)]
    for number in (_CLONE3, _OPENAT2):  # their arguments lie in memory: the C library falls back to the plain ones
        steps += [_step(_EQUAL, number, 0, 1), _step(_ANSWER, _ABSENT)]
    steps += [
        _one(_CLONE, 0, _ANY_BIT, _THREAD, _PASS, _STOP),
        _one(_OPEN, 1, _ANY_BIT, _WRITES, _STOP, _PASS),
        _one(_OPENAT, 2, _ANY_BIT, _WRITES, _STOP, _PASS),
        _one(_PRLIMIT, 2, _EQUAL, 0, _PASS, _STOP),  # reading the limits is free
    ]
    return b"".join(steps)


_STOP, _PASS = _step(_ANSWER, _REFUSE), _step(_ANSWER, _ALLOW)
_SAME_FOR_ALL: Final = _same_for_all()  # once for all children


def _filter(own: int) -> bytes:
    """The whole program: a signal goes to the process itself only, and what is not named passes."""
    return b"".join(
        [_SAME_FOR_ALL, *(_one(number, 0, _EQUAL, own, _PASS, _STOP) for number in (_KILL, _TGKILL)), _PASS]
    )


def seal() -> bool:
    """Puts the filter on this process for good; False where the machine has none to give."""
    if platform.machine() != "x86_64":
        return False
    _libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
    steps = _filter(os.getpid())
    program = _Filter(len(steps) // 8, ctypes.cast(ctypes.create_string_buffer(steps), ctypes.c_void_p))
    return _libc.prctl(_SET_SECCOMP, 2, ctypes.byref(program), 0, 0) == 0


def limit(*, memory: int, cpu_seconds: int) -> None:
    """Limits on address space (bytes), CPU, files and processes of this process, for good."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))


def leave_network() -> None:
    """An empty network of its own, where the system permits it; readers need none."""
    if _libc.unshare(_CLONE_NEWNET) != 0:
        _libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def adopt() -> None:
    """Whatever a child leaves behind becomes this process' child, so that it can be ended."""
    _libc.prctl(_SUBREAPER, 1, 0, 0, 0)


def die_with_parent() -> None:
    """This process ends when the one that started it does."""
    _libc.prctl(_PDEATHSIG, signal.SIGKILL)


def keep_only(*descriptors: int) -> None:
    """Closes every other descriptor: answers of other children, the line to the caller."""
    last = 2
    for descriptor in sorted(descriptors):
        os.closerange(last + 1, descriptor)
        last = descriptor
    os.closerange(last + 1, 1 << 20)


def children() -> list[int]:
    """Process ids of this process' children."""
    with contextlib.suppress(OSError), open(f"/proc/self/task/{os.getpid()}/children") as file:  # noqa: PTH123
        return [int(pid) for pid in file.read().split()]
    return []
