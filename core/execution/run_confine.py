"""What Linux can take from a process before it becomes a command; standard library only.

Decides nothing: `run_keeper` calls these in the child, between fork and exec, as its plan says.
Everything here only takes away, and nothing of it can be had back.

    namespaces an own PID and mount namespace with its own /proc, where the kernel allows it
    files      Landlock: reading and writing by an allow-list of folders
    calls      a filter of system calls: no network, no sockets of other programs, no key store

Numbers: linux/landlock.h, linux/seccomp.h, linux/prctl.h, linux/sched.h, linux/capability.h. The
system calls of Landlock have the same numbers on every architecture.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
import sys
from collections.abc import Iterable, Mapping

assert sys.platform == "linux", "started by run_linux only"

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, PR_CAPBSET_DROP = 38, 22, 24
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
RULE_PATH_BENEATH = 1
CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID = 0x20000, 0x10000000, 0x20000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_SLAVE = 2, 4, 8, 0x4000, 0x80000
#: Landlock's rights: to use files, to change folders, and the bit that each later version added.
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
CHANGES = sum(1 << bit for bit in range(4, 13))
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
LATER = ((2, REFER), (3, TRUNCATE), (5, IOCTL_DEV))
ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
#: From this version on it also keeps signals and abstract sockets inside.
SCOPES_SINCE, SCOPES = 6, 3
LAST_CAPABILITY = 63

#: seccomp: by machine, the audit number of its system calls, `socket`, and what is always denied:
#: io_uring (makes sockets unseen), add_key, request_key, keyctl (the kernel's key store).
MACHINES: Mapping[str, tuple[int, int, tuple[int, ...]]] = {
    "x86_64": (0xC000003E, 41, (425, 248, 249, 250)),
    "aarch64": (0xC00000B7, 198, (425, 217, 218, 219)),
}
#: Families of sockets: the network's, and the one that asks the kernel about it.
AF_INET, AF_INET6, AF_NETLINK = 2, 10, 16
NETWORK = (AF_INET, AF_INET6, AF_NETLINK)
EPERM, ENOSYS = 1, 38
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
#: Calls numbered like this on x86-64 are the x32 ABI: another door to the same calls.
X32 = 0x40000000


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(answer: int, what: str) -> int:
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return answer


def first_victim() -> None:
    """A low priority, and the first to go when memory is short."""
    os.nice(10)  # hundreds of busy children must not starve the keeper that ends them
    with open("/proc/self/oom_score_adj", "wb", buffering=0) as file:  # noqa: PTH123 - hot path
        file.write(b"800")


def no_new_privileges() -> None:
    """From now on no program gains rights by its set-id bits, and root has none beyond its name."""
    libc = _libc()
    _checked(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    if os.geteuid() == 0:
        for capability in range(LAST_CAPABILITY + 1):
            libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)  # the last ones do not exist


def namespaces() -> None:
    """Enter a PID and a mount namespace; the next child is the first process of it. OSError."""
    libc = _libc()
    user, group = os.geteuid(), os.getegid()
    if user == 0:
        _checked(libc.unshare(CLONE_NEWNS | CLONE_NEWPID), "unshare")
    else:
        _checked(libc.unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID), "unshare")
        for name, line in (
            ("setgroups", "deny"),
            ("uid_map", f"{user} {user} 1"),
            ("gid_map", f"{group} {group} 1"),
        ):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:  # noqa: PTH123
                file.write(line)
    _checked(libc.mount(b"none", b"/", None, MS_REC | MS_SLAVE, None), "mount /")


def own_proc() -> None:
    """As the first process of a PID namespace: a /proc that shows nothing else. OSError."""
    flags = MS_NOSUID | MS_NODEV | MS_NOEXEC
    _checked(_libc().mount(b"proc", b"/proc", b"proc", flags, None), "mount /proc")


def landlock_version() -> int:
    """The version of Landlock's interface here; 0 where there is none."""
    version = 1
    return max(0, int(_libc().syscall(CREATE_RULESET, None, 0, version)))


def files(reads: Iterable[str], writes: Iterable[str], devices: Iterable[str]) -> None:
    """Only these folders and files from now on. What is not there is passed over: nothing is
    allowed by that. Needs `no_new_privileges`. OSError."""
    version = landlock_version()
    known = EXECUTE | WRITE_FILE | READ_FILE | READ_DIR | CHANGES
    known |= sum(bit for since, bit in LATER if version >= since)
    scopes = SCOPES if version >= SCOPES_SINCE else 0
    attributes = struct.pack("=QQQ", known, 0, scopes)
    size = 24 if version >= SCOPES_SINCE else 16 if version >= 4 else 8  # noqa: PLR2004
    libc = _libc()
    rules = _checked(libc.syscall(CREATE_RULESET, attributes, size, 0), "landlock")
    try:
        for path in reads:
            _allow(libc, rules, path, known & (EXECUTE | READ_FILE | READ_DIR))
        for path in writes:
            _allow(libc, rules, path, known & ~IOCTL_DEV)
        for path in devices:
            _allow(libc, rules, path, known & (READ_FILE | WRITE_FILE | IOCTL_DEV))
        _checked(libc.syscall(RESTRICT_SELF, rules, 0), "landlock")
    finally:
        os.close(rules)


def _allow(libc: ctypes.CDLL, rules: int, path: str, rights: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(fd).st_mode):
            rights &= ON_FILES
        rule = struct.pack("=Qi", rights, fd)
        _checked(libc.syscall(ADD_RULE, rules, RULE_PATH_BENEATH, rule, 0), f"landlock {path}")
    finally:
        os.close(fd)


def can_filter_calls() -> bool:
    """Do we know this machine's numbers of system calls?"""
    return os.uname().machine in MACHINES


def call_filter(families: tuple[int, ...]) -> bytes:
    """A filter of system calls, as seccomp takes it: sockets of these families only, so never
    another program's on this machine, and nothing of what is always denied. Pairs of sockets made
    by `socketpair` reach nobody and stay. KeyError on a machine whose numbers we do not know."""
    audit, socket, denied = MACHINES[os.uname().machine]
    # Offsets in struct seccomp_data: 0 the call's number, 4 the machine, 16 the first argument.
    load, equal, at_least, answer = 0x20, 0x15, 0x35, 0x06
    code = [
        (load, 0, 0, 4),
        (equal, 1, 0, audit),
        (answer, 0, 0, ERRNO | ENOSYS),
        (load, 0, 0, 0),
        (at_least, 0, 1, X32),
        (answer, 0, 0, ERRNO | ENOSYS),
    ]
    for number in denied:
        code += [(equal, 0, 1, number), (answer, 0, 0, ERRNO | ENOSYS)]
    last = len(families)
    code += [(equal, 0, last + 2, socket), (load, 0, 0, 16)]
    code += [(equal, last - at, 0, family) for at, family in enumerate(families)]
    code += [(answer, 0, 0, ERRNO | EPERM), (answer, 0, 0, ALLOW)]
    return b"".join(struct.pack("=HBBI", *line) for line in code)


def calls(*, network: bool) -> None:
    """No sockets but those of the network, and those only with `network`. Needs
    `no_new_privileges`. OSError, KeyError."""
    packed = call_filter(NETWORK if network else ())
    room = ctypes.create_string_buffer(packed, len(packed))
    program = struct.pack("@HP", len(packed) // 8, ctypes.addressof(room))
    filtering = 2
    _checked(_libc().prctl(PR_SET_SECCOMP, filtering, program, 0, 0), "seccomp")
