"""Someone who sends the product what it does not expect: any method, header and body, with or without a session."""

import http.client
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

from tests.services.servers import Product

# Django's own way of opening a session, past the sign-in page, which has attacks of its own.
OPEN_A_SESSION = """
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from accounts.models import User
user = User.objects.get(email={email!r})
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = "accounts.backends.EmailBackend"
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.create()
print(session.session_key)
"""
NEVER_FOLLOWED = ("/sign-out/", "/static/", "/council/")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: str

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


@dataclass
class Box:
    """A field of a form: what it is, what it holds, and what may be chosen."""

    name: str
    kind: str
    value: str = ""
    choices: list[str] = field(default_factory=list)


@dataclass
class Form:
    page: str
    action: str
    boxes: list[Box] = field(default_factory=list)

    @property
    def shape(self) -> tuple[str, ...]:
        return (shape_of(self.action), *sorted({box.name for box in self.boxes}))

    @property
    def texts(self) -> list[Box]:
        dates = ("-day", "-month", "-year")
        return [box for box in self.boxes if box.kind in {"text", "textarea"} and not box.name.endswith(dates)]

    def filled(self, text: str, *, day: tuple[int, int, int]) -> list[tuple[str, str]]:
        """Fill every text with the same, every date with a day, and choose the first of every choice."""
        said: list[tuple[str, str]] = []
        for box in self.boxes:
            ending = box.name.rpartition("-")[2]
            if box.kind in {"radio", "select"}:
                value = box.value or next((one for one in box.choices if one), "")
            elif ending in {"day", "month", "year"}:
                value = str(day[("day", "month", "year").index(ending)])
            elif box.kind == "checkbox":
                value = box.choices[0] if box.choices else "on"
            elif box.kind in {"text", "textarea"}:
                value = box.value if box.name in {"reference", "number", "value"} else text
            else:
                value = box.value
            said.append((box.name, value))
        return said


class _Forms(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.inside: Form | None = None
        self.box: Box | None = None

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag == "a":
            self.links.append(given.get("href", ""))
        elif tag == "form" and given.get("method", "").lower() == "post":
            self.inside = Form(self.page, urljoin(self.page, given.get("action", "") or self.page))
            self.forms.append(self.inside)
        elif self.inside is not None and given.get("name"):
            self._box(tag, given)
        elif self.box is not None and tag == "option":
            self.box.choices.append(given.get("value", ""))
            if "selected" in given:
                self.box.value = given.get("value", "")

    def _box(self, tag: str, given: Mapping[str, str]) -> None:
        assert self.inside is not None
        kind = tag if tag in {"textarea", "select"} else given.get("type", "text")
        if tag not in {"input", "textarea", "select"} or kind in {"submit", "button"}:
            return
        known = next((box for box in self.inside.boxes if box.name == given["name"]), None)
        if kind in {"radio", "checkbox"} and known is not None:
            known.choices.append(given.get("value", "on"))
        else:
            self.box = Box(given["name"], kind if kind != "email" else "text", given.get("value", ""))
            self.inside.boxes.append(self.box)
            if kind in {"radio", "checkbox"}:
                self.box.value, self.box.choices = "", [given.get("value", "on")]
        if kind == "radio" and "checked" in given:
            (known or self.inside.boxes[-1]).value = given.get("value", "on")

    def handle_data(self, data: str) -> None:
        if self.box is not None and self.box.kind == "textarea":
            self.box.value += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = None
        if tag in {"select", "textarea"}:
            self.box = None


def read(page: str, body: str) -> _Forms:
    parser = _Forms(page)
    parser.feed(body)
    return parser


def shape_of(address: str) -> str:
    """Return an address with its numbers left out: one shape, one kind of page."""
    return re.sub(r"\d+(\.\d+)?", "N", urlsplit(address).path)


class Attacker:
    """One browser without manners. `session` is the key of somebody's session, or "" for nobody's."""

    def __init__(self, url: str, session: str = "") -> None:
        self.host = urlsplit(url).netloc
        self.url = url
        self.cookies = {"session": session} if session else {}

    def ask(
        self,
        method: str,
        address: str,
        body: bytes | None = None,
        headers: Iterable[tuple[str, str]] = (),
        *,
        host: str | None = None,
    ) -> Answer:
        """Send one request exactly as it is given, follow nothing, and return what came."""
        connection = http.client.HTTPConnection(self.host, timeout=60)
        given = {name.lower() for name, _ in headers}
        try:
            connection.putrequest(method, address, skip_host=True, skip_accept_encoding=True)
            connection.putheader("Host", self.host if host is None else host)
            if self.cookies and "cookie" not in given:
                connection.putheader("Cookie", "; ".join(f"{key}={value}" for key, value in self.cookies.items()))
            for name, value in headers:
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            found = Answer(answer.status, answer.getheaders(), answer.read().decode("utf-8", "replace"))
        finally:
            connection.close()
        for name, value in found.headers:
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return found

    def get(self, address: str, **options: Any) -> Answer:
        return self.ask("GET", quote(address, safe="/?&=%:+,.-_~#@!$'()*;[]"), **options)

    def post(
        self, address: str, said: Iterable[tuple[str, str]], *, origin: str | None = None, token: str | None = None
    ) -> Answer:
        """Post a form; `token` None takes the one of the browser, "" sends none."""
        fields = [(name, value) for name, value in said if name != "csrfmiddlewaretoken"]
        token = self.cookies.get("csrf", "") if token is None else token
        if token:
            fields.append(("csrfmiddlewaretoken", token))
        headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Origin", origin or self.url)]
        return self.ask("POST", quote(address, safe="/?&=%"), urlencode(fields).encode(), headers)

    def pages(self, *, of_a_shape: int = 1, at_most: int = 300) -> dict[str, Answer]:
        """Follow the links from the first page; of each kind of page look at so many."""
        waiting, found, shapes = ["/"], {}, Counter[str]()
        while waiting and len(found) < at_most:
            address = waiting.pop(0)
            if address in found or shapes[shape_of(address)] >= of_a_shape:
                continue
            shapes[shape_of(address)] += 1
            answer = found[address] = self.get(address)
            links = [*read(address, answer.body).links, answer.header("Location")]
            for link in links:
                to = urlsplit(urljoin(f"{self.url}{address}", link))
                path = f"{to.path}?{to.query}" if to.query else to.path
                if to.netloc == self.host and not to.path.startswith(NEVER_FOLLOWED):
                    waiting.append(path)
        return found


def session_of(product: Product, email: str) -> str:
    return product.shell(OPEN_A_SESSION.format(email=email)).split()[-1]


def forms_of(pages: Mapping[str, Answer]) -> list[Form]:
    """Return one form of each shape that the pages hold, but those that end the session or change the council."""
    found: dict[tuple[str, ...], Form] = {}
    for address, answer in pages.items():
        for form in read(address, answer.body).forms:
            if not form.action.startswith(NEVER_FOLLOWED):
                found.setdefault(form.shape, form)
    return list(found.values())
