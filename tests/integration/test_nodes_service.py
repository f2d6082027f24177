"""A node as a service of the system, with a systemctl of our own."""

from __future__ import annotations

import plistlib
import stat
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from ops.environment import ROOT, python
from ops.pc import service


@pytest.fixture
def systemctl(tmp_path, monkeypatch):
    """A systemctl that notes what it is told; `fail` makes it refuse a word."""
    folder = tmp_path / "bin"
    folder.mkdir()
    said = tmp_path / "said"
    program = folder / "systemctl"
    program.write_text(
        f'#!/bin/sh\necho "$@" >> "{said}"\n'
        f'if [ -f "{tmp_path}/fail" ]; then echo "no bus"; exit 1; fi\necho "active"\n'
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    return lambda: said.read_text().splitlines() if said.exists() else []


linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="systemd is Linux's")


@linux_only
def test_the_service_is_installed_told_about_and_removed(tmp_path, systemctl):
    kind = service.kind_here(tmp_path / "data of % mine", user_home=tmp_path)
    said = service.install(kind, service.run_here)
    assert "enable-linger" in said
    assert systemctl() == ["--user daemon-reload", "--user enable --now the-mask-node"]
    text = kind.path.read_text()
    assert f'ExecStart="{python()}" -m ops node --home "{tmp_path}/data of %% mine"' in text
    assert f"WorkingDirectory={ROOT}" in text

    assert service.status(kind, service.run_here) == (0, "active\n")
    assert service.remove(kind, service.run_here) == "Removed."
    assert systemctl()[-2:] == ["--user disable --now the-mask-node", "--user daemon-reload"]
    assert not kind.path.exists()
    assert service.status(kind, service.run_here) == (1, "Not installed.")
    assert service.remove(kind, service.run_here) == "Removed."


@linux_only
def test_a_refusing_system_leaves_no_half_service_behind(tmp_path, systemctl):
    (tmp_path / "fail").touch()
    kind = service.kind_here(tmp_path, user_home=tmp_path)
    with pytest.raises(service.ServiceError, match="no bus"):
        service.install(kind, service.run_here)
    assert not kind.path.exists()


def test_a_system_without_the_command_says_so():
    with pytest.raises(service.ServiceError, match="cannot be run"):
        service.run_here(["no-such-command-of-any-system"])


def test_the_task_for_windows_is_whole_and_keeps_odd_paths():
    kind = service.task_scheduler(Path("C:/Users/Ra & <b>/my data"))
    root = ET.fromstring(kind.text.decode("utf-16").partition("?>")[2])
    space = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    words = root.findtext(".//t:Arguments", namespaces=space)
    assert words == '-m ops node --home "C:/Users/Ra & <b>/my data"'
    assert root.findtext(".//t:Command", namespaces=space) == str(python())
    assert root.findtext(".//t:RunLevel", namespaces=space) == "LeastPrivilege"
    assert kind.install[0][:2] == ("schtasks", "/Create")


def test_the_agent_for_macos_is_whole(tmp_path):
    kind = service.launchd(tmp_path / "data", tmp_path)
    plist = plistlib.loads(kind.text)
    assert plist["ProgramArguments"][1:] == ["-m", "ops", "node", "--home", str(tmp_path / "data")]
    assert plist["KeepAlive"] is True
    assert kind.path == tmp_path / "Library" / "LaunchAgents" / "org.the-mask.node.plist"


def test_another_system_is_sent_to_the_instructions(tmp_path):
    with pytest.raises(service.ServiceError, match=r"ops/pc/README\.md"):
        service.kind_here(tmp_path, system="plan9")


def test_no_file_of_a_service_holds_a_secret(tmp_path, monkeypatch):
    monkeypatch.setenv("MASK_REDIS_URL", "redis://:very-secret@192.0.2.1/0")
    for system in ("linux", "win32", "darwin"):
        kind = service.kind_here(tmp_path, system=system, user_home=tmp_path)
        assert b"very-secret" not in kind.text
