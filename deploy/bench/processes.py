"""What processes cost: seconds of CPU and peak memory of whole trees, from /proc; and of one command, from wait4."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.services.servers import ROOT, ServerFailed

TICKS = os.sysconf("SC_CLK_TCK")
MB = 1024 * 1024


def tree(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        with suppress(OSError):
            for task in Path(f"/proc/{one}/task").iterdir():
                waiting += [int(child) for child in (task / "children").read_text().split()]
    return found


def cpu_seconds(pids: Iterable[int]) -> float:
    """Return the CPU that some trees have used so far, with that of children who have ended."""
    total = 0
    for pid in pids:
        for one in tree(pid):
            with suppress(OSError):
                # After the name in brackets: utime, stime, cutime and cstime are the 12th to 15th fields.
                after_name = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
                total += sum(map(int, after_name[11:15]))
    return total / TICKS


def peak_megabytes(pid: int) -> list[float]:
    """Return the peak resident memory of each process of a tree."""
    peaks = []
    for one in tree(pid):
        with suppress(OSError):
            lines = Path(f"/proc/{one}/status").read_text().splitlines()
            peaks += [round(int(line.split()[1]) / 1024, 1) for line in lines if line.startswith("VmHWM:")]
    return peaks


@dataclass(frozen=True)
class Ran:
    """A command that ran to its end."""

    output: str
    seconds: float
    cpu_seconds: float
    peak_megabytes: float


def run(command: Sequence[str], env: dict[str, str]) -> Ran:
    """Run a command to its end; raise ServerFailed with its output unless it succeeded."""
    began = time.monotonic()
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=errors)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        said, complained = output.read().decode(), errors.read().decode(errors="replace")
    if process.returncode:
        raise ServerFailed(f"{' '.join(command)} failed (exit {process.returncode}):\n{said}{complained}")
    return Ran(said, seconds, used.ru_utime + used.ru_stime, round(used.ru_maxrss / 1024, 1))
