"""deploy/production.env.example lists every setting, and production starts with it as it is."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "deploy" / "production.env.example"


def test_the_example_names_every_setting_that_is_read():
    source = (ROOT / "tracker" / "config" / "settings.py").read_text()
    read = set(re.findall(r'_(?:setting|number|switch)\(\s*"(\w+)"', source)) | {"TRACKER_ENV"}
    named = set(re.findall(r"^(?:# )?([A-Z_]+)=", EXAMPLE.read_text(), re.M))

    assert len(read) > 10
    assert named == read


def test_the_example_is_read_alike_by_a_shell_and_by_systemd():
    """One assignment on a line, and quotation marks round a value with spaces."""
    for line in EXAMPLE.read_text().splitlines():
        assert re.fullmatch(r'#.*|[A-Z_]+=([^\s"\'$`\\&;<>|()]+|"[^"$`\\]*")|', line), line


def test_production_starts_with_the_example():
    code = "import tracker.config.settings as settings; print(settings.ENVIRONMENT, settings.DEFAULT_FROM_EMAIL)"
    script = 'set -a; . "$1"; exec "$2" -c "$3"'

    started = subprocess.run(
        ["/bin/bash", "-euc", script, "-", str(EXAMPLE), sys.executable, code],
        cwd=ROOT,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )

    assert started.stderr == ""
    assert started.stdout == "production Improvement plan <improvement-plan@council.example>\n"
