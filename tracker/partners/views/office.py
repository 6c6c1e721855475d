"""The council's side: make a link, stop it, and decide what came back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts import kept
from accounts.member import Member
from accounts.models import practices_of
from tracker.actions import changes as action_changes
from tracker.actions.models import Action
from tracker.dates import clock
from tracker.dates.models import calendar
from tracker.dates.working_days import HolidaysUnknown
from tracker.govuk.pagination import pages_for
from tracker.govuk.templatetags.govuk import clock_time
from tracker.partners import changes, permissions
from tracker.partners.forms import DecisionForm, LinkForm
from tracker.partners.models import PartnerAnswer, PartnerLink, looked_after_by

ROWS = 25
CANNOT = (changes.NoAgency, changes.ActionRestricted, changes.ActionFinished)


@dataclass(frozen=True)
class Row:
    """A link as a row of a table: where it stands, in words."""

    link: PartnerLink
    works: bool
    stands: str


def make_link(request: HttpRequest, plan: str, reference: str) -> HttpResponse:
    """Make a link for a person of the action's partner agency; its address is shown this once."""
    action = _action(request.member, plan, reference)
    now = clock.now()
    context = {"action": action, "crumbs": _way_to(action), "rows": _rows(request.member, now, action=action)}
    try:
        changes.refuse_link(action)
    except CANNOT as refusal:
        return render(request, "partners/no_link.html", context | {"refusal": str(refusal)})
    form = LinkForm(request.POST if request.method == "POST" else kept.take(request))
    if request.method == "POST" and form.is_valid():
        try:
            link, secret = changes.make_link(action, by=request.user, at=now, **form.cleaned_data)
        except CANNOT as refusal:
            form.add_error(None, str(refusal))
        else:
            address = f"{settings.SITE_URL}{reverse('partners:link', args=[secret])}"
            message = Message.about(link, address)
            return render(request, "partners/link_made.html", context | {"link": link, "message": message})
    return render(request, "partners/make_link.html", context | {"form": form})


@dataclass(frozen=True)
class Message:
    """The text to send a link with, ready for one's own mailbox."""

    to: str
    subject: str
    text: str
    address: str

    @property
    def mailto(self) -> str:
        return f"mailto:{quote(self.to)}?subject={quote(self.subject)}&body={quote(self.text)}"

    @classmethod
    def about(cls, link: PartnerLink, address: str) -> "Message":
        action = link.action
        due = f", due on {action.deadline:%A %-d %B %Y}" if action.deadline else ""
        contact = f"{link.made_by}, {link.authority}"
        text = (
            f"Dear {link.person_name},\n\n"
            f"{link.agency} works on this action of our improvement plan:\n{action.reference} {action.title}{due}.\n\n"
            "Open this link to tell us how it is going, where evidence is kept, or to ask for a new date. You need no "
            f"account:\n\n{address}\n\n"
            f"It works once, until {until_words(link.expires_at)}. It is for you alone, so do not forward it. Do not "
            f"name any child or family in what you write.\n\n{contact}\n"
        )
        subject = f"Action {action.reference} of our improvement plan: how is it going?"
        return cls(to=link.sent_to, subject=subject, text=text, address=address)


def until_words(moment: datetime) -> str:
    """Return "10:00am on Saturday 9 May 2026"."""
    local = moment.astimezone(clock.LONDON)
    return f"{clock_time(local)} on {local:%A %-d %B %Y}"


def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a link, after asking once."""
    links = PartnerLink.objects.visible_to(request.member).with_ending()
    link = get_object_or_404(links.select_related("action__plan", "agency"), pk=pk)
    if not permissions.looks_after(request.member, link.action):
        raise PermissionDenied
    way_back = redirect("partners:make-link", link.action.plan.reference, link.action.reference)
    if request.method == "POST":
        try:
            changes.withdraw(link, by=request.user, at=clock.now())
        except changes.LinkOver as refusal:
            messages.info(request, f"{refusal} Nothing was changed.")
        else:
            messages.success(request, f"Link withdrawn. The link for {link.person} no longer works.")
        return way_back
    return render(request, "partners/withdraw.html", {"link": link, "crumbs": _way_to(link.action)})


def answers(request: HttpRequest) -> HttpResponse:
    """List what partners said: what waits for a decision, and what was decided; the links that work; whom to ask."""
    member, now = request.member, clock.now()
    if not permissions.looks_after_partners(member):
        raise PermissionDenied
    mine = PartnerAnswer.objects.visible_to(member).looked_after_by(member)
    named = mine.select_related("link__action__plan", "link__agency", "decided_by")
    decided = Paginator(named.exclude(state=PartnerAnswer.State.WAITING), ROWS)
    page = decided.get_page(request.GET.get("page"))
    found = Paginator(_to_ask_about(member), ROWS)
    to_ask = found.get_page(request.GET.get("actions"))
    context = {
        "waiting": named.waiting().order_by("submitted_at", "pk"),
        "page": page,
        "pages": pages_for(page.number, decided.num_pages, lambda number: f"?page={number}"),
        "rows": [row for row in _rows(member, now) if row.works],
        "to_ask": to_ask,
        "to_ask_pages": pages_for(to_ask.number, found.num_pages, lambda number: f"?actions={number}#ask"),
    }
    return render(request, "partners/answers.html", context)


def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a partner said; accept or decline it."""
    member = request.member
    seen = PartnerAnswer.objects.visible_to(member).select_related(
        "link__action__plan",
        "link__action__agency",
        "link__action__owner",
        "link__agency",
        "link__made_by",
        "decided_by",
    )
    given = get_object_or_404(seen, pk=pk)
    may_decide = permissions.looks_after(member, given.link.action)
    waits = given.state == PartnerAnswer.State.WAITING
    if request.method == "POST" and not may_decide:
        raise PermissionDenied
    form = DecisionForm(request.POST if request.method == "POST" else kept.take(request))
    if request.method == "POST" and form.is_valid():
        done = _decide(request, given, form)
        if done is not None:
            return done
    context = {
        "answer": given,
        "action": given.link.action,
        "form": form if may_decide and (waits or form.errors) else None,
        "changed": _changed_since(given),
        "crumbs": _way_to_answers(member, given.link.action),
    }
    return render(request, "partners/answer.html", context)


