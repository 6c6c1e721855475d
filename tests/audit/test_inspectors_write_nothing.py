"""An inspector changes nothing, on no page of the product; nor does a superuser who is no more than one."""

import re

import pytest
from django.http import HttpResponse
from django.urls import get_resolver, reverse

from accounts.middleware import MemberMiddleware
from accounts.models import Agency, Membership, OpenedPage, User
from accounts.roles import Role
from tests import factories
from tests.architecture.test_pages import patterns
from tests.audit.conftest import everything_stored
from tests.audit.pages import text_of
from tracker.actions.models import DeadlineRequest, Measure, Milestone
from tracker.audit.history import save_because
from tracker.audit.site import WriteRefused
from tracker.partners.models import PartnerAnswer, PartnerLink
from tracker.reminders.models import Digest

WRITING = ["post", "put", "patch", "delete"]
# It ends the session, and with it the walk.
SIGNS_OUT = "sign-out/"
ALL_PAGES = [address for address, _ in patterns(get_resolver()) if not address.startswith("inspect/")]

# What someone would send: enough for many a form to be taken.
FORM = {
    **dict.fromkeys(["reason", "words", "source", "proof", "title", "text", "narrative", "name"], "Rewritten"),
    "value": "9", "owner": "1", "rating": "on_track", "email": "new@council.example", "scope": "all",
    "starts_on-day": "1", "starts_on-month": "6", "starts_on-year": "2026",
    "ends_on-day": "1", "ends_on-month": "7", "ends_on-year": "2026",
}  # fmt: skip


def numbers(ours) -> dict[str, int]:
    """A row of the council for each kind of address that has a number of the database in it, by what stands before."""
    found = {
        "deadline": DeadlineRequest.objects.filter(action=ours.action),
        "milestones": Milestone.objects.filter(action=ours.action),
        "measures": Measure.objects.filter(action=ours.action),
        "answers": PartnerAnswer.objects.of(ours.authority),
        "links": PartnerLink.objects.of(ours.authority),
        "emails": Digest.objects.of(ours.authority),
        "addresses": Agency.objects.filter(authority=ours.authority),
        "passkey": Membership.objects.filter(authority=ours.authority),  # They have none: any number will do.
        "reported-details": Membership.objects.filter(authority=ours.authority),
        "inspectors": Membership.objects.filter(authority=ours.authority, role=Role.INSPECTOR),
    }
    return {name: rows.first().pk for name, rows in found.items()}


def address_of(pattern: str, ours) -> str:
    """An address of the council at which a page of this pattern is, or would be."""
    slug, keys = ours.authority.slug, numbers(ours)
    if pattern.startswith("^sign-in/password/"):
        return "/sign-in/password/a-b/"
    parts: list[str] = []
    for part in pattern.strip("/").split("/"):
        before = parts[-1] if parts else ""
        if "<int:pk>" in part or (before == "inspectors" and "<int" in part):
            parts.append(str(keys[before]))
        elif part in {"<slug:reference>", "<slug:plan>", "<slug:visit>", "<slug:inspection>", "<slug:intervention>"}:
            kind = {"plans": "plan", "visits": "visit", "inspections": "2026", "interventions": "notice"}[before]
            parts.append(f"{slug}-{kind}")
        else:
            known = {
                "<str:reference>": ours.action.reference if before == "actions" else "1",
                "<slug:kind>-<int:number>": "needs-work-1",
                "<slug:kind>": {f"{slug}-2026": "plan", f"{slug}-notice": "dfe_review"}.get(parts[-2], "letter")
                if len(parts) > 1
                else "",
                **({"<slug:kind>": "privacy"} if before == "statements" else {}),
                "<slug:step>": "send",
                "<slug:code>": "next_visit",
                "<str:day>": "2026-12-25",
                "<str:token>": "not-a-token",
                "<slug:council>": slug,
                "<slug:provider_id>": "no-such-council",
                "<str:secret>.ics": "not-a-secret.ics",
            }
            parts.append(known.get(part) or re.sub(r"<int:\w+>", "1", part))
    return "/" + "/".join(parts) + ("/" if pattern.endswith("/") else "")


def test_the_walk_knows_every_address_and_most_are_pages(client, ours, signed_in):
    signed_in(client, ours.office)
    addresses = [address_of(pattern, ours) for pattern in ALL_PAGES]

    found = [address for address in addresses if client.get(address).status_code in {200, 302, 405}]

    assert [address for address in addresses if "<" in address] == []
    assert len(found) > 110


@pytest.mark.parametrize("is_superuser", [False, True])
def test_nothing_an_inspector_sends_anywhere_changes_anything(client, ours, signed_in, is_superuser):
    if is_superuser:
        ours.inspector.user.is_staff = ours.inspector.user.is_superuser = True
        save_because(ours.inspector.user, by=None, reason="Made a superuser")
    signed_in(client, ours.inspector)
    addresses = [address_of(pattern, ours) for pattern in ALL_PAGES if pattern != SIGNS_OUT]
    before = everything_stored()

    answers = {
        (method, address): getattr(client, method)(address, FORM if method == "post" else {}).status_code
        for address in addresses
        for method in WRITING
    }

    assert everything_stored() == before
    public = ("/sign-in/", "/partner/", "/calendar/", "/health/", "/emails/stop/", "/invitation/")
    public += ("/accessibility/", "/privacy/", "/cookies/")
    public += ("/council/", "/account/sign-in/", "/account/again/", "/account/sessions/")  # How they sign in.
    public += ("/report-details/",)  # Refused, for it does not say what was found.
    refused = {status for (_, address), status in answers.items() if not address.startswith(public)}
    assert refused == {403}
    assert 500 not in answers.values()


def test_a_superuser_of_no_council_changes_nothing(client, ours):
    client.force_login(User.objects.create_superuser(email="root@council.example", name="Root", password="x"))
    before = everything_stored()

    for pattern in ALL_PAGES:
        if pattern != SIGNS_OUT:
            for method in WRITING:
                answer = getattr(client, method)(address_of(pattern, ours), FORM if method == "post" else {})
                assert answer.status_code != 500

    assert everything_stored() == before


def test_an_inspector_who_sends_a_form_is_told_that_nothing_was_changed(as_inspector, ours):
    answer = as_inspector.post(f"/plans/ours-plan/actions/{ours.action.reference}/update/", FORM)

    assert answer.status_code == 403
    assert "Nothing was changed." in text_of(answer)


def test_a_page_that_wrote_for_an_inspector_would_be_stopped(ours, rf):
    def writes(request):
        factories.make_service(ours.authority, "Written by a page")
        return HttpResponse("Done")

    request = rf.get("/")
    request.member, request.user = ours.inspector, ours.inspector.user
    request.members = [ours.inspector]
    request.resolver_match = type("Match", (), {"view_name": "reports:dashboard"})

    with pytest.raises(WriteRefused):
        MemberMiddleware(writes).process_view(request, writes, (), {})


def test_looking_at_every_page_leaves_nothing_but_the_record_of_it(as_inspector, ours):
    addresses = [address_of(pattern, ours) for pattern in ALL_PAGES if pattern != SIGNS_OUT]
    before = everything_stored()

    statuses = [as_inspector.get(address).status_code for address in addresses]

    assert everything_stored() == before
    assert OpenedPage.objects.count() == len(addresses)
    assert statuses.count(200) > 40
    assert reverse("reports:dashboard") in set(OpenedPage.objects.values_list("address", flat=True))
