"""A marker word in every free text, so that a text seen where it must not be is known by its marker.

`MARKNORTHBRIDGE` stands before each free text of Northbridge; `RESTRICTEDNORTHBRIDGE01`, `02` and so on, in the order
of the file, before those of each restricted action with all that hangs on it and of each restricted piece of evidence.
"""

import re
from itertools import count

from seeds.rows import Council, Prose, Row


def mark(council: Council) -> None:
    """Mark every free text of a council."""
    word = re.sub(r"[^A-Z0-9]", "", council.authority.slug.upper())
    numbers = count(1)
    for row in council.all_rows():
        row.marker = f"MARK{word}"
    for row in council.all_rows():
        if getattr(row, "is_restricted", False) and not row.marker.startswith("RESTRICTED"):
            marker = f"RESTRICTED{word}{next(numbers):02}"
            for part in row.all_rows():
                part.marker = marker
    for row in council.all_rows():
        _mark(row)


def _mark(row: Row) -> None:
    for name, each in row.takes().items():
        kind, value = each.metadata["kind"], getattr(row, name)
        if isinstance(kind, Prose) and value:
            setattr(row, name, f"{row.marker} {value}"[: kind.most])
