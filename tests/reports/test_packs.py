"""The pack for a visit: what is in it, what is not, the same bytes of the same moment, and kept as it was made."""

import csv
import hashlib
import io
import subprocess
import unicodedata
import zipfile
from datetime import date

import pytest
from pypdf import PdfReader

from accounts.roles import Role
from tests import factories
from tests.actions.pages import errors_of, text_of
from tests.audit.conftest import OURS, SECRET, populate
from tests.factories import NOW, TODAY
from tracker.audit.history import save_because
from tracker.dates.models import calendar
from tracker.inspections.models import Visit
from tracker.plans import changes as plan_changes
from tracker.plans.models import Plan
from tracker.reports.pack.contents import contents_of
from tracker.reports.pack.document import HAS, printable
from tracker.reports.pack.files import pack
from tracker.visits.models import VisitPack

FOR = "Ofsted, for the visit in June"
MAKE = "/visits/ours-visit/packs/make/"
FILES = {
    "MANIFEST.txt", "SHA256SUMS", "actions.csv", "deadline-changes.csv", "evidence.csv", "history.csv", "pack.pdf",
    "recommendations.csv", "versions.csv",
}  # fmt: skip


@pytest.fixture
def ours(db, today):
    return populate("ours", OURS)


@pytest.fixture
def office(client, ours, signed_in):
    return signed_in(client, ours.office)


def make(office, **changed) -> VisitPack:
    answer = office.post(MAKE, {"plan": Plan.objects.get(reference="ours-plan").pk, "audience": FOR, **changed})
    assert answer.status_code == 302
    return VisitPack.objects.latest("pk")


def contents(**changed):
    visit, plan = Visit.objects.get(reference="ours-visit"), Plan.objects.get(reference="ours-plan")
    return contents_of(visit, plan, **{"audience": FOR, "on": TODAY, "at": NOW, "calendar": calendar(), **changed})


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as kept:
        assert kept.testzip() is None
        return {name: kept.read(name) for name in kept.namelist()}


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def words_of(pdf: bytes) -> str:
    """The words of a PDF; what is broken at the end of a line is one word again."""
    return " ".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def test_a_pack_is_made_kept_and_handed_over_as_zip_and_pdf(office, ours):
    page = text_of(office.post(MAKE, {"plan": ours.action.plan.pk, "audience": FOR}, follow=True))

    kept = VisitPack.objects.latest("pk")
    assert "Pack 2 is made and kept. Left out: 1 restricted action and 1 restricted piece of evidence" in page
    assert FOR in page
    assert f"by {ours.office}" in page
    given = office.get("/visits/ours-visit/packs/2.zip")
    assert given["Content-Disposition"] == 'attachment; filename="ours-ours-visit-pack-2.zip"'
    assert hashlib.sha256(given.content).hexdigest() == kept.sha256
    assert kept.sha256 in page.replace(" ", "")
    pdf = office.get("/visits/ours-visit/packs/2.pdf").content
    assert hashlib.sha256(pdf).hexdigest() == kept.pdf_sha256
    assert unpacked(given.content)["pack.pdf"] == pdf
    assert set(unpacked(given.content)) == FILES


def test_who_made_it_when_for_whom_and_its_checksum_are_in_the_history(office, ours):
    kept = make(office)

    written = kept.history.get()
    assert (written.actor, written.history_change_reason) == (str(ours.office), f"Made for {FOR}")
    assert (written.sha256, written.audience, written.made_by) == (kept.sha256, FOR, ours.office.user)


def test_it_stays_as_it_was_made_and_the_next_one_has_the_next_number(office, ours):
    first = make(office)
    before = bytes(first.content)
    factories.make_update(ours.action, "Something new", by=ours.office.user)

    second = make(office)

    assert (first.number, second.number) == (2, 3)
    assert office.get("/visits/ours-visit/packs/2.zip").content == before
    assert second.sha256 != first.sha256


def test_the_same_moment_gives_the_same_bytes(ours):
    assert pack(contents()).content == pack(contents()).content


def test_nothing_restricted_and_no_draft_is_in_it_and_both_are_counted(office, ours):
    plan_changes.freeze(
        ours.action.plan,
        label="draft",
        snapshot={"title": "x", "actions": []},
        on=TODAY,
        by=ours.office.user,
        change_summary=f"{SECRET} draft",
        reason=f"{SECRET} draft",
    )

    kept = make(office)

    for name, content in unpacked(bytes(kept.content)).items():
        text = words_of(content) if name == "pack.pdf" else content.decode("utf-8-sig")
        assert SECRET not in text, name
        assert OURS in text or name in {"SHA256SUMS"}, name
    assert kept.left_out == (
        "Left out: 1 restricted action, 1 restricted piece of evidence and 1 draft, and everything about them."
    )
    assert kept.left_out in unpacked(bytes(kept.content))["MANIFEST.txt"].decode()


def test_what_is_the_makers_own_is_left_out_too_when_it_is_restricted(office, ours):
    """The pack is read by others: what its maker may see says nothing."""
    ours.restricted.owner = ours.office.user
    save_because(ours.restricted, by=None, reason="Handed over")

    assert SECRET not in unpacked(pack(contents()).content)["actions.csv"].decode()


def test_the_tables_hold_the_plan_its_moves_its_evidence_and_its_history(ours):
    files = unpacked(pack(contents()).content)

    actions = rows_of(files["actions.csv"])
    assert [row[0] for row in actions] == ["Reference", ours.action.reference]
    assert len(rows_of(files["deadline-changes.csv"])) == 2
    assert f"{OURS} reason" in rows_of(files["deadline-changes.csv"])[1]
    assert [row[1] for row in rows_of(files["evidence.csv"])] == ["Evidence", f"{OURS} evidence"]
    assert rows_of(files["recommendations.csv"])[1][4] == ours.action.reference
    assert len(rows_of(files["versions.csv"])) == 2
    history = rows_of(files["history.csv"])
    assert ["Deadline", "31 July 2026", "4 September 2026"] in [row[4:7] for row in history]