DECIDED: Mapping[str, str] = {
    PartnerAnswer.Kind.UPDATE: "The update is now on {}.",
    PartnerAnswer.Kind.EVIDENCE: "The evidence is now on {} and waits to be checked.",
    PartnerAnswer.Kind.NEW_DATE: "You have asked for the new deadline of {}, and someone else decides.",
}
REFUSED = (
    changes.AlreadyDecided,
    action_changes.ActionClosed,
    action_changes.AlreadyAdded,
    action_changes.AlreadyAsked,
    action_changes.SameDeadline,
    action_changes.WrongDates,
)


def _decide(request: HttpRequest, given: PartnerAnswer, form: DecisionForm) -> HttpResponse | None:
    now, days = clock.now(), calendar()
    reference = given.link.action.reference
    try:
        if form.cleaned_data["decision"] == DecisionForm.ACCEPT:
            practices = practices_of(request.member.authority)
            changes.accept(given, by=request.user, on=now.date(), at=now, calendar=days, practices=practices)
            messages.success(request, f"Answer accepted. {DECIDED[given.kind].format(reference)}")
        else:
            changes.decline(given, by=request.user, on=now.date(), reason=form.cleaned_data["reason"])
            messages.success(request, f"Answer declined. Nothing has changed on {reference}.")
            return redirect("partners:answers")
    except REFUSED as refusal:
        form.add_error(None, str(refusal))
        return None
    except HolidaysUnknown:
        form.add_error(
            None, f"The day asked for is past {days.last_year}, and bank holidays are not known so far ahead."
        )
        return None
    return redirect(given.link.action)


def _action(member: Member, plan: str, reference: str) -> Action:
    """Return the action at an address, for those who look after its partner."""
    seen = Action.objects.visible_to(member).select_related("plan", "agency", "owner", "authority")
    action = get_object_or_404(seen, plan__reference=plan, reference=reference)
    if not permissions.looks_after(member, action):
        raise PermissionDenied
    return action


def _rows(member: Member, at: datetime, *, action: Action | None = None) -> list[Row]:
    """Return the links of an action, or of all actions those that were neither used nor withdrawn. One query."""
    links = (
        PartnerLink.objects.visible_to(member)
        .looked_after_by(member)
        .with_ending()
        .select_related("action__plan", "agency", "made_by")
    )
    found = links.filter(action=action) if action else links.not_ended(at=at)
    rows = []
    for link in found:
        ending = link.ending(at=at)
        stands = f"Works until {until_words(link.expires_at)}" if ending is None else ending.label
        rows.append(Row(link, ending is None, stands))
    return rows


def _to_ask_about(member: Member) -> QuerySet[Action]:
    """Return the actions of partner agencies about which this person can make a link, the first due first."""
    mine = Action.objects.visible_to(member).filter(looked_after_by(member)).unfinished()
    open_to_links = mine.filter(agency__isnull=False, is_restricted=False)
    in_order = (F("deadline").asc(nulls_last=True), "position", "pk")
    return open_to_links.select_related("plan", "agency").order_by(*in_order)


def _changed_since(given: PartnerAnswer) -> list[str]:
    """Say what is otherwise with the action than when its link was made."""
    link, action = given.link, given.link.action
    found = []
    if action.agency_id != link.agency_id:
        found.append(f"{action.reference} is now with {action.agency or 'no partner agency'}.")
    if action.owner_id != link.action_owner_id:
        found.append(f"{action.reference} is now owned by {action.owner or 'nobody'}.")
    if not action.is_unfinished:
        found.append(f"{action.reference} is finished or waits to be checked.")
    return found


def _way_to(action: Action) -> list[dict[str, str]]:
    return [
        {"label": "Plan", "url": action.plan.get_absolute_url()},
        {"label": f"Action {action.reference}", "url": action.get_absolute_url()},
    ]


def _way_to_answers(member: Member, action: Action) -> list[dict[str, str]]:
    if permissions.looks_after_partners(member):
        return [{"label": "Partner agencies", "url": reverse("partners:answers")}]
    return _way_to(action)
