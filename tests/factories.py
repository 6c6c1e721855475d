"""Rows for tests, made through `changes` with fixed, boring values: nothing random, nothing from the clock.

The cast is the same everywhere: Priya owns the action, Marcus heads the service, Dee is in another service, Ines
inspects; Aisha runs the programme office, Rachel is the director, Helen works for a partner agency.
"""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from accounts import changes as account_changes
from accounts.member import Member, members_of
from accounts.models import Agency, Authority, Service, User, practices_of
from accounts.roles import Role
from tracker.actions import changes
from tracker.actions.models import (
    Action,
    DeadlineChange,
    DeadlineRequest,
    Evidence,
    Measure,
    Milestone,
    ProgressUpdate,
    Reopening,
)
from tracker.actions.rules import Difference, Rating, ReasonKind
from tracker.dates.models import calendar
from tracker.inspections import changes as inspection_changes
from tracker.inspections.models import Finding, Inspection, Recommendation, Visit
from tracker.plans import changes as plan_changes
from tracker.plans.models import Criticism, Plan, PlanVersion, Priority, Submission

# A Wednesday, two days after a bank holiday.
TODAY = date(2026, 5, 6)
NOW = datetime(2026, 5, 6, 10, 0, tzinfo=ZoneInfo("Europe/London"))
ADDED_ON = date(2026, 4, 15)  # Long enough ago that it is no news to its owner, and not yet a month.
PASSWORD = "correct horse battery staple"
REASON = "Made for a test"


# Councils and people


def make_authority(name: str = "Northbridge County Council", slug: str = "northbridge", **fields: Any) -> Authority:
    fields.setdefault("contact_name", "Aisha Rahman")
    fields.setdefault("contact_phone", "01632 960 123")
    return account_changes.add_authority(name=name, slug=slug, by=None, reason=REASON, **fields)


def make_user(name: str = "Sam Porter", email: str = "", password: str = PASSWORD) -> User:
    """A person of no council yet, at first.last@council.example."""
    email = email or f"{name.lower().replace(' ', '.')}@council.example"
    return account_changes.add_person(email=email, name=name, password=password, by=None, reason=REASON)


def make_member(
    authority: Authority,
    role: str = Role.ACTION_OWNER,
    name: str = "Sam Porter",
    *,
    user: User | None = None,
    on: date = TODAY,
    **fields: Any,
) -> Member:
    """A person with a role in a council; give `user` to add a role to someone.

    A partner without an agency gets Northbridge Police; an inspector without a last day gets 31 July 2026.
    """
    if role == Role.PARTNER and "agency" not in fields:
        fields["agency"] = make_agency(authority)
    if role == Role.INSPECTOR and "ends_on" not in fields:
        fields["ends_on"] = date(2026, 7, 31)
    user = user or make_user(name)
    account_changes.give_role(user, authority, role=role, by=None, reason=REASON, **fields)
    return member_of(authority, user, on=on)


def member_of(authority: Authority, user: User, *, on: date = TODAY) -> Member:
    """The person as a member of the council today, with the roles they hold by now."""
    return next(member for member in members_of(user, on=on) if member.authority == authority)


def make_service(
    authority: Authority, name: str = "Assessment and the front door", *, head: User | None = None
) -> Service:
    """A service; asked for again by its name, the same one."""
    service = Service.objects.filter(authority=authority, name=name).first() or account_changes.add_service(
        authority, name=name, by=None, reason=REASON
    )
    return account_changes.name_head(service, head=head, by=None, reason=REASON) if head else service


def make_agency(authority: Authority, name: str = "Northbridge Police", kind: str = Agency.Kind.POLICE) -> Agency:
    """A partner agency; asked for again by its name, the same one."""
    return Agency.objects.filter(authority=authority, name=name).first() or account_changes.add_agency(
        authority, name=name, kind=kind, by=None, reason=REASON
    )


def priya(authority: Authority) -> Member:
    """Owns the action."""
    return make_member(
        authority, Role.ACTION_OWNER, "Priya Nair", post="Screening manager", service=make_service(authority)
    )