def test_the_checksums_hold_when_they_are_checked_as_the_manifest_says(ours, tmp_path):
    for name, content in unpacked(pack(contents()).content).items():
        (tmp_path / name).write_bytes(content)

    def check() -> subprocess.CompletedProcess:
        command = ["sha256sum", "-c", "SHA256SUMS"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (check().returncode, check().stdout.count("OK")) == (0, len(FILES) - 2)
    (tmp_path / "actions.csv").write_text("Changed")
    assert check().returncode == 1


def test_the_pdf_is_tagged_titled_numbered_and_names_no_author(ours):
    packed = pack(contents())
    files = unpacked(packed.content)
    pdf = PdfReader(io.BytesIO(files["pack.pdf"]))
    root = pdf.trailer["/Root"]

    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert "/StructTreeRoot" in root
    assert set(pdf.metadata) == {"/Title", "/Creator", "/CreationDate", "/ModDate"}
    assert pdf.metadata.title == f"Pack for monitoring visit 1 – {OURS} Council"
    assert str(pdf.metadata.creator).startswith("Typst")
    assert b"pdfuaid" in root["/Metadata"].get_data()
    for number, page in enumerate(pdf.pages, start=1):
        assert f"Page {number} of {len(pdf.pages)}" in page.extract_text()
    assert not any(
        "/Annots" in page and any(note["/Subtype"] != "/Link" for note in page["/Annots"]) for page in pdf.pages
    )
    words = words_of(files["pack.pdf"])
    assert FOR in words
    assert hashlib.sha256(files["actions.csv"]).hexdigest() in words.replace(" ", "")


def test_texts_of_any_kind_do_not_break_the_pdf_nor_become_its_markup(ours):
    odd = "=1+1 #panic() $x$ *b* _i_ `c` <label> \\ @ref ] ) \x00\x07 😀 漢字 العربية \u202e \ufeff é ŵ ’ – ✓ ½"
    factories.make_action(plan=ours.action.plan, title=odd[:200].replace("\x00", ""), deadline=date(2026, 9, 1))

    files = unpacked(pack(contents(audience=odd)).content)

    words = words_of(files["pack.pdf"])
    assert "#panic() $x$ *b* _i_ `c` <label>" in words
    assert "[U+1F600] [U+6F22][U+5B57]" in words
    assert "'=1+1 #panic()" in files["actions.csv"].decode()
    assert "😀 漢字 العربية" in files["actions.csv"].decode()


def test_the_pdf_has_a_sign_for_each_character_it_does_not_name_by_number(ours):
    every = [chr(code) for first, last in HAS for code in range(first, last + 1)]
    shown = "".join(sign for sign in every if unicodedata.category(sign)[0] != "C")

    assert printable(shown) != ""
    assert pack(contents(audience=" ".join(shown))).content


def test_a_plan_with_nothing_in_it_makes_a_pack_that_says_so(office, council, signed_in):
    factories.make_plan(council)
    visit, plan = factories.make_visit(council), Plan.objects.get(authority=council)

    packed = pack(contents_of(visit, plan, audience=FOR, on=TODAY, at=NOW, calendar=calendar()))

    assert "There are none." in words_of(unpacked(packed.content)["pack.pdf"])
    assert "Nothing of the plan is left out." in unpacked(packed.content)["MANIFEST.txt"].decode()


# Who may


def test_it_says_what_is_missing_and_makes_nothing(office, ours):
    assert errors_of(office.post(MAKE, {"plan": ours.action.plan.pk, "audience": " "})) == {
        "audience": ["Enter who the pack is for"]
    }
    assert errors_of(office.post(MAKE, {"plan": "0", "audience": FOR})) == {"plan": ["Select a plan from the list"]}
    assert VisitPack.objects.count() == 1  # Of before.


@pytest.mark.parametrize(
    ("role", "makes", "reads"),
    [
        (Role.PROGRAMME_OFFICE, 200, 200),
        (Role.DIRECTOR, 403, 200),
        (Role.ACTION_OWNER, 403, 404),
        (Role.COUNCILLOR, 403, 404),
        (Role.INSPECTOR, 403, 404),
        (Role.PARTNER, 404, 404),
    ],
)
def test_the_programme_office_makes_packs_and_the_director_reads_them(office, ours, signed_in, role, makes, reads):
    make(office)
    client = signed_in(office, factories.make_member(ours.authority, role, "Sam Porter"))

    assert client.get(MAKE).status_code == makes
    for ending in ("zip", "pdf"):
        assert client.get(f"/visits/ours-visit/packs/2.{ending}").status_code == reads
    page = client.get("/visits/ours-visit/")
    assert ("Packs for inspectors" in page.content.decode()) is (reads == 200)


def test_another_councils_visit_plan_and_pack_are_not_found(office, ours, signed_in):
    make(office)
    theirs = populate("theirs", "THEIRMARK")
    signed_in(office, theirs.office)

    assert office.get(MAKE).status_code == 404
    assert office.get("/visits/ours-visit/packs/2.zip").status_code == 404
    answer = office.post("/visits/theirs-visit/packs/make/", {"plan": ours.action.plan.pk, "audience": FOR})
    assert errors_of(answer) == {"plan": ["Select a plan from the list"]}
