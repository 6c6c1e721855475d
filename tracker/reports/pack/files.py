"""The files of a pack: tables as CSV, the PDF, and the list of checksums, in one ZIP."""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tracker.govuk.downloads import csv_lines
from tracker.reports.pack.contents import Contents, made_in_words
from tracker.reports.pack.document import pdf_of

PDF, MANIFEST, SUMS = "pack.pdf", "MANIFEST.txt", "SHA256SUMS"


@dataclass(frozen=True)
class Packed:
    """A ZIP and the checksums, SHA-256, of it and of the PDF in it."""

    content: bytes
    sha256: str
    pdf_sha256: str


def pack(contents: Contents) -> Packed:
    """Return the pack: the same contents of the same moment give the same bytes."""
    files = {f"{table.name}.csv": "".join(csv_lines(table.labels, table.rows)).encode() for table in contents.tables}
    # The proofs of a pack stand here: the PDF lists those of the tables, SHA256SUMS those of all files.
    files[PDF] = pdf_of(contents, checksums_of(files))
    files[SUMS] = "".join(f"{digest}  {name}\n" for name, digest in checksums_of(files).items()).encode()
    files[MANIFEST] = _manifest(contents, files).encode()
    content = _zip(files, contents.made_at)
    return Packed(content, hashlib.sha256(content).hexdigest(), hashlib.sha256(files[PDF]).hexdigest())


def checksums_of(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return the SHA-256 of each file by its name."""
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def pdf_in(content: bytes) -> bytes:
    """Return the PDF of a pack that was kept."""
    with zipfile.ZipFile(io.BytesIO(content)) as kept:
        return kept.read(PDF)


def _manifest(contents: Contents, files: Mapping[str, bytes]) -> str:
    numbers = {f"{table.name}.csv": len(table.rows) for table in contents.tables}
    lines = [
        contents.title,
        contents.council,
        "",
        f"Plan: {contents.plan}",
        f"Made for: {contents.audience}",
        f"As it stood on: {made_in_words(contents.made_at)} (Europe/London)",
        contents.left_out,
        "",
        "Files, with their size in bytes and what they hold:",
        *(
            f"  {name}  {len(content)}" + (f"  {numbers[name]} rows" if name in numbers else "")
            for name, content in files.items()
        ),
        "",
        "How to check that nothing was changed:",
        "  Linux, macOS: unpack, and run  sha256sum -c SHA256SUMS  (macOS: shasum -a 256 -c SHA256SUMS)",
        "  Windows: Get-FileHash FILE in PowerShell, and compare with the line of that file in SHA256SUMS.",
        "  The checksum of the whole ZIP is on the page of the visit in the tracker, and in its history there.",
        "",
        "Tables are CSV in UTF-8. A cell that a spreadsheet program would run as a formula is led by an apostrophe.",
        "",
    ]
    return "\r\n".join(lines)


def _zip(files: Mapping[str, bytes], made_at: datetime) -> bytes:
    """Return a ZIP whose bytes depend on its files and the moment alone."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, made_at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            made.writestr(entry, files[name])
    return written.getvalue()
