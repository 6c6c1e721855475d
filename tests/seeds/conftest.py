"""What tests of the seeds share: the command, and folders of files to break."""

import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from seeds.management.commands.seed import FOLDER


def seed(*arguments: str) -> str:
    """Run `manage.py seed` and return what it said."""
    said = StringIO()
    call_command("seed", *arguments, stdout=said)
    return said.getvalue()


@pytest.fixture
def demo_folder(tmp_path: Path) -> Path:
    """A copy of the smaller made-up council, in a folder of its own."""
    shutil.copy(FOLDER / "demo" / "southmere.yaml", tmp_path)
    return tmp_path


@pytest.fixture
def record_folder(tmp_path: Path) -> Path:
    """A copy of Buckinghamshire's record and plan, in a folder of its own."""
    for name in ("buckinghamshire.yaml", "buckinghamshire_plan_2014.yaml"):
        shutil.copy(FOLDER / "record" / name, tmp_path)
    return tmp_path


def spoil(file: Path, old: str, new: str) -> None:
    """Change the first place of a text in a file."""
    text = file.read_text()
    assert old in text, f"“{old}” is no longer in {file.name}"
    file.write_text(text.replace(old, new, 1))
