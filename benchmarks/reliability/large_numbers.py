"""Numbers that an option allows and nobody means, for every option of every command (of recipes, which share most, for
the first that has it): each run ends in time and within memory, with a result or one clear error.

    python benchmarks/reliability/large_numbers.py [WORDS]

Every run is a process of its own, which may have 8 GB of address space and a minute. With words, only the commands
whose name holds them are tried, and nothing is recorded.
"""

import argparse
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from cyclopts import App
from reliability import every_command, kills
from reliability.record import record

from interlingua import cli
from interlingua.quantities import kinds_of

SECONDS, ADDRESS_SPACE = 60, 8 << 30
WHOLE, REAL = ("0", "1", "999999999999999"), ("0", "1e300", "0.000001")


def tried(app: App, name: str, words: list[str], known: set[str]) -> list[list[str]]:
    """Command lines, each with a number of an option changed; those that are `known` are left out, and recipes add
    theirs.
    """
    for part in name.split():
        app = app[part]
    found: list[list[str]] = []
    for argument in app.assemble_argument_collection(parse_docstring=True):
        kinds = kinds_of(argument.hint)
        if name.startswith("train "):
            if argument.name in known:
                continue
            known.add(argument.name)
        for value in REAL if float in kinds else WHOLE if kinds else ():
            rest = list(words)
            if argument.name in rest:
                place = rest.index(argument.name)
                del rest[place : place + 2]
            found.append([*rest, argument.name, *[value] * (2 if argument.hint == tuple[int, int] else 1)])
    return found


def outcome(words: list[str], made: Path, place: Path) -> str:
    """ "ended: ...", or what is wrong."""
    place.mkdir()
    results = {words[number + 1] for number, word in enumerate(words) if word in ("--output", "--rejected", "--cache")}
    for path in made.iterdir():
        if path.name != "runs" and path.name not in results:
            (place / path.name).symlink_to(path)
    if "runs" not in results and words[0] != "train":
        (place / "runs").symlink_to(made / "runs")
    said = place.with_suffix(".said")
    child = os.fork()
    if child == 0:
        _run(words, place, said)
    end = time.monotonic() + SECONDS
    status: int | None = None
    while status is None and time.monotonic() < end:
        ended, code = os.waitpid(child, os.WNOHANG)
        status = code if ended else None
        time.sleep(0.02)
    if status is None:
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
    shutil.rmtree(place)
    lines = said.read_text(encoding="utf-8", errors="replace").splitlines()
    if status is None:
        return f"no end after {SECONDS} seconds"
    code = os.waitstatus_to_exitcode(status)
    if code in (cli.DONE, cli.BAD_INPUT) and "Traceback (most recent call last):" not in lines:
        return f"ended: {code}"
    return f"ended with {code}: {' / '.join(lines[-2:])[-400:]}"


def _run(words: list[str], place: Path, said: Path) -> None:
    os.setsid()
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    messages = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(messages, 1)
    os.dup2(messages, 2)
    os.chdir(place)
    code = 70
    try:
        sys.argv = ["interlingua", *words]
        code = cli.run(words)
    except SystemExit as ended:  # of a process that has started others
        code = int(ended.code or 0)
    except BaseException:
        traceback.print_exc()
    sys.stderr.flush()
    os._exit(code)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("words", nargs="*", help="only the commands whose name holds them; nothing is recorded")
    asked = " ".join(parser.parse_args().words)
    lines = {name: words for name, words in every_command.lines().items() if words[0] != every_command.REFUSED}
    if not any(asked in name for name in lines):
        parser.error(f"no command has {asked!r} in its name")
    kills.preload()
    outcomes, known = dict[str, str](), set[str]()
    with tempfile.TemporaryDirectory(prefix="interlingua-numbers-") as name:
        made = Path(name) / "made"
        child = os.fork()  # threads that it starts are no hindrance to later forks
        if child == 0:
            every_command.prepare(made)
            os._exit(0)
        os.waitpid(child, 0)
        for words in lines.values():
            if not asked or words[0] not in ("train", "new-language", "clean"):
                child = os.fork()
                if child == 0:
                    _run(words, made, Path(name) / "made.said")
                os.waitpid(child, 0)
        for command, words in lines.items():
            if asked not in command:
                continue
            for line in tried(cli.application([]), command, words, known):
                told = " ".join(line)
                outcomes[told] = outcome(line, made, Path(name) / "run")
                if not outcomes[told].startswith("ended: "):
                    print(f"{told}\n    {outcomes[told]}", flush=True)
    failed = {line: outcome for line, outcome in outcomes.items() if not outcome.startswith("ended: ")}
    if not asked:
        record(
            "absurd numbers", "reliability/large_numbers.py", tried=len(outcomes), failed=len(failed), failures=failed
        )
    print(json.dumps({"tried": len(outcomes), "failed": len(failed)}))


if __name__ == "__main__":
    main()
