"""Looking at pages writes nothing, whoever looks and however much or little there is to see."""

import re
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client

from accounts.roles import Role
from tests import factories
from tests.audit.conftest import everything_stored

MOST_QUERIES_OF_A_PATH = 3


def walk(client: Client) -> list[str]:
    """Open each page of the council that a link leads to, from the front page on; return the paths."""
    waiting, seen, paths = ["/"], {"/"}, []
    while waiting:
        address = waiting.pop()
        response = client.get(address)
        assert response.status_code in {200, 302, 403, 404}, address
        paths.append(urlsplit(address).path)
        links = [response["Location"]] if response.status_code == 302 else []
        if response.headers.get("Content-Type", "").startswith("text/html") and response.status_code == 200:
            links = re.findall(r'<a [^>]*href="([^"#]+)', response.content.decode())
        for link in links:
            found = urljoin(address, unescape(link).partition("#")[0])
            to = urlsplit(found)
            known = sum(urlsplit(one).path == to.path for one in seen)
            if to.netloc or to.scheme or found in seen or known >= MOST_QUERIES_OF_A_PATH:
                continue
            if not to.path.startswith("/inspect/"):
                seen.add(found)
                waiting.append(found)
    return sorted(set(paths))


@pytest.mark.parametrize("role", [Role.PROGRAMME_OFFICE, Role.DIRECTOR, Role.ACTION_OWNER, Role.COUNCILLOR])
def test_every_page_of_a_council_at_work_can_be_read_without_a_trace(client, ours, signed_in, role):
    signed_in(client, factories.make_member(ours.authority, role, "Sam Porter"))
    before = everything_stored()

    paths = walk(client)

    assert everything_stored() == before
    assert len(paths) > 20


def test_every_page_of_a_council_that_has_nothing_yet_can_be_read_without_a_trace(client, council, signed_in):
    signed_in(client, factories.make_member(council, Role.PROGRAMME_OFFICE, "Aisha Khan"))
    before = everything_stored()

    paths = walk(client)

    assert "/visits/readiness-list/" in paths
    assert everything_stored() == before
