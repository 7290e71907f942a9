"""The package runs where what Unix alone has is missing: it is hidden here, in a process of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.reliability.every_command import lines as every_command
from benchmarks.reliability.every_command import prepare

import interlingua
from interlingua.errors import ConfigError
from interlingua.outputs import link_folder
from interlingua.training import launch

SOURCE = Path(interlingua.__file__).parent
HIDDEN = r"""
import builtins, os, signal, socket, sys, types, warnings
MODULES = {"fcntl", "grp", "pty", "pwd", "readline", "resource", "syslog", "termios", "tty"}
NAMES = {
    "os": {"chown", "fork", "forkpty", "geteuid", "getgid", "getloadavg", "getuid", "killpg", "mkfifo", "pread",
           "register_at_fork", "sched_getaffinity", "setsid", "statvfs", "sysconf", "uname", "wait4"},
    "signal": {"SIGALRM", "SIGCHLD", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGUSR1", "alarm", "pthread_sigmask", "setitimer"},
    "socket": {"AF_UNIX"},
}
def ours(frame):
    return frame.f_globals.get("__name__", "").startswith("interlingua")
class Hiding(types.ModuleType):
    def __getattribute__(self, name):
        get = super().__getattribute__
        if name in NAMES[get("__name__")] and ours(sys._getframe(1)):
            raise AttributeError(name)
        return get(name)
for module in (os, signal, socket):
    module.__class__ = Hiding
imported = builtins.__import__
def find(name, *arguments, **named):
    if name in MODULES and ours(sys._getframe(1)):
        raise ImportError(name)
    return imported(name, *arguments, **named)
builtins.__import__ = find
def refused(*_, **__):
    raise OSError(1314, "A required privilege is not held by the client")
os.symlink = refused
warnings.filterwarnings("error", category=EncodingWarning, module=r"interlingua(\.|$)")
"""
"""As on Windows, for this package alone: what it imports is built for the machine the test runs on."""
IMPORTS = """
import pkgutil, importlib, interlingua
names = [module.name for module in pkgutil.walk_packages(interlingua.__path__, "interlingua.")]
for name in names:
    if not name.endswith("__main__"):
        importlib.import_module(name)
print(len(names))
"""
RUNS = """
from interlingua import cli
for line in list(sys.argv[1:]):
    sys.argv = ["interlingua", *line.split()]
    try:
        cli.main()
    except SystemExit as ended:
        if ended.code:
            sys.exit(f"{line}: {ended.code}")
"""
UNIX = re.compile(
    r"\b(import (fcntl|grp|pty|pwd|termios|tty)|os\.(fork|getuid|killpg|mkfifo|sysconf|statvfs|uname|wait4)"
    r"|signal\.(alarm|SIGALRM|SIGUSR1|SIGPIPE))\b"
)
FORBIDDEN = re.compile(r'[<>:"|?*\\\x00-\x1f]|[. ]$|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)', re.IGNORECASE)
"""Names that Windows gives to no file."""


QUICK = ("encode", "export", "tm convert", "train simcse", "runs list", "recipes")
"""Commands of every kind: of vectors, of engines, of files, of folders, of training."""


def python(code: str, *arguments: str, folder: Path) -> str:
    command = [sys.executable, "-X", "warn_default_encoding", "-W", "ignore", "-c", HIDDEN + code, *arguments]
    # another encoding of the machine, as Windows has one, is one that texts do not fit into
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=280)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-3000:]
    return done.stdout.decode()


def test_nothing_is_asked_for_that_unix_alone_has() -> None:
    assert [str(file) for file in SOURCE.rglob("*.py") if UNIX.search(file.read_text(encoding="utf-8"))] == []


def test_every_file_of_the_package_has_a_name_that_windows_allows() -> None:
    assert [str(file) for file in SOURCE.rglob("*") if FORBIDDEN.search(file.name)] == []
    assert FORBIDDEN.search("nul.txt")
    assert FORBIDDEN.search("de:en")


def test_what_is_hidden_is_hidden_from_the_package_alone(tmp_path: Path) -> None:
    code = "assert os.fork and __import__('fcntl')\n__name__ = 'interlingua.some'\n"
    code += "assert not hasattr(os, 'fork') and not hasattr(signal, 'SIGHUP')\nimport fcntl"
    with pytest.raises(AssertionError, match="ImportError: fcntl"):
        python(code, folder=tmp_path)


def test_every_module_is_imported_and_every_help_is_shown_without_what_unix_alone_has(tmp_path: Path) -> None:
    lines = ["--help", *(f"{name} --help" for name in every_command())]
    shown = python(IMPORTS + RUNS, *lines, folder=tmp_path)
    assert int(shown.partition("\n")[0]) > 150
    assert shown.count("Usage: interlingua") == len(lines)


@pytest.mark.slow
def test_commands_run_without_what_unix_alone_has(tmp_path: Path) -> None:
    prepare(tmp_path)
    lines = [" ".join(words) for name, words in every_command().items() if name in QUICK]
    lines = [line.replace("runs/simcse", "runs/дом") for line in lines]
    assert "runs/дом" in python(RUNS, *lines, folder=tmp_path)
    assert (tmp_path / "engine" / "model.onnx").exists()
    assert [str(file) for file in tmp_path.rglob("*") if FORBIDDEN.search(file.name)] == []


def test_where_there_are_no_links_a_folder_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "file").write_text("content", encoding="utf-8")
    link_folder(tmp_path / "source", tmp_path / "link")
    assert (tmp_path / "link").is_symlink()

    def refused(*_: object, **__: object) -> None:
        raise OSError(1314, "A required privilege is not held by the client")

    monkeypatch.setattr(os, "symlink", refused)
    link_folder(tmp_path / "source", tmp_path / "copy")
    assert not (tmp_path / "copy").is_symlink()
    assert (tmp_path / "copy" / "file").read_text(encoding="utf-8") == "content"


def test_several_processes_are_refused_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(ConfigError, match="--processes needs Linux or macOS"):
        launch.launch(2, [])
