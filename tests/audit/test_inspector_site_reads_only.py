"""Nothing can be written through the inspector site: by no class, no method, no address and no person."""

import pytest
from django.contrib import admin
from django.contrib.admin import ModelAdmin, TabularInline
from django.db import transaction
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver
from simple_history.admin import SimpleHistoryAdmin

from accounts.models import Authority, Service, User
from accounts.roles import Role
from tests import factories
from tests.audit.conftest import everything_stored
from tests.audit.pages import ADMINS, OF_DJANGO, every_page, lists, name_of, pages_of
from tracker.actions.models import Action, Milestone
from tracker.audit.admin import GuardedHistoryAdmin, GuardedTable
from tracker.audit.history import audited_models, save_because
from tracker.audit.site import InspectorSite, NotGuarded, WriteRefused, only_reading, site
from tracker.dates.models import BankHoliday
from tracker.privacy.models import DetailsReport
from tracker.visits.models import Question, ReadinessDefault, ReadinessTask, VisitPack

WRITING = ["post", "put", "patch", "delete"]

# Audited, and not on the site, for a reason.
NOT_SHOWN = {
    User: "a person may belong to several councils; their roles are shown instead",
    BankHoliday: "it belongs to no council, and has a page of its own",
    ReadinessDefault: "how a council makes ready for inspectors is its own",
    ReadinessTask: "how a council makes ready for inspectors is its own",
    VisitPack: "it is handed over by the council, to whom it names",
    Question: "what a council expects to be asked is its own",
    DetailsReport: "it says where details of a child may stand; the programme office sees to it",
}


# Classes


def test_every_audited_model_is_on_the_site_or_left_out_for_a_reason():
    assert {model for model in audited_models() if not site.is_registered(model)} == set(NOT_SHOWN)


@pytest.mark.parametrize("shown", ADMINS, ids=name_of)
def test_every_class_refuses_to_write(shown, rf):
    request = rf.get("/inspect/")
    request.user = User(is_superuser=True, is_staff=True, is_active=True)

    assert isinstance(shown, GuardedHistoryAdmin)
    assert not shown.has_add_permission(request)
    assert not shown.has_change_permission(request)
    assert not shown.has_delete_permission(request)
    assert not shown.has_view_permission(request)  # A superuser without a membership.
    assert shown.get_actions(request) == {}
    assert list(shown.list_editable) == []
    assert all(issubclass(table, GuardedTable) for table in shown.inlines)


@pytest.mark.parametrize("shown", ADMINS, ids=name_of)
@pytest.mark.parametrize(
    "guard",
    [
        "has_add_permission",
        "has_change_permission",
        "has_delete_permission",
        "has_view_permission",
        "get_actions",
        "get_urls",
        "lookup_allowed",
        "history_view",
        "history_form_view",
        "change_view",
        "changelist_view",
        "changes_view",
        "versions",
        "_look",
    ],
)
def test_no_class_takes_a_guard_away(shown, guard):
    assert getattr(type(shown), guard) is getattr(GuardedHistoryAdmin, guard)


class Writer(GuardedHistoryAdmin):
    list_editable = ["name"]


class Doer(GuardedHistoryAdmin):
    actions = ["finish"]


class Loose(TabularInline):
    model = Milestone


class WithLooseTable(GuardedHistoryAdmin):
    inlines = [Loose]


@pytest.mark.parametrize("unguarded", [None, ModelAdmin, SimpleHistoryAdmin, Writer, Doer, WithLooseTable])
def test_a_class_that_could_write_is_not_registered(unguarded):
    new = InspectorSite(name="other")

    with pytest.raises(NotGuarded):
        new.register(Service, unguarded)
    assert not new.is_registered(Service)


def test_options_cannot_loosen_a_guarded_class():
    with pytest.raises(NotGuarded):
        InspectorSite(name="other").register(Service, GuardedHistoryAdmin, list_editable=["name"])


def test_the_decorator_is_held_to_the_same():
    with pytest.raises(NotGuarded):

        @admin.register(Authority, site=InspectorSite(name="other"))
        class Plain(ModelAdmin):
            pass


# Addresses


def patterns(resolver: URLResolver) -> list[URLPattern]:
    found = []
    for one in resolver.url_patterns:
        found += patterns(one) if isinstance(one, URLResolver) else [one]
    return found


def test_every_address_of_the_site_goes_through_its_guard():
    resolver = URLResolver(pattern=_Anything(), urlconf_name=site.get_urls())

    assert len(patterns(resolver)) > 100
    assert all(getattr(pattern.callback, "only_reads", False) for pattern in patterns(resolver))


class _Anything:
    converters: dict = {}

    def match(self, path):
        return path, (), {}