def marcus(authority: Authority) -> Member:
    """Heads the service of Priya's action."""
    service = make_service(authority)
    member = make_member(
        authority,
        Role.HEAD_OF_SERVICE,
        "Marcus Oyelaran",
        post="Head of Assessment and the front door",
        service=service,
    )
    make_service(authority, head=member.user)
    return member


def dee(authority: Authority) -> Member:
    """Owns actions in another service."""
    return make_member(
        authority,
        Role.ACTION_OWNER,
        "Dee Walsh",
        post="Leaving care manager",
        service=make_service(authority, "Leaving care"),
    )


def ines(authority: Authority) -> Member:
    """Inspects."""
    return make_member(authority, Role.INSPECTOR, "Ines Moreau", post="His Majesty's Inspector")


def aisha(authority: Authority) -> Member:
    """Runs the programme office."""
    return make_member(
        authority, Role.PROGRAMME_OFFICE, "Aisha Rahman", post="Programme manager", phone="01632 960 123"
    )


def rachel(authority: Authority) -> Member:
    """Is the director of children's services."""
    return make_member(authority, Role.DIRECTOR, "Rachel Adeyemi", post="Director of children's services")


def helen(authority: Authority) -> Member:
    """Works for the police, a partner agency."""
    return make_member(authority, Role.PARTNER, "Helen Ward", post="Superintendent")


# Inspections


def make_inspection(authority: Authority, reference: str = "2026-ilacs", **fields: Any) -> Inspection:
    """A report received on 2 February and published on 9 March 2026; no clocks yet."""
    values = {
        "framework": "ilacs",
        "kind": "Standard inspection",
        "started_on": date(2025, 12, 1),
        "ended_on": date(2025, 12, 12),
        "received_on": date(2026, 2, 2),
        "published_on": date(2026, 3, 9),
        **fields,
    }
    return inspection_changes.record_inspection(authority, reference=reference, by=None, reason=REASON, **values)


def make_recommendation(inspection: Inspection, **fields: Any) -> Recommendation:
    """The next recommendation of a report."""
    number = inspection.recommendations.count() + 1
    values = {
        "reference": str(number),
        "position": number,
        "kind": Recommendation.Kind.NEEDS_TO_IMPROVE,
        "title": "Response to referrals",
        "text": "The timeliness of the response to contacts and referrals.",
        **fields,
    }
    return inspection_changes.record_recommendation(inspection, by=None, reason=REASON, **values)


def make_visit(authority: Authority, reference: str = "monitoring-1", **fields: Any) -> Visit:
    """A monitoring visit on 9 and 10 June 2026."""
    values = {
        "kind": Visit.Kind.MONITORING,
        "sequence": 1,
        "starts_on": date(2026, 6, 9),
        "ends_on": date(2026, 6, 10),
        "focus": "The front door",
        **fields,
    }
    return inspection_changes.record_visit(authority, reference=reference, by=None, reason=REASON, **values)


def make_finding(visit: Visit, kind: str = Finding.Kind.NEEDS_WORK, **fields: Any) -> Finding:
    """The next strength, or thing that needs work, of a visit's letter."""
    values = {
        "number": visit.findings.filter(kind=kind).count() + 1,
        "text": "Notifications waited too long to be screened.",
        **fields,
    }
    return inspection_changes.record_finding(visit, kind=kind, by=None, reason=REASON, **values)


# Plans and actions


def make_plan(authority: Authority, reference: str = "2026", **fields: Any) -> Plan:
    """A plan that answers the council's inspection, made if there is none; asked for again, the same one."""
    if plan := Plan.objects.filter(authority=authority, reference=reference).first():
        return plan
    if "answers" not in fields:
        fields["answers"] = [Inspection.objects.filter(authority=authority).first() or make_inspection(authority)]
    values = {"title": "Improvement plan 2026", "starts_on": date(2026, 2, 2), **fields}
    return plan_changes.start_plan(authority, reference=reference, by=None, reason=REASON, **values)


