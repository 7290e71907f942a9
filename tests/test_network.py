"""Offline mode: what would leave the machine is refused, in words; what is here is not."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from benchmarks.reliability import every_command
from benchmarks.reliability.network import STRACE, outward

from interlingua import network
from interlingua.training import launch
from tests.conftest import peer

SILENT = {name: value for name, value in os.environ.items() if name not in network.SWITCHES}
ELSEWHERE = "192.0.2.1"
"""An address of nobody (RFC 5737)."""
RECIPE = f"""
import socket
socket.create_connection(("{ELSEWHERE}", 9), timeout=1)
"""


def interlingua(*arguments: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "interlingua", *arguments]
    return subprocess.run(
        command, cwd=folder, env={**SILENT, **more}, capture_output=True, text=True, encoding="utf-8", timeout=120
    )


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (
            "encode a.txt --model some/model",
            "some/model: there is no such folder, and offline mode forbids to fetch it",
        ),
        (f"encode a.txt --model http://{ELSEWHERE}/v1", "offline mode forbids to send texts to another machine"),
        ("doctor datasets:some/data", "the data set some/data is not on this machine, and offline mode forbids"),
        ("quickstart --output q", "offline mode forbids to fetch this package with pip; put its wheel into q"),
        ("train ./recipe.py", f"something wants to connect to {ELSEWHERE}, which offline mode forbids"),
    ],
)
def test_what_would_have_to_be_fetched_or_sent_is_one_line(line: str, problem: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a text\n", encoding="utf-8")
    (tmp_path / "recipe.py").write_text(RECIPE, encoding="utf-8")
    if "datasets:" in line:
        peer("datasets")
    done = interlingua("--offline", *line.split(), folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert problem in done.stderr
    assert done.stderr.count("\n") == 1
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.txt", "recipe.py"]


def test_the_flag_stands_before_or_behind_and_the_variable_says_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a text\n", encoding="utf-8")
    line = ["encode", "a.txt", "--model", "some/model"]
    said = {
        interlingua(*before, *line, *behind, folder=tmp_path, **more).stderr
        for before, behind, more in (
            (["--offline"], [], {}),
            ([], ["--offline"], {}),
            ([], [], {network.VARIABLE: "1"}),
        )
    }
    assert len(said) == 1
    assert "offline mode" in said.pop()


def test_libraries_and_processes_that_are_started_are_told() -> None:
    code = "import os, interlingua; print(*(os.environ[name] for name in ('HF_HUB_OFFLINE', 'ORT_DISABLE_TELEMETRY')))"
    environment = {**SILENT, network.VARIABLE: "1", "HF_HUB_OFFLINE": "0", "ORT_DISABLE_TELEMETRY": "0"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "1 1\n"


GUARDED = f"""
import socket
from benchmarks.reliability import every_command
from benchmarks.reliability.network import STRACE, outward
from interlingua import network
network.guard()
server = socket.create_server(("127.0.0.1", 0))
for call in (
    lambda: socket.create_connection(server.getsockname(), timeout=5).close(),
    lambda: socket.getaddrinfo("localhost", 80),
    lambda: socket.socket(socket.AF_UNIX).connect("/nowhere/socket") if hasattr(socket, "AF_UNIX") else 1 / 0,
    lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("{ELSEWHERE}", 9)),
    lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"", ("{ELSEWHERE}", 9)),
    lambda: socket.getaddrinfo("name.invalid", 80),
    lambda: socket.gethostbyname(b"name.invalid"),
    lambda: socket.getaddrinfo("2001:db8::1", 80),
):
    try:
        call()
        print("done")
    except Exception as error:
        print(type(error).__name__)
