"""Which page numbers are shown under a list."""

import pytest

from tracker.govuk.pagination import page_items, pages_for


def url_for(page: int) -> str:
    return f"?page={page}"


@pytest.mark.parametrize(
    ("page", "pages", "shown"),
    [
        (1, 1, "[1]"),
        (1, 2, "[1] 2"),
        (2, 3, "1 [2] 3"),
        (1, 24, "[1] 2 … 24"),
        (3, 24, "1 2 [3] 4 … 24"),
        (4, 24, "1 2 3 [4] 5 … 24"),
        (5, 24, "1 … 4 [5] 6 … 24"),
        (21, 24, "1 … 20 [21] 22 23 24"),
        (24, 24, "1 … 23 [24]"),
        (4, 7, "1 2 3 [4] 5 6 7"),
    ],
)
def test_the_first_the_last_and_the_pages_beside_this_one_are_shown(page, pages, shown):
    items = page_items(page, pages, url_for)

    assert " ".join("…" if i.is_gap else f"[{i.number}]" if i.is_current else str(i.number) for i in items) == shown


def test_each_number_leads_to_its_page():
    items = page_items(5, 24, url_for)

    assert [item.url for item in items if not item.is_gap] == ["?page=1", "?page=4", "?page=5", "?page=6", "?page=24"]


@pytest.mark.parametrize(
    ("page", "previous_url", "next_url"), [(1, "", "?page=2"), (2, "?page=1", "?page=3"), (3, "?page=2", "")]
)
def test_previous_and_next_stop_at_the_ends(page, previous_url, next_url):
    pages = pages_for(page, 3, url_for)

    assert (pages.previous_url, pages.next_url) == (previous_url, next_url)
    assert pages.title == f"page {page} of 3"


def test_a_single_page_needs_no_pagination():
    pages = pages_for(1, 1, url_for)

    assert not pages.items
    assert pages.title == ""
