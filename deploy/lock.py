"""Make the hashed requirement files from pyproject.toml, or check that they are in step with it.

The files hold pins and hashes and no address, so they install from any index. Each begins with a digest of the
requirements it was made from; the check compares that digest, so it needs no network and tells of a requirement
that was removed as well as of one that was added.
"""

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
BASE = "requirements.txt"
GROUPS = {
    "requirements-uv.txt": "bootstrap",
    "requirements-demo.txt": "demo",
    "requirements-test.txt": "test",
}
OPTIONS = ["--generate-hashes", "--no-header", "--no-annotate", "--universal", "--quiet"]


def asked_for(name: str) -> list[str]:
    """Return the requirements in pyproject.toml from which a requirement file is made."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    if name == BASE:
        return project["project"]["dependencies"]
    return project["dependency-groups"][GROUPS[name]]


def heading(name: str) -> str:
    """Return the first line of a requirement file: what it was made from, as a digest."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    source = [project["project"]["requires-python"], sorted(asked_for(BASE)), sorted(asked_for(name))]
    digest = hashlib.sha256(json.dumps(source).encode()).hexdigest()
    return f"# Made by deploy/lock from pyproject.toml {digest[:32]}. Do not edit.\n"


def make(name: str, upgrade: bool) -> None:
    """Write one requirement file, keeping its present versions unless told to upgrade."""
    path = ROOT / "deploy" / name
    if name == BASE:
        source = ["pyproject.toml"]
    else:
        # The same versions as the product's own, so that any of the files can be installed together.
        source = ["--group", f"pyproject.toml:{GROUPS[name]}", "--constraint", f"deploy/{BASE}"]
    lowest = asked_for_python()
    command = [sys.executable, "-m", "uv", "pip", "compile", *source, *OPTIONS, "--python-version", lowest]
    if upgrade:
        command.append("--upgrade")
    subprocess.run([*command, "--output-file", str(path)], cwd=ROOT, check=True)
    path.write_text(heading(name) + path.read_text())


def asked_for_python() -> str:
    """Return the lowest Python version that pyproject.toml allows, as in `3.11`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return project["project"]["requires-python"].removeprefix(">=")


def pins(name: str) -> dict[str, str]:
    """Return the version pinned for each package of a requirement file."""
    lines = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", (ROOT / "deploy" / name).read_text(), re.M)
    return {canonicalize_name(package): version for package, version in lines}


def faults() -> list[str]:
    """Return what is wrong with the requirement files, in words; nothing when they are in step."""
    together: dict[str, tuple[str, str]] = {}
    found = []
    for name in [BASE, *GROUPS]:
        if not (ROOT / "deploy" / name).exists():
            found.append(f"{name} is missing")
            continue
        found.extend(f"{name}: {fault}" for fault in faults_of(name))
        for package, version in pins(name).items():
            other, first = together.setdefault(package, (name, version))
            if first != version:
                found.append(f"{package} is {first} in {other} and {version} in {name}")
    return found


def faults_of(name: str) -> list[str]:
    """Return what is wrong with one requirement file."""
    text = (ROOT / "deploy" / name).read_text()
    found = []
    if not text.startswith(heading(name)):
        found.append("made from other requirements than pyproject.toml has now")
    if re.search(r"://|^\s*-(?!-hash=)", text, re.M):
        found.append("names an address or holds an option; pins and hashes only")
    entries = re.split(r"\n(?=[A-Za-z0-9])", text)[1:]
    found.extend(f"{entry.split()[0]} has no hash" for entry in entries if "--hash=sha256:" not in entry)
    pinned = pins(name)
    for requirement in map(Requirement, asked_for(name)):
        version = pinned.get(canonicalize_name(requirement.name))
        if version is None or not requirement.specifier.contains(version, prereleases=True):
            found.append(f"{requirement} is wanted and {version or 'nothing'} is pinned")
    return found


def main() -> int:
    """Make or check the files, as the command line says."""
    parser = argparse.ArgumentParser(prog="deploy/lock", description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing; fail if the files are out of step")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that pyproject.toml allows")
    options = parser.parse_args()
    if not options.check:
        for name in [BASE, *GROUPS]:
            make(name, options.upgrade)
    found = faults()
    for fault in found:
        print(fault, file=sys.stderr)
    if found:
        print("Run ./deploy/lock and commit the requirement files.", file=sys.stderr)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
