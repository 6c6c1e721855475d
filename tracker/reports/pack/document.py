"""The PDF of a pack: tagged for screen readers (PDF/UA-1), with title, language and page numbers, and no author."""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typst

from tracker.reports.pack.contents import Contents, Table, made_in_words

LAYOUT = Path(__file__).with_name("layout.typ")
LATEST = 200  # Rows of the history in the PDF; its file has them all.

# What the font has, by code: Latin, its accents, Greek, Cyrillic, and the punctuation and signs of prose.
HAS = ((0x20, 0x24F), (0x300, 0x4FF), (0x1E00, 0x1EFF), (0x2010, 0x2027), (0x2030, 0x203A), (0x20A0, 0x20BF),
       (0x2190, 0x21FF), (0x2200, 0x22FF))  # fmt: skip


def printable(text: str) -> str:
    """Return a text as the PDF can show it: a character that its font lacks by its number, as in "[U+1F600]"."""
    return "".join(_printable(character) for character in unicodedata.normalize("NFC", text))


def _printable(character: str) -> str:
    if character in "\n\t":
        return character
    if unicodedata.category(character)[0] == "C":
        return ""
    if any(first <= ord(character) <= last for first, last in HAS):
        return character
    return " " if unicodedata.category(character)[0] == "Z" else f"[U+{ord(character):04X}]"


def pdf_of(contents: Contents, checksums: Mapping[str, str]) -> bytes:
    """Return the PDF. `checksums` are the SHA-256 of the files that go with it, by their names."""
    data = {
        "title": printable(f"{contents.title} – {contents.council}"),
        "heading": printable(contents.title),
        "council": printable(contents.council),
        "day": [contents.made_at.year, contents.made_at.month, contents.made_at.day],
        "facts": [
            [label, printable(value)]
            for label, value in (
                ("Plan", contents.plan),
                ("Made for", contents.audience),
                ("As it stood on", made_in_words(contents.made_at)),
                ("What is not in it", contents.left_out),
            )
        ],
        "tables": [_drawn(table) for table in contents.tables],
        "checksums": [list(pair) for pair in checksums.items()],
    }
    return typst.compile(
        LAYOUT.read_bytes(),
        format="pdf",
        sys_inputs={"data": json.dumps(data)},
        pdf_standards=["ua-1"],
        ignore_system_fonts=True,  # The same on every machine.
        timestamp=int(contents.made_at.timestamp()),
    )


def _drawn(table: Table) -> dict[str, Any]:
    columns = [place for place, width in enumerate(table.widths) if width]
    rows = table.rows[:LATEST] if table.name == "history" else table.rows
    more = "" if len(rows) == len(table.rows) else f" The latest {LATEST} of {len(table.rows):,} are shown here."
    return {
        "heading": table.heading,
        "words": f"{table.words}{more} All columns are in {table.name}.csv.",
        "labels": _chosen(table.labels, columns),
        "rows": [_chosen(row, columns) for row in rows],
        "widths": [table.widths[place] for place in columns],
    }


def _chosen(row: Sequence[str], columns: Sequence[int]) -> list[str]:
    return [printable(row[place]) for place in columns]