def make_priority(plan: Plan, number: int = 3, title: str = "The front door", **fields: Any) -> Priority:
    """A priority; asked for again by its number, the same one."""
    return Priority.objects.filter(plan=plan, number=number).first() or plan_changes.add_priority(
        plan, number=number, title=title, by=None, reason=REASON, **fields
    )


def make_version(plan: Plan, label: str = PlanVersion.Label.SUBMITTED, **fields: Any) -> PlanVersion:
    """A version frozen on 4 May 2026, of whatever the plan holds and without asking whether it is fit to be sent."""
    values = {"snapshot": {"title": plan.title, "actions": []}, "on": date(2026, 5, 4), **fields}
    return plan_changes.freeze(plan, label=label, by=None, reason=REASON, **values)


def make_submission(plan: Plan, step: str = "ofsted", **fields: Any) -> Submission:
    """A step of sending the plan, done on 5 May 2026; freezes a version to be sent if there is none."""
    values = {"done_on": date(2026, 5, 5), "on": TODAY, "proof": "An email", "done_by": "Aisha Rahman", **fields}
    if not plan.versions.filter(label=PlanVersion.Label.SUBMITTED).exists():
        make_version(plan, on=min(values["done_on"], date(2026, 5, 4)))
    return plan_changes.record_submission(plan, step=step, by=None, reason=REASON, **values)


def make_criticism(plan: Plan, **fields: Any) -> Criticism:
    """What Red Quadrant said against a plan on 27 April 2026."""
    values = {
        "made_by": "Red Quadrant, for the DfE",
        "made_on": date(2026, 4, 27),
        "text": "The plan is weak on the recording system.",
        "on": TODAY,
        **fields,
    }
    return plan_changes.record_criticism(plan, by=None, **values)


def make_action(
    authority: Authority | None = None,
    *,
    plan: Plan | None = None,
    priority: Priority | None = None,
    rating: str = "",
    updated_on: date | None = None,
    claimed_on: date | None = None,
    completed_on: date | None = None,
    cancelled_on: date | None = None,
    difference: str = Difference.NONE,
    **fields: Any,
) -> Action:
    """The next action of a plan (3.1, 3.2, …), due on 31 July 2026, answering recommendation 1.

    Makes the council, plan, priority and recommendation that are missing. `owner`, `accountable` and the like
    are users. A rating comes by an update on `updated_on` (else 15 April 2026); a day claimed brings its
    evidence, and a day completed is checked by someone who is not the owner.
    """
    plan = plan or (priority.plan if priority else make_plan(authority or make_authority()))
    priority = priority or make_priority(plan)
    number = plan.actions.count() + 1
    values = {
        "reference": f"{priority.number}.{number}",
        "position": number,
        "title": "Screen every notification within 1 working day",
        "description": "Police and council staff screen notifications together.",
        "outcome": "no child waits more than 1 working day for a decision.",
        "deadline": date(2026, 7, 31),
        **fields,
    }
    if "recommendations" not in values and not values.get("is_councils_own"):
        inspection = plan.inspections.first()
        values["recommendations"] = [inspection.recommendations.first() or make_recommendation(inspection)]
    action = changes.add_action(plan, priority=priority, by=None, on=ADDED_ON, reason=REASON, **values)
    if rating:
        make_update(action, rating=rating, on=updated_on or date(2026, 4, 15))
    if claimed_on or completed_on:
        make_evidence(action)
        make_update(action, says_done=True, on=claimed_on or completed_on)
    if completed_on:
        changes.complete(action, by=_someone("Imran Sadiq"), on=completed_on, reason="Checked against the audit")
    if difference != Difference.NONE:
        shown = Difference.DIFFERENCE if difference == Difference.SUSTAINED else difference
        said = {"by": _someone("Imran Sadiq"), "on": completed_on or TODAY}
        changes.set_difference(action, to=shown, reason="The audit shows it", **said)
        if difference == Difference.SUSTAINED:
            make_sustained(action, **said)
    if cancelled_on:
        changes.cancel(action, by=None, on=cancelled_on, reason="Replaced by another action")
    return fresh(action)