@pytest.mark.parametrize(
    "address",
    [
        "login/",
        "logout/",
        "password_change/",
        "password_change/done/",
        "autocomplete/",
        "jsi18n/",
        "r/1/1/",
        "actions/",
    ],
)
def test_the_pages_that_django_brings_are_not_there(as_inspector, address):
    assert as_inspector.get(f"/inspect/{address}").status_code == 404
    assert as_inspector.post(f"/inspect/{address}").status_code == 405


def all_addresses() -> list[str]:
    found = every_page()
    for shown in ADMINS:
        row = shown.model._base_manager.first()
        found += [shown.list_url + page.format(row.pk) for page in OF_DJANGO]
    return found


# What someone would post, in Django's own field names: a change, an action, a restored version, a new row.
FORM = {
    "_save": "Save", "title": "Rewritten", "deadline": "2030-01-01", "name": "Rewritten", "reference": "9.9",
    "action": "delete_selected", "_selected_action": ["1", "2"], "index": "0", "post": "yes",
    "_change_history": "1", "_saveasnew": "1", "form-TOTAL_FORMS": "1", "form-0-title": "Rewritten",
}  # fmt: skip


@pytest.mark.parametrize(
    ("role", "is_superuser"),
    [(Role.INSPECTOR, False), (Role.PROGRAMME_OFFICE, False), (Role.DIRECTOR, False), (Role.PROGRAMME_OFFICE, True)],
)
def test_nothing_changes_whatever_is_sent_wherever(client, ours, theirs, signed_in, role, is_superuser):
    member = factories.make_member(ours.authority, role, "Sam Porter")
    if is_superuser:
        member.user.is_staff = member.user.is_superuser = True
        save_because(member.user, by=None, reason="Made a superuser")
    signed_in(client, member)
    addresses = all_addresses()
    before = everything_stored()

    for address in addresses:
        for method in WRITING:
            assert getattr(client, method)(address, FORM if method == "post" else {}).status_code == 405, address

    assert len(addresses) > 200
    assert everything_stored() == before


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in {Role.INSPECTOR, Role.PROGRAMME_OFFICE, Role.DIRECTOR}]
)
def test_others_may_not_enter_nor_write(client, ours, signed_in, role):
    signed_in(client, factories.make_member(ours.authority, role, "Sam Porter"))
    before = everything_stored()

    for address in [*lists(), "/inspect/", *pages_of(ours.action)]:
        assert client.get(address).status_code == 403
        assert client.post(address, {"_save": "Save", "title": "Rewritten"}).status_code == 405

    assert everything_stored() == before


def test_without_signing_in_there_is_nothing_to_see_and_nothing_to_write(client, ours):
    before = everything_stored()

    for address in [*lists(), "/inspect/", "/inspect/nowhere/", *pages_of(ours.action)]:
        assert client.get(address)["Location"].startswith("/sign-in/?next=/inspect/")
        assert b"Sign in" in client.post(address, {"_save": "Save", "title": "Rewritten"}).content

    assert everything_stored() == before


def test_reading_every_page_changes_nothing(as_inspector):
    addresses = every_page()
    before = everything_stored()

    for address in addresses:
        assert as_inspector.get(address).status_code in {200, 403, 404}
        assert as_inspector.head(address).status_code in {200, 403, 404}

    assert everything_stored() == before


def test_what_may_be_asked_is_said(as_inspector):
    response = as_inspector.options("/inspect/actions/action/")

    assert response.status_code == 200
    assert response["Allow"] == "GET, HEAD, OPTIONS"
    assert as_inspector.post("/inspect/actions/action/")["Allow"] == "GET, HEAD, OPTIONS"


# The second wall


def test_a_page_that_tried_to_write_would_be_stopped(ours, rf):
    def writes(request):
        factories.make_service(ours.authority, "Written by a page")
        return HttpResponse("Done")

    request = rf.get("/inspect/")
    request.member = ours.inspector

    with pytest.raises(WriteRefused, match="The inspector site only reads"):
        site.admin_view(writes)(request)
    assert not Service.objects.filter(name="Written by a page").exists()


@pytest.mark.parametrize(
    "write",
    [
        lambda action: Action._base_manager.filter(pk=action.pk).update(title="Rewritten"),
        lambda action: Milestone._base_manager.filter(action=action)._raw_delete("default"),
        lambda action: Service._base_manager.bulk_create([Service(authority=action.authority, name="In bulk")]),
    ],
)
def test_no_statement_but_a_question_passes(ours, write):
    before = everything_stored()

    with pytest.raises(WriteRefused), transaction.atomic(), only_reading():
        write(ours.action)

    assert everything_stored() == before
