"""Which file an interpreter would run is certain, or the command is refused."""

from __future__ import annotations

import pytest

from core.errors import Refused
from core.execution.pinning import asks_privilege, check_program, operand_at, pin, program_name


@pytest.mark.parametrize(
    ("argv", "at"),
    [
        (["python3", "x.py", "a.txt"], 1),
        (["/usr/bin/python3.11", "-I", "-W", "error", "x.py"], 4),
        (["python", "-m", "pytest", "tests/test_x.py"], None),
        (["python", "-c", "print(1)", "word"], None),
        (["python", "-"], None),
        (["bash", "x.sh", "-c", "y"], 1),
        (["bash", "-e", "-o", "pipefail", "x.sh"], 4),
        (["sh", "-c", "echo"], None),
        (["node", "--require", "a", "x.js"], 3),
        (["node", "--max-old-space-size=64", "x.js"], 2),
        (["node", "-e", "1"], None),
        (["ruby", "x.rb"], 1),
        (["perl", "-ne", "print"], None),
        (["perl", "--", "x.pl"], 2),
        (["Rscript", "x.R"], 1),
        (["java", "-jar", "x.jar"], 2),
        (["java", "-cp", "lib", "Main"], None),
        (["java", "Main.java"], 1),
        (["php", "-f", "x.php"], 2),
        (["pwsh", "-NoProfile", "-File", "x.ps1", "-c"], 3),
        (["powershell.exe", "-ExecutionPolicy", "Bypass", "-FILE", "x.ps1"], 4),
        (["C:\\Windows\\System32\\cscript.exe", "//nologo", "x.vbs"], 2),
        (["ls", "-l", "x.py"], None),
        (["git", "-c", "a=b", "status"], None),
        (["python"], None),
    ],
)
def test_the_script_of_an_interpreter_is_found(argv: list[str], at: int | None) -> None:
    assert operand_at(argv) == at


@pytest.mark.parametrize(
    "argv",
    [
        ["python", "-c", "import x", "x.py"],
        ["bash", "-c", "source $0", "./x.sh"],
        ["bash", "-ec", "echo", "x.sh"],
        ["node", "--eval", "1", "x.js"],
        ["perl", "-lane", "print", "data.csv"],
        ["powershell", "x.ps1"],
        ["pwsh", "-File"],
        ["java", "-jar"],
        ["python", "--"],
    ],
)
def test_what_could_be_either_is_refused(argv: list[str]) -> None:
    with pytest.raises(Refused, match="command-operand"):
        operand_at(argv)


@pytest.mark.parametrize(
    "argv",
    [
        ["env", "LD_PRELOAD=x.so", "ls"],
        ["env", "-S", "sh -c id"],
        ["/usr/bin/env", "python3", "x.py"],
        ["nohup", "sleep", "9"],
        ["setsid", "x"],
        ["xargs", "rm"],
        ["timeout", "9", "x"],
        ["busybox", "sh"],
        ["rundll32.exe", "x.dll"],
    ],
)
def test_a_program_that_starts_another_one_is_refused(argv: list[str]) -> None:
    with pytest.raises(Refused, match="command-wrapper"):
        check_program(argv)


def test_a_wrapper_alone_is_an_ordinary_program() -> None:
    check_program(["env"])
    check_program(["ls", "env"])


def test_a_program_has_its_name_on_every_system() -> None:
    assert program_name("C:\\Program Files\\Git\\bin\\bash.EXE") == "bash"
    assert program_name("/usr/bin/python3.11") == "python3.11"


def test_asking_for_other_rights_is_seen() -> None:
    with pin(__file__) as exe:
        assert asks_privilege(["sudo", "ls"], exe)
        assert asks_privilege(["/usr/bin/pkexec"], exe)
        assert not asks_privilege(["ls", "sudo"], exe)
