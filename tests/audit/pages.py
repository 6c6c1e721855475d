"""Every page of the inspector site, by name: what the tests walk."""

import re
from collections.abc import Iterator
from html import unescape

from django.db import models

from tracker.audit.admin import GuardedHistoryAdmin, address
from tracker.audit.history import history_of
from tracker.audit.site import site

ADMINS = sorted(site._registry.values(), key=lambda admin: admin.opts.label)
WITH_HISTORY = [admin for admin in ADMINS if admin.has_history]
OF_DJANGO = ["add/", "{}/delete/", "{}/", "{}/password/", "jsi18n/"]


def name_of(admin: GuardedHistoryAdmin) -> str:
    return admin.opts.label


def lists() -> list[str]:
    """The lists, and the pages of every change."""
    return [url for admin in ADMINS for url in (admin.list_url, admin.changes_url) if url]


def pages_of(row: models.Model) -> Iterator[str]:
    """The pages of one record: itself, its history, and its first and its newest version."""
    admin = site.get_model_admin(type(row))
    yield address(admin.opts, "change", row.pk)
    if admin.has_history:
        yield address(admin.opts, "history", row.pk)
        versions = history_of(type(row)).objects.filter(**{admin.opts.pk.name: row.pk}).order_by("pk")
        for version in {versions.first(), versions.last()}:
            yield address(admin.opts, "simple_history", row.pk, version.pk)


def every_page() -> list[str]:
    """Every address of the site for every row in the database, whoever's it is."""
    found = ["/inspect/", *lists()]
    for admin in ADMINS:
        for row in admin.model._base_manager.all():
            found += pages_of(row)
    return found


def text_of(response) -> str:
    """What a page says, without its mark-up."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    words = " ".join(unescape(re.sub(r"<[^>]+>", " ", content.decode())).split())
    return re.sub(r" ([.,:;])", r"\1", words)
