"""Two councils with one of everything, each with a word of its own in every text: so that leaks can be seen."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from accounts import changes as account_changes
from accounts.member import Member
from accounts.models import Agency, Authority, Service
from accounts.roles import Role
from tests import factories
from tests.factories import NOW, TODAY
from tracker.actions import changes as action_changes
from tracker.actions import flags
from tracker.actions.models import Action
from tracker.audit.history import save_because
from tracker.dates.models import calendar
from tracker.inspections import changes as inspection_changes
from tracker.plans import changes as plan_changes
from tracker.reminders.models import Digest, Reminder

OURS, THEIRS, SECRET = "OURMARK", "THEIRMARK", "SECRETMARK"


@dataclass(frozen=True)
class Council:
    """A council, the word that marks its texts, its actions and its people."""

    authority: Authority
    mark: str
    action: Action
    restricted: Action
    inspector: Member
    office: Member


def populate(slug: str, mark: str) -> Council:
    """Return a council with a row of every kind, whose every text bears the mark; restricted ones another as well."""
    authority = account_changes.add_authority(
        name=f"{mark} Council", slug=slug, contact_name=f"{mark} contact", note=f"{mark} note", by=None, reason=mark
    )
    service = account_changes.add_service(authority, name=f"{mark} service", by=None, reason=mark)
    agency = account_changes.add_agency(authority, name=f"{mark} agency", kind=Agency.Kind.POLICE, by=None, reason=mark)
    office = factories.make_member(authority, Role.PROGRAMME_OFFICE, f"{mark} Aisha", post=f"{mark} post")
    owner = factories.make_member(authority, Role.ACTION_OWNER, f"{mark} Priya", service=service)
    inspector = factories.make_member(authority, Role.INSPECTOR, f"{mark} Ines")
    account_changes.name_head(service, head=owner.user, by=None, reason=mark)
    by = office.user
    inspection = inspection_changes.record_inspection(
        authority,
        reference=f"{slug}-2026",
        framework="ilacs",
        kind=f"{mark} kind",
        dates_note=f"{mark} dates",
        received_on=date(2026, 2, 2),
        published_on=date(2026, 3, 9),
        source=f"{mark} source",
        by=by,
        reason=f"{mark} inspection",
    )
    inspection_changes.record_judgement(
        inspection, area="help_and_protection", grade="inadequate", by=by, reason=f"{mark} judgement"
    )
    recommendation = factories.make_recommendation(
        inspection, title=f"{mark} recommendation", text=f"{mark} words", theme=f"{mark} theme", source=f"{mark} source"
    )
    inspection_changes.start_clocks(inspection, calendar=calendar(), by=by, notified_plan_due=date(2026, 5, 20))
    visit = factories.make_visit(
        authority, f"{slug}-visit", inspection=inspection, focus=f"{mark} focus", inspectors=f"{mark} HMI"
    )
    finding = factories.make_finding(visit, text=f"{mark} finding", recommendation=recommendation, agency=agency)
    plan = plan_changes.start_plan(
        authority,
        reference=f"{slug}-plan",
        title=f"{mark} plan",
        starts_on=date(2026, 2, 2),
        answers=[inspection],
        note=f"{mark} note",
        by=by,
        reason=f"{mark} plan",
    )
    priority = plan_changes.add_priority(
        plan, number=3, title=f"{mark} priority", outcome=f"{mark} outcome", lead=owner.user, by=by, reason=mark
    )
    shared = {"plan": plan, "priority": priority, "owner": owner.user, "service": service, "agency": agency}
    action, restricted = (
        _action(f"{words} action", words, recommendation=recommendation, finding=finding, by=by, **shared, **extra)
        for words, extra in [
            (mark, {}),
            (f"{mark} {SECRET}", {"is_restricted": True, "restricted_reason": f"{mark} {SECRET}"}),
        ]
    )
    action_changes.add_evidence(
        action,
        title=f"{mark} {SECRET} evidence",
        location=f"{mark} {SECRET}",
        is_restricted=True,
        restricted_reason=f"{mark} {SECRET}",
        by=by,
        on=TODAY,
        at=NOW,
    )
    action_changes.submit_plan(plan, by=by, on=TODAY, reason=f"{mark} submitted")
    plan_changes.record_submission(
        plan, step="ofsted", done_on=TODAY, proof=f"{mark} proof", by=by, on=TODAY, reason=f"{mark} sent"
    )
    flags.flag_overdue(on=date(2026, 12, 1), at=NOW)
    digest = Digest.objects.create(
        authority=authority,
        recipient=owner.user,
        on=TODAY,
        opened_at=NOW,
        subject=f"{mark} subject",
        text=f"{mark} text",
    )
    Reminder.objects.create(
        authority=authority,
        recipient=owner.user,
        kind="due",
        step=5,
        day=action.deadline,
        action=action,
        queued_on=TODAY,
        digest=digest,
    )
    return Council(authority, mark, action, restricted, inspector, office)


def _action(title: str, words: str, *, recommendation: Any, finding: Any, by: Any, **fields: Any) -> Action:
    action = factories.make_action(
        title=title,
        description=f"{words} description",
        outcome=f"{words} outcome",
        accountable=by,
        recommendations=[recommendation],
        findings=[finding],
        **fields,
    )
    factories.make_milestone(action, f"{words} milestone")
    factories.make_update(action, f"{words} update", rating="at_risk", by=by)
    factories.make_evidence(action, f"{words} evidence", location=f"{words} place")
    factories.make_deadline_change(
        action, date(2026, 9, 4), reason=f"{words} reason", asked_by=f"{words} asker", agreed_by=f"{words} board", by=by
    )
    return factories.fresh(action)


@pytest.fixture
def ours(db: None, today: Callable[..., None]) -> Council:
    return populate("ours", OURS)


@pytest.fixture
def theirs(ours: Council) -> Council:
    """Another council of the same installation, filled after ours."""
    return populate("theirs", THEIRS)


@pytest.fixture
def as_inspector(client: Client, ours: Council, theirs: Council, signed_in: Callable) -> Client:
    """A browser in which the inspector of our council is signed in; the other council is there too."""
    return signed_in(client, ours.inspector)


def everything_stored() -> dict[str, list[tuple]]:
    """Every row of every table but the sessions."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values_list())
        for model in apps.get_models()
        if model._meta.label != "sessions.Session"
    }


def now_restricted(row: Any, *, is_restricted: bool, reason: str) -> Any:
    """Close or open a row, as an import or a later change would."""
    row.is_restricted, row.restricted_reason = is_restricted, SECRET if is_restricted else ""
    return save_because(row, by=None, reason=reason)


__all__ = ["OURS", "SECRET", "THEIRS", "Council", "Service", "everything_stored", "now_restricted"]