def make_milestone(
    action: Action,
    title: str = "Joint screening rota agreed",
    *,
    due_on: date | None = None,
    done_on: date | None = None,
) -> Milestone:
    """A step due on the action's deadline."""
    step = changes.add_milestone(action, title=title, due_on=due_on or action.deadline or TODAY, by=None, reason=REASON)
    return changes.finish_milestone(step, on=done_on, by=None, reason=REASON) if done_on else step


def make_measure(action: Action, title: str = "Visits on time", **fields: Any) -> Measure:
    """A measure of difference for children, with all it needs."""
    values = {
        "kind": Measure.Kind.DIFFERENCE,
        "baseline": "61%",
        "target": "95%",
        "target_on": date(2026, 9, 1),
        **fields,
    }
    return changes.add_measure(action, title=title, by=None, reason=REASON, **values)


def make_update(
    action: Action,
    narrative: str = "Two more screeners have started.",
    *,
    rating: str = Rating.ON_TRACK,
    by: User | None = None,
    on: date = TODAY,
    **fields: Any,
) -> ProgressUpdate:
    """An update by the owner, or by Sam Porter of nowhere when there is none, at 10am."""
    values = {"at": datetime.combine(on, NOW.timetz()), **fields}
    return changes.record_update(
        action, narrative=narrative, rating=rating, by=by or action.owner or _someone("Sam Porter"), on=on, **values
    )


def make_evidence(action: Action, title: str = "Screening rota", **fields: Any) -> Evidence:
    values = {"location": "SharePoint: Front door, rota", "by": action.owner, "on": TODAY, "at": NOW, **fields}
    return changes.add_evidence(action, title=title, **values)


def make_deadline_change(action: Action, to: date, **fields: Any) -> DeadlineChange:
    """A deadline moved because screeners' vetting took longer, asked for and agreed in April 2026."""
    values = {
        "reason_kind": DeadlineChange.ReasonKind.RECRUITMENT,
        "reason": "Vetting took longer than planned.",
        "asked_by": "Priya Nair",
        "asked_on": date(2026, 4, 13),
        "agreed_by": "Rachel Adeyemi",
        "agreed_on": date(2026, 4, 14),
        "by": None,
        "at": NOW,
        **fields,
    }
    return changes.move_deadline(action, to=to, calendar=calendar(), **values)


def make_request(
    action: Action, to: date, *, by: User | None = None, on: date = TODAY, **fields: Any
) -> DeadlineRequest:
    """A request for another deadline by the owner, or by Sam Porter of nowhere when there is none, at 10am."""
    values = {
        "reason_kind": ReasonKind.RECRUITMENT,
        "reason": "Vetting takes longer than planned.",
        "effect_on_children": "Some notifications wait 2 days.",
        "done_to_avoid": "Borrowed two screeners from another team.",
        "at": datetime.combine(on, NOW.timetz()),
        **fields,
    }
    return changes.ask_for_deadline(
        action,
        to=to,
        by=by or action.owner or _someone("Sam Porter"),
        on=on,
        calendar=calendar(),
        practices=practices_of(action.authority),
        **values,
    )


def make_reopening(action: Action, **fields: Any) -> Reopening:
    """A complete action opened again, as decided by nobody in particular."""
    values = {"reason": "It does not hold.", "by": None, "on": TODAY, "at": NOW, **fields}
    return changes.reopen(action, calendar=calendar(), **values)


def make_sustained(action: Action, *, by: User, on: date = TODAY, **fields: Any) -> Action:
    """What the board found, of an action that is complete and shows evidence of difference."""
    values = {
        "since": on - timedelta(weeks=8),
        "decided_for": "Improvement board",
        "period_weeks": 4,
        "reason": "It has held.",
        **fields,
    }
    return changes.sustain(action, by=by, on=on, **values)


def fresh(row: Any) -> Any:
    """The row as it stands in the database now."""
    return type(row).objects.get(pk=row.pk)


def _someone(name: str) -> User:
    return User.objects.filter(name=name).first() or make_user(name)
