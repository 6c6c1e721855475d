"""Tables to take away as CSV: strings only, and nothing a spreadsheet program would run."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.http import StreamingHttpResponse

# A cell that begins with one of these, in either width, is a formula to some spreadsheet program.
BEGINS_A_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
NOT_PRINTED = str.maketrans(dict.fromkeys([*range(9), 11, 12, *range(14, 32)]))


def safe_cell(value: Any) -> str:
    """Return a value as the text of a cell; what could be a formula is led by an apostrophe.

    Numbers stay as they are. Control characters other than tab and line ends are left out.
    """
    if value is None:
        return ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    text = str(value).translate(NOT_PRINTED)
    is_formula = text.lstrip().startswith(BEGINS_A_FORMULA) or text.startswith(("\t", "\r", "\n"))
    return f"'{text}" if is_formula else text


class _Echo:
    def write(self, text: str) -> str:
        return text


def csv_lines(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Yield a CSV file line by line, begun by the mark that tells Excel it is UTF-8."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow([safe_cell(heading) for heading in headings])
    for row in rows:
        yield writer.writerow([safe_cell(cell) for cell in row])


def csv_download(name: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """Answer with a CSV file of that name, sent while the rows are being read."""
    return StreamingHttpResponse(
        csv_lines(headings, rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"},
    )
