"""What every page owes: sign-in, escaped text, nothing that the content policy forbids."""

import ast
import re

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tests.architecture.source import ROOT, calls_of, files, place, templates, tree_of

# Pages that need no sign-in, each for a reason.
OPEN = {
    "health/": "a monitor asks it, and it tells of no council",
    "sign-in/": "it is the way in",
    "sign-out/": "it only ends a session",
    "accessibility/": "the law wants everyone to be able to read it",
    "privacy/": "the law wants everyone to be able to read it",
    "cookies/": "the law wants everyone to be able to read it",
    "sign-in/password/": "who has forgotten the password cannot sign in",
    "sign-in/password/sent/": "it says to look at the email",
    "sign-in/password/done/": "it says that the password is saved",
}

# Where text is put together as mark-up in Python, each part escaped or written here.
MAKES_MARKUP = {
    "tracker/actions/templatetags/status.py": "shapes drawn from constants",
    "tracker/govuk/templatetags/govuk.py": "format_html only",
    "tracker/reports/forms.py": "one attribute, written here",
}


def patterns(resolver: URLResolver, prefix: str = "") -> list[tuple[str, URLPattern]]:
    found = []
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            found += patterns(one, prefix + str(one.pattern))
        else:
            found.append((prefix + str(one.pattern), one))
    return found


ADDRESSES = patterns(get_resolver())


# Steps between the first page of signing in and the last: whoever has not begun is sent to the first.
ON_THE_WAY_IN = {"sign-in/second-step/", "sign-in/passkey/"}


@pytest.mark.django_db
@pytest.mark.parametrize("address", [address for address, _ in ADDRESSES if not re.search(r"[<(^]", address)])
def test_someone_who_is_not_signed_in_is_asked_to(client, address):
    response = client.get(f"/{address}")

    if address in OPEN:
        assert response.status_code != 302
    elif address in ON_THE_WAY_IN:
        assert response["Location"] == "/sign-in/"
    else:
        assert response["Location"].startswith("/sign-in/?next=/")


def test_every_page_has_a_name():
    """Links say `{% url %}`; an address written twice is changed once."""
    assert [address for address, one in ADDRESSES if one.name is None and not address.startswith("inspect/")] == []


def test_no_two_pages_share_an_address():
    addresses = [address for address, _ in ADDRESSES if not address.startswith("inspect/")]

    assert sorted(addresses) == sorted(set(addresses))


@pytest.mark.parametrize("path", templates(), ids=str)
def test_a_template_reaches_no_other_host(path):
    assert not re.search(r"""(src|href|action)=["'](https?:)?//""", (ROOT / path).read_text())


def test_markup_is_made_in_few_places():
    wrong = [
        f"{place(path, call)} {name}()"
        for path in files()
        if str(path) not in MAKES_MARKUP
        for call, name in calls_of(path)
        if name in {"mark_safe", "SafeString", "SafeText"}
    ]

    assert wrong == []


def test_views_are_functions():
    wrong = [
        f"{place(path, node)} class {node.name}"
        for path in files()
        if path.name == "views.py" or "views" in path.parts
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ClassDef) and any("View" in ast.unparse(base) for base in node.bases)
    ]

    assert wrong == []


def test_no_template_knows_the_clock():
    assert [str(path) for path in templates() if re.search(r"{%\s*now\b", (ROOT / path).read_text())] == []
