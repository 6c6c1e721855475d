"""Two councils with one of everything, each with a word of its own in every text: so that leaks can be seen."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from accounts import changes as account_changes
from accounts.member import Member
from accounts.models import Agency, Authority, Service, User, practices_of
from accounts.roles import Role
from tests import factories
from tests.factories import NOW, TODAY
from tracker.actions import changes as action_changes
from tracker.actions import flags
from tracker.actions.models import Action, KeptClosed, Reopening
from tracker.audit.history import save_because
from tracker.dates.models import calendar
from tracker.inspections import changes as inspection_changes
from tracker.inspections.models import Clock
from tracker.partners import changes as partner_changes
from tracker.plans import changes as plan_changes
from tracker.privacy import changes as privacy_changes
from tracker.reminders import changes as reminder_changes
from tracker.reminders.models import Digest, Reminder, Retry
from tracker.reminders.rules import Kind
from tracker.visits import changes as visit_changes

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
    clocks = inspection_changes.start_clocks(
        inspection, calendar=calendar(), by=by, notified_plan_due=date(2026, 5, 20), notified_source=f"{mark} letter"
    )
    _fill_clocks({clock.kind: clock for clock in clocks}, mark, by=by, owner=owner.user)
    visit = factories.make_visit(
        authority, f"{slug}-visit", inspection=inspection, focus=f"{mark} focus", inspectors=f"{mark} HMI"
    )
    finding = factories.make_finding(visit, text=f"{mark} finding", recommendation=recommendation, agency=agency)
    inspection_changes.choose_focus(visit, recommendations=[recommendation], by=by, reason=f"{mark} focus")
    visit_changes.add_task(visit, title=f"{mark} task", owner=owner.user, due_on=date(2026, 5, 20), by=by, on=TODAY)
    visit_changes.add_question(visit, text=f"{mark} question", recommendation=recommendation, by=by)
    visit_changes.default_list(authority, by=by)
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
        filled_action(
            f"{words} action", words, recommendation=recommendation, finding=finding, by=by, **shared, **extra
        )
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
    plan_changes.record_reply(
        plan.versions.get(),
        kind="does_not_reflect",
        received_on=TODAY,
        words=f"{mark} reply",
        proof=f"{mark} reply kept",
        by=by,
        on=TODAY,
    )
    criticism = plan_changes.record_criticism(
        plan, made_by=f"{mark} reviewer", made_on=TODAY, text=f"{mark} criticism", by=by, on=TODAY
    )
    plan_changes.respond(criticism, response=f"{mark} response", owner=owner.user, due_on=TODAY, by=by, on=TODAY)
    flags.flag_overdue(on=date(2026, 12, 1), at=NOW)
    _fill_pack(visit, plan, mark, by=by)
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
    Retry.objects.create(digest=digest, by=by, at=NOW, reason=f"{mark} retry", was=Digest.State.FAILED)
    reminder_changes.stop_kinds(authority, owner.user, kinds=[Kind.DUE], email_of=TODAY, on=TODAY)
    privacy_changes.change_statement(
        authority, kind="privacy", text=f"{mark} statement", reason=f"{mark} words", seen=None, by=by
    )
    privacy_changes.report_details(authority, page="/", kind="name", where=f"{mark} {SECRET}", by=by, at=NOW)
    _fill_links(action, mark, by=by)
    return Council(authority, mark, action, restricted, inspector, office)


def _fill_pack(visit: Any, plan: Any, mark: str, *, by: User) -> None:
    """Keep a pack that was made for the visit."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as made_of:
        made_of.writestr("pack.pdf", f"{mark} pack")
    made = {"content": written.getvalue(), "sha256": "0" * 64, "pdf_sha256": "0" * 64, "left_out": f"{mark} left out"}
    visit_changes.keep_pack(visit, plan=plan, audience=f"{mark} audience", by=by, at=NOW, **made)


def _fill_links(action: Action, mark: str, *, by: User) -> None:
    """Ask a partner by a link and accept the answer; another answer, which no inspector sees, waits."""
    for is_accepted, words in ((True, mark), (False, f"{mark} {SECRET}")):
        link, _ = partner_changes.make_link(action, person_name=f"{mark} sergeant", by=by, at=NOW)
        answer = partner_changes.answer(
            link, kind="update", at=NOW, on=TODAY, rating="at_risk", narrative=f"{words} said"
        )
        if is_accepted:
            practices = practices_of(action.authority)
            partner_changes.accept(answer, by=by, on=TODAY, at=NOW, calendar=calendar(), practices=practices)


def _fill_clocks(clocks: dict[str, Clock], mark: str, *, by: User, owner: User) -> None:
    """Give the clocks a row of everything that belongs to one."""
    authority = clocks["plan"].authority
    inspection_changes.record_step(
        clocks["report"], step="radio", done_on=TODAY, done_by=f"{mark} press office", proof=f"{mark}", by=by, on=TODAY
    )
    inspection_changes.retrigger(
        clocks["report"], trigger_on=date(2026, 5, 1), calendar=calendar(), by=by, on=date(2026, 3, 2), reason=mark
    )
    inspection_changes.add_governance_step(
        clocks["plan"], title=f"{mark} cabinet", due_on=date(2026, 5, 8), owner=owner, note=SECRET, by=by, on=TODAY
    )
    inspection_changes.record_intervention(
        authority,
        reference=f"{authority.slug}-notice",
        kind="improvement_notice",
        starts_on=date(2026, 3, 20),
        conditions=f"{mark} conditions",
        calendar=calendar(),
        by=by,
        on=TODAY,
        reason=mark,
    )
    account_changes.set_practice(authority, code="next_visit", value=4, source=f"{mark} source", by=by, reason=mark)


def filled_action(title: str, words: str, *, recommendation: Any, finding: Any, by: Any, **fields: Any) -> Action:
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
    factories.make_measure(action, f"{words} measure", baseline=f"{words} start", target=f"{words} target")
    factories.make_request(
        factories.fresh(action), date(2026, 9, 11), by=by, reason=f"{words} request", effect_on_children=words
    )
    past = {"action": action, "by": by, "on": TODAY, "finding": finding}
    save_because(Reopening(**past, at=NOW, reason=f"{words} reopened", difference="none"), by=by, reason=words)
    save_because(KeptClosed(**past, reason=f"{words} kept closed"), by=by, reason=words)
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
    """Every row of every table but the sessions, the record of pages that inspectors opened, and counts of requests."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values_list())
        for model in apps.get_models()
        if model._meta.label not in {"sessions.Session", "accounts.OpenedPage", "doors.Knocks"}
    }


def now_restricted(row: Any, *, is_restricted: bool, reason: str) -> Any:
    """Close or open a row, as an import or a later change would."""
    row.is_restricted, row.restricted_reason = is_restricted, SECRET if is_restricted else ""
    return save_because(row, by=None, reason=reason)


__all__ = ["OURS", "SECRET", "THEIRS", "Council", "Service", "everything_stored", "filled_action", "now_restricted"]