"""


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="needs sockets that are files")
def test_the_guard_lets_through_what_stays_here() -> None:
    command = [sys.executable, "-W", "ignore::ResourceWarning", "-c", GUARDED]
    done = subprocess.run(
        command, env={**SILENT, network.VARIABLE: "1"}, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["done", "done", "FileNotFoundError", *["ConfigError"] * 5]


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True), ("LOCALHOST.", True), ("127.0.0.1", True), ("127.8.9.1", True), ("::1", True),
        ("::1%lo", True), ("", False), ("10.0.0.1", False), ("localhost.example.org", False), ("127.0.0.1.example.org", False),
        ("2001:db8::1", False), ("0.0.0.0", False),
    ],
)  # fmt: skip
def test_what_is_this_machine(host: str, here: bool) -> None:
    assert network.is_here(host) is here


def test_processes_meet_on_an_interface_that_others_cannot_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: dict[str, str] = {}

    def start(*_: object, env: dict[str, str], **__: object) -> None:
        started.update(env)
        raise InterruptedError

    monkeypatch.setattr(subprocess, "Popen", start)
    for name in ("GLOO_SOCKET_IFNAME", "NCCL_SOCKET_IFNAME"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(InterruptedError):
        launch._start(0, 2, [], tmp_path)
    assert started["GLOO_SOCKET_IFNAME"] == started["NCCL_SOCKET_IFNAME"] == network.loopback()
    assert {each.address for each in psutil.net_if_addrs()[network.loopback()]} & {"127.0.0.1", "::1"}


ALONE = ["unshare", "--map-root-user", "--net"]
"""In a network of its own, of which nothing leads anywhere."""
ALONE_WITH_ITSELF = """
import fcntl, os, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as of_any:
    fcntl.ioctl(of_any, 0x8914, struct.pack("16sh14x", b"lo", 1))  # SIOCSIFFLAGS, IFF_UP
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


def permitted(command: list[str]) -> bool:
    return (
        shutil.which(command[0]) is not None and not subprocess.run([*command, "true"], capture_output=True).returncode
    )


def test_a_trace_tells_what_stays_here_from_what_does_not() -> None:
    stays = [
        '7 connect(3, {sa_family=AF_UNIX, sun_path="/tmp/socket"}, 110) = 0',
        '7 connect(3, {sa_family=AF_UNIX, sun_path="/var/run/nscd/socket"}, 110) = -1 ENOENT',  # names of users
        '7 connect(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("127.0.0.1")}, 16) = 0',
        '7 bind(3, {sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr("127.0.0.1")}, 16) = 0',
        '7 connect(3, {sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "::1", &sin6_addr), sin6_scope_id=0}, 28) = 0',
        "7 sendto(7, [{nlmsg_len=20}], 20, 0, {sa_family=AF_NETLINK, nl_pid=0, nl_groups=00000000}, 12) = 20",
    ]
    leaves = [
        '7 connect(3, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.1")}, 16) = -1 EINPROGRESS',
        '7 connect(3, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.53")}, 16) = 0',
        '7 sendto(3, "x", 1, 0, {sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr("192.0.2.1")}, 16) = 1',
        '7 bind(3, {sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr("0.0.0.0")}, 16) = 0',
        '7 connect(3, {sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=0}, 28) = -1',
        '7 connect(3, {sa_family=AF_UNIX, sun_path="/run/systemd/resolve/io.systemd.Resolve"}, 42) = 0',
    ]
    assert outward("\n".join([*stays, *leaves])) == leaves


@pytest.mark.slow
@pytest.mark.skipif(not permitted(ALONE), reason="needs unshare, and the right to have a network of one's own")
@pytest.mark.skipif(not permitted(["strace", "-o", os.devnull]), reason="needs strace, and the right to use it")
def test_every_command_runs_without_a_network_and_asks_for_none(tmp_path: Path) -> None:
    """A trace of each command by itself: benchmarks/reliability/network.py."""
    trace = tmp_path / "trace"
    inner = [sys.executable, "-c", ALONE_WITH_ITSELF, str(every_command.__file__)]
    command = [*ALONE, *STRACE, str(trace), *inner]
    done = subprocess.run(command, cwd=tmp_path, env=SILENT, capture_output=True, timeout=1500)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    assert outward(trace.read_text(encoding="utf-8", errors="replace")) == []
