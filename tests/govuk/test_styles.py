"""The built style sheet and script: of the version pinned, up to date, whole, and not GOV.UK's own brand."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

from tracker.actions.rules import BAR_ORDER, Difference, Status
from tracker.actions.templatetags import status as status_tags
from tracker.govuk.templatetags.govuk import progress_bar

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "tracker" / "govuk" / "static" / "govuk"
CSS = (STATIC / "app.css").read_text()
PINS = json.loads((ROOT / "deploy" / "frontend" / "package.json").read_text())["dependencies"]


def test_the_versions_are_pinned_and_the_style_sheet_is_built_from_them():
    stamp = re.search(r"govuk-frontend ([\d.]+), sass ([\d.]+), scss \w{64}", CSS.splitlines()[0])

    assert stamp is not None
    assert stamp.groups() == (PINS["govuk-frontend"], PINS["sass"])
    assert f'--govuk-frontend-version: "{PINS["govuk-frontend"]}"' in CSS


def test_the_style_sheet_was_built_after_the_last_change_of_style():
    sources = b"".join(path.read_bytes() for path in sorted((ROOT / "tracker" / "govuk" / "scss").glob("*.scss")))

    assert f"scss {hashlib.sha256(sources).hexdigest()}" in CSS, "Run deploy/build-css and commit what it makes."


def test_nothing_is_fetched_from_anywhere():
    assert re.findall(r"url\(|@import|@font-face", CSS) == []


@pytest.mark.parametrize("word", ["GDS Transport", "crest", "crown", "govuk-footer", "govuk-header"])
def test_it_is_not_gov_uk(word):
    assert word not in CSS


def test_the_licence_of_govuk_frontend_stands_beside_it():
    licence = (STATIC / "LICENCE-govuk-frontend.txt").read_text()

    assert "LICENCE-govuk-frontend.txt" in CSS.splitlines()[0]
    assert "The MIT License" in licence
    assert "Crown Copyright (Government Digital Service)" in licence


def test_static_files_can_be_collected_with_hashed_names(tmp_path, settings):
    settings.STATIC_ROOT = str(tmp_path)
    plain = FileSystemStorage(STATIC.parent)
    storage = CompressedManifestStaticFilesStorage(location=str(tmp_path), base_url="/static/")
    found = {
        str(path.relative_to(STATIC.parent)): (plain, str(path.relative_to(STATIC.parent))) for path in STATIC.iterdir()
    }
    for name in found:
        with plain.open(name) as file:
            storage.save(name, file)

    results = list(storage.post_process(found))

    assert [outcome for name, hashed, outcome in results if isinstance(outcome, Exception)] == []
    assert re.fullmatch(r"govuk/app\.\w+\.css", storage.stored_name("govuk/app.css"))


def test_the_script_starts_govuk_frontend_and_the_watch_on_the_session():
    script = (STATIC / "app.js").read_text()

    imported = re.findall(r"from '\./(.+)'", script)
    assert imported == ["govuk-frontend.min.js", "session.js"]
    assert all(finders.find(f"govuk/{name}") for name in imported)
    assert "sourceMappingURL" not in (STATIC / "govuk-frontend.min.js").read_text()


def colours() -> dict[str, str]:
    return dict(re.findall(r"--app-([\w-]+): ?(#\w+)", CSS))


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_counted_as_wcag_counts_it():
    assert contrast("#fff", "#000000") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("status", BAR_ORDER)
def test_the_words_of_chips_and_the_numbers_of_bars_can_be_read(status):
    name = status_tags.css_name(status)

    assert contrast(colours()[f"{name}-text"], colours()[f"{name}-tint"]) >= 4.5
    assert contrast("#ffffff", colours()[name]) >= 4.5


@pytest.mark.parametrize("background", ["#0f4c4a", "#0b5a8a"])
def test_white_on_the_brand_and_links_on_surfaces_can_be_read(background):
    assert background in CSS
    assert contrast("#ffffff", background) >= 4.5
    assert contrast(background, "#eef5f4") >= 4.5
    assert contrast(background, "#f5f6f6") >= 4.5


def test_every_class_that_tags_write_is_in_the_style_sheet():
    written = [status_tags.status_chip(status) for status in Status]
    written += [status_tags.difference_steps(difference) for difference in Difference]
    written += [status_tags.status_bar({status: number + 1}) for number, status in enumerate(BAR_ORDER)]
    written += [status_tags.status_bar({"complete": n}, small=True) for n in range(13)]
    written += [status_tags.status_key(dict.fromkeys(BAR_ORDER, 1)), progress_bar(3, 10)]

    names = {name for classes in re.findall(r'class="([^"]+)"', "".join(written)) for name in classes.split()}

    assert {name for name in names if f".{name}" not in CSS} == set()


def test_every_percentage_has_a_width():
    assert [n for n in range(101) if not re.search(rf"\.app-percent-{n}\{{width:{n}%\}}", CSS)] == []


def test_every_class_in_a_template_is_in_the_style_sheet():
    rooms = [*(ROOT / "tracker").glob("*/templates"), ROOT / "accounts" / "templates"]
    # The inspector site has a few styles of its own, on top of the admin's.
    styles = CSS + "".join(path.read_text() for path in (ROOT / "tracker" / "audit" / "static").rglob("*.css"))
    sources = {path: path.read_text() for room in rooms for path in room.rglob("*.html")}

    unknown = {
        f"{path.name}: {name}"
        for path, source in sources.items()
        for classes in re.findall(r'class="([^"]+)"', source)
        for name in re.sub(r"\S*({%.*?%}|{{.*?}})\S*", " ", classes).split()
        if name.startswith(("app-", "govuk-")) and "govuk-js-" not in name
        if not re.search(rf"\.{re.escape(name).replace('!', r'.!')}(?![a-zA-Z0-9])", styles)
    }

    assert len(sources) > 20
    assert unknown == set()


@pytest.mark.parametrize("rule", ["@media print", "forced-colors: active", "prefers-reduced-motion: reduce"])
def test_prints_forced_colours_and_reduced_motion_are_provided_for(rule):
    assert rule in CSS
