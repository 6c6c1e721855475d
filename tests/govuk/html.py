"""HTML made comparable: order of attributes and classes, white space and letter entities do not count."""

from html.parser import HTMLParser
from typing import Any

VOID = {"br", "hr", "img", "input", "link", "meta", "path", "rect", "circle"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[Any] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: " ".join((value or "").split()) for name, value in attrs}
        if "class" in values:
            values["class"] = " ".join(sorted(values["class"].split()))
        self.parts.append((tag, sorted(values.items())))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self.parts.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        if text := " ".join(data.split()):
            self.parts.append(text)


def parts(html: str) -> list[Any]:
    """Return the tags with their attributes in order, the ends of tags and the texts."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.parts


def element(html: str, start: str, end: str) -> str:
    """Return the part of a page from `start` up to and including the next `end`."""
    begin = html.index(start)
    return html[begin : html.index(end, begin) + len(end)]
