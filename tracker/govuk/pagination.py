"""Which page numbers to show under a list."""

from collections.abc import Callable
from dataclasses import dataclass

ROWS = 25


@dataclass(frozen=True)
class PageItem:
    """One place in the row of page numbers; a gap ("⋯") has neither number nor address."""

    number: int | None = None
    url: str = ""
    is_current: bool = False

    @property
    def is_gap(self) -> bool:
        return self.number is None


@dataclass(frozen=True)
class Pages:
    """What `govuk/components/pagination.html` draws. A list that is not numbered leaves `items` empty."""

    items: tuple[PageItem, ...] = ()
    previous_url: str = ""
    next_url: str = ""
    title: str = ""


def pages_for(page: int, pages: int, url_for: Callable[[int], str]) -> Pages:
    """Return the links for page `page` of `pages`, both counted from 1.

    `title` is "page 4 of 24", for the title of the document, and empty when there is one page.
    """
    if pages < 2:
        return Pages()
    return Pages(
        items=page_items(page, pages, url_for),
        previous_url=url_for(page - 1) if page > 1 else "",
        next_url=url_for(page + 1) if page < pages else "",
        title=f"page {page} of {pages}",
    )


def page_items(page: int, pages: int, url_for: Callable[[int], str]) -> tuple[PageItem, ...]:
    """Return the first page, the last, this one and its two neighbours, with gaps between.

    A gap that would hide a single number shows the number instead.
    """
    shown = sorted(n for n in {1, page - 1, page, page + 1, pages} if 1 <= n <= pages)
    items: list[PageItem] = []
    before = 0
    for number in shown:
        if number - before == 2:
            items.append(PageItem(before + 1, url_for(before + 1)))
        elif number - before > 2:
            items.append(PageItem())
        items.append(PageItem(number, url_for(number), is_current=number == page))
        before = number
    return tuple(items)
