"""The environment of a command: an allow-list, made anew for each.

Decides which variables a command gets, and which names nobody may set, also not with a yes: those
that make a program load or run something else than what was shown. Never passes on this process's
own environment, where secrets may be. Pure.

Source of the lists: `reliability.md` 4.4, widened by names that do the same for other programs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from core.errors import Refused

#: Where programs are looked for, in this order.
LINUX_PATH = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin")
MACOS_PATH = ("/opt/homebrew/bin", "/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin")
WINDOWS_PATH = (
    r"C:\Windows\System32",
    r"C:\Windows",
    r"C:\Windows\System32\Wbem",
    r"C:\Windows\System32\WindowsPowerShell\v1.0",
    r"C:\Program Files\PowerShell\7",
    r"C:\Program Files\Git\cmd",
    r"C:\Program Files\nodejs",
)
PATHS: Mapping[str, tuple[str, ...]] = {
    "linux": LINUX_PATH,
    "darwin": MACOS_PATH,
    "win32": WINDOWS_PATH,
}
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
#: Bytes of one value, and how many may be added.
MOST_VALUE, MOST_NAMES = 4096, 32

#: Ours to set, and what makes a program load, preload, run or trust something else.
FORBIDDEN = re.compile(
    r"PATH|HOME|TMPDIR|TEMP|TMP|USERPROFILE|APPDATA|LOCALAPPDATA|PWD|SHLVL|USER|LOGNAME|SHELL"
    r"|LD_.*|DYLD_.*|GLIBC_.*|GCONV_PATH|LOCPATH|NLSPATH|MALLOC_.*|GETCONF_DIR|HOSTALIASES"
    r"|RESOLV_HOST_CONF|LOCALDOMAIN|RES_OPTIONS|TZDIR|TERMINFO.*|TERMCAP"
    r"|PYTHON.*|NODE_.*|NPM_CONFIG_.*|BUN_.*|DENO_.*|PERL.*|RUBY.*|GEM_.*|BUNDLE_.*|PHP.*|LUA_.*"
    r"|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JDK_JAVA_OPTIONS|CLASSPATH|MAVEN_.*|GRADLE_.*|R_.*"
    r"|RUSTC.*|RUSTUP_.*|CARGO_.*|GOFLAGS|GOENV|GOROOT|CGO_.*|MAKEFLAGS|MAKEFILES|CMAKE_.*"
    r"|BASH.*|ENV|ZDOTDIR|FPATH|IFS|CDPATH|PS[0-9]|PROMPT_COMMAND|SHELLOPTS|HISTFILE|FUNCNEST"
    r"|GIT_(?!AUTHOR_|COMMITTER_).*|SSH_.*|SUDO_.*|PKG_CONFIG.*|DBUS_.*|XDG_.*|GPG_.*|GNUPGHOME"
    r"|EDITOR|VISUAL|PAGER|.*_PAGER|BROWSER|LESS.*|MANPAGER|MANOPT|DISPLAY|WAYLAND_.*|XAUTHORITY"
    r"|DOCKER_.*|KUBECONFIG|AWS_.*|OPENSSL_.*|SSL_.*|CURL_.*|WGETRC|.*_PROXY|PROXYCHAINS_.*"
    r"|SYSTEMROOT|WINDIR|COMSPEC|PATHEXT|PSMODULEPATH|__PSLOCKDOWNPOLICY|COR_.*|CORECLR_.*|COMPLUS_.*"
    r"|DOTNET_.*|SYSTEMDRIVE|PROGRAMFILES.*|PROGRAMDATA|DRIVERDATA"
    r"|MASK_.*|SANDBOX_DIR|PLUGIN_DIR|.*_?(?:TOKEN|SECRET|PASSWORD|API_KEY)"
)


def made(
    system: str, scratch: str, more: Mapping[str, str], path: tuple[str, ...] = ()
) -> dict[str, str]:
    """The whole environment of a command on `system` (a `sys.platform`) whose home is `scratch`.
    Refused(`command-environment`) for a name that nobody may set."""
    check(more)
    places = path or PATHS.get(system, LINUX_PATH)
    if system == "win32":
        return {**_windows(scratch, places), **more}
    return {
        "PATH": ":".join(places),
        "HOME": scratch,
        "TMPDIR": f"{scratch}/tmp",  # noqa: S108 - in its own folder
        "LANG": "C.UTF-8" if system != "darwin" else "en_US.UTF-8",
        "LC_ALL": "C.UTF-8" if system != "darwin" else "en_US.UTF-8",
        "TERM": "dumb",
        **more,
    }


def check(more: Mapping[str, str]) -> None:
    """Refused(`command-environment`) unless every name and value may be set by the owner."""
    for name, value in more.items():
        upper = name.upper()  # Windows knows one name in all cases
        is_fit = NAME.fullmatch(name) and "\0" not in value and len(value.encode()) <= MOST_VALUE
        if not is_fit or FORBIDDEN.fullmatch(upper) or len(more) > MOST_NAMES:
            raise Refused("command-environment", name=name[:64])


def _windows(scratch: str, places: tuple[str, ...]) -> dict[str, str]:
    """What programs on Windows do not start without."""
    return {
        "PATH": ";".join(places),
        "SYSTEMROOT": r"C:\Windows",
        "WINDIR": r"C:\Windows",
        "SYSTEMDRIVE": "C:",
        "COMSPEC": r"C:\Windows\System32\cmd.exe",
        "PATHEXT": ".COM;.EXE;.BAT;.CMD",
        "USERPROFILE": scratch,
        "HOME": scratch,
        "TEMP": rf"{scratch}\tmp",
        "TMP": rf"{scratch}\tmp",
    }
