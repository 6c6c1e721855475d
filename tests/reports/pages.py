"""What tests of pages read off their HTML."""

import re
from html.parser import HTMLParser


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.address: str | None = None
        self.words: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.address, self.words = dict(attrs).get("href"), []

    def handle_data(self, data):
        if self.address is not None:
            self.words.append(data)

    def handle_endtag(self, tag):
        if tag == "a" and self.address is not None:
            self.found.append((" ".join("".join(self.words).split()), self.address))
            self.address = None


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data):
        self.parts.append(data)


def links_of(html: str) -> list[tuple[str, str]]:
    """Return the words and address of each link, in order."""
    reader = _Links()
    reader.feed(html)
    return reader.found


def words_of(html: str) -> str:
    """Return the words of a page from its main part on, hidden ones too, with single spaces."""
    reader = _Words()
    reader.feed(html[html.index("<main") :])
    return re.sub(r" (?=[.,:])", "", " ".join(" ".join(reader.parts).split()))
