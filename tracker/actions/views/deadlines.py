"""Another deadline: asked for, checked, decided by someone else, or taken back."""

from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.member import Member
from accounts.models import practices_of
from tracker.actions import changes, deciding, permissions
from tracker.actions.deciding import Outlook
from tracker.actions.forms import AskForm, DecideForm, WithdrawForm
from tracker.actions.models import Action, DeadlineRequest
from tracker.actions.rules import ReasonKind, Tier
from tracker.actions.views import find
from tracker.actions.wording import how_far_words, ordinal_words, slip_words
from tracker.dates import clock
from tracker.dates.models import calendar
from tracker.dates.working_days import Calendar, HolidaysUnknown
from tracker.govuk.forms import GovukForm


@dataclass(frozen=True)
class Line:
    """A line of what someone checks, or reads, about a deadline."""

    label: str
    text: str
    more: str = ""


def ask(request: HttpRequest, plan: str, reference: str) -> HttpResponse:
    """Ask to move a deadline: the form, then a page to check it, then it is sent to whoever decides."""
    member = request.member
    action = find.one_of(member, plan, reference)
    if not permissions.works_on(member, action):
        raise PermissionDenied
    if not permissions.may_ask(member, action):
        heading = f"The deadline of {action.reference} does not move"
        sentence = find.where_it_stands(action) if action.deadline else "It has no deadline yet."
        return find.closed(request, action, heading=heading, sentence=sentence)
    waiting = action.deadline_requests.waiting().first()
    if waiting is not None and request.method != "POST":
        return redirect(address_of(waiting, action))
    days = calendar()
    form = AskForm(find.typed(request), action=action)
    if request.method == "POST" and form.is_valid():
        answer = _send_or_check(request, action, form, days=days)
        if answer is not None:
            return answer
    context = {
        "action": action,
        "form": form,
        "crumbs": find.way_to(action, member),
        "moves": action.deadline_changes.count(),
    }
    return render(request, "actions/deadline.html", context)


def _send_or_check(request: HttpRequest, action: Action, form: AskForm, *, days: Calendar) -> HttpResponse | None:
    """Send what was checked; show what was not to be checked; None when it is refused, with the reason on the form."""
    now = clock.now()
    practices = practices_of(action.authority)
    asked = dict(form.cleaned_data)
    checked = asked.pop("checked")
    try:
        changes.refuse_request(action, to=asked["to"], on=now.date())
        found = deciding.outlook(
            action, to=asked["to"], asked_by=request.user, on=now.date(), calendar=days, practices=practices
        )
        token = f"{action.deadline} {found.to} {found.tier}"
        if checked != token or "change" in request.POST:
            return None if "change" in request.POST else _check_page(request, action, form, found, token, days=days)
        sent = changes.ask_for_deadline(
            action, by=request.user, on=now.date(), at=now, calendar=days, practices=practices, **asked
        )
    except changes.AlreadyAsked as refusal:
        form.add_error(None, f"{refusal} What you typed is still here: copy what you need.")
    except (changes.SameDeadline, changes.WrongDates, changes.ActionClosed) as refusal:
        form.add_error("to", str(refusal))
    except HolidaysUnknown:
        form.add_error("to", f"Choose a day before the end of {days.last_year}: later bank holidays are not known")
    else:
        messages.success(
            request,
            f"Request sent. Who decides: {found.who}. Until then {action.reference} is due "
            f"{action.deadline:%A %-d %B %Y}.",
        )
        return redirect(address_of(sent, action))
    return None


def _check_page(
    request: HttpRequest, action: Action, form: AskForm, found: Outlook, token: str, *, days: Calendar
) -> HttpResponse:
    posted = [(name, value) for name, values in request.POST.lists() for value in values]
    typed = [(name, value) for name, value in posted if name not in ("csrfmiddlewaretoken", "checked", "change")]
    answers = form.cleaned_data
    context = {
        "action": action,
        "crumbs": find.way_to(action, request.member),
        "form": form,
        "typed": [*typed, ("checked", token)],
        "who": found.who,
        "lines": _what_it_means(action, found, days=days),
        "answers": [
            Line("Kind of reason", ReasonKind(answers["reason_kind"]).label),
            Line("Why", answers["reason"]),
            Line("What it means for children", answers["effect_on_children"]),
            Line("Done to avoid it", answers["done_to_avoid"] or "Nothing: it is brought forward"),
        ],
    }
    return render(request, "actions/deadline_check.html", context)


def _what_it_means(action: Action, found: Outlook, *, days: Calendar) -> list[Line]:
    """Return what a person should know before a request is sent: how far, how often, past what, who decides."""
    first = action.first_agreed or action.deadline
    off = days.why_not_working(found.to)
    moves = found.slip.move_number
    return [
        Line("First agreed", f"{first:%A %-d %B %Y}"),
        Line("Now", f"{action.deadline:%A %-d %B %Y}"),
        Line("Asked for", f"{found.to:%A %-d %B %Y}", f"It is not a working day: {off}." if off else ""),
        Line(
            "Slip",
            how_far_words(found.slip.working_days),
            f"In all, against the date first agreed: {how_far_words(found.in_all)}.",
        ),
        Line("Moves so far", str(moves - 1), f"This would be the {ordinal_words(moves)}."),
        Line("Passes a visit", f"Yes: {found.slip.visit}" if found.slip.visit else "No visit to come that is known"),
        Line("Who will decide", found.who, found.why),
    ]


# Deciding


def address_of(asked: DeadlineRequest, action: Action) -> str:
    return reverse("actions:deadline-request", args=[action.plan.reference, action.reference, asked.pk])


def request_page(request: HttpRequest, plan: str, reference: str, pk: int) -> HttpResponse:
    """Show a request for another deadline, and what became of it; whoever decides does so here."""
    member = request.member
    action = find.one_of(member, plan, reference)
    asked = _found(member, action, pk)
    tier, _ = deciding.decider_of(asked, on=clock.today())
    if permissions.may_decide(member, asked, tier=tier):
        return _decision(request, action, asked, tier=tier)
    if request.method != "POST":
        return _page(request, action, asked)
    if asked.state == DeadlineRequest.State.ASKED:
        raise PermissionDenied
    return _too_late(request, action, asked)


def _decision(request: HttpRequest, action: Action, asked: DeadlineRequest, *, tier: Tier) -> HttpResponse:
    names_meeting = tier == Tier.BOARD and permissions.must_name_meeting(request.member)
    form = DecideForm(
        find.typed(request),
        initial={"body": "Improvement board"},
        asked=asked,
        on=clock.today(),
        names_meeting=names_meeting,
        decides_for="Improvement board" if tier == Tier.BOARD else "",
    )
    if request.method == "POST" and form.is_valid():
        is_other = form.cleaned_data["decision"] == form.OTHER
        try:
            messages.success(request, _decide(request, action, asked, form, tier=tier))
            return redirect(action)
        except changes.AlreadyDecided:
            return _too_late(request, action, _found(request.member, action, asked.pk))
        except (changes.SameDeadline, changes.WrongDates, changes.ActionClosed, changes.OwnRequest) as refusal:
            form.add_error("to" if is_other else "decision", str(refusal))
        except changes.ForSomeoneElse as refusal:
            if not is_other:
                return _passed_on(request, action, asked, refusal)
            form.add_error("to", str(refusal))
        except HolidaysUnknown:
            form.add_error("to", f"Choose a day before the end of {calendar().last_year}")
    return _page(request, action, asked, form=form)


def _too_late(request: HttpRequest, action: Action, asked: DeadlineRequest) -> HttpResponse:
    """Answer the second of two people who decided at once: who was first, and that nothing was changed since."""
    refused = f"{changes.decision_words(asked)} Nothing was changed."
    return _page(request, action, asked, refused=refused, status=409)


def _decide(request: HttpRequest, action: Action, asked: DeadlineRequest, form: DecideForm, *, tier: Tier) -> str:
    """Do what the form says, and say what is so now."""
    now, chosen = clock.now(), form.cleaned_data
    said = {"reason": chosen["reason"], "decided_for": chosen["decided_for"]}
    if chosen["decision"] == form.REFUSE:
        changes.refuse(asked, by=request.user, on=now.date(), at=now, **said)
        return f"Request refused. {action.reference} is still due {action.deadline:%A %-d %B %Y}."
    change = changes.agree(
        asked,
        level=permissions.level_of(request.member, tier),
        to=chosen["to"] if chosen["decision"] == form.OTHER else None,
        by=request.user,
        on=now.date(),
        at=now,
        calendar=calendar(),
        practices=practices_of(action.authority),
        **said,
    )
    return (
        f"Deadline moved. {action.reference} is now due {change.to_deadline:%A %-d %B %Y}: "
        f"{slip_words(change.working_days)}."
    )


def _passed_on(
    request: HttpRequest, action: Action, asked: DeadlineRequest, refusal: changes.ForSomeoneElse
) -> HttpResponse:
    """Since it was asked something happened, such as a visit that was announced: hand it to those who decide now."""
    try:
        changes.pass_on(asked, tier=refusal.tier, why=refusal.why, by=request.user)
    except changes.AlreadyDecided:
        return _too_late(request, action, _found(request.member, action, asked.pk))
    now_with = Tier(refusal.tier).label.lower()
    messages.info(request, f"Not agreed yet. {refusal.why} The request now waits for the {now_with}.")
    return redirect(address_of(asked, action))


def withdraw(request: HttpRequest, plan: str, reference: str, pk: int) -> HttpResponse:
    """Take a request back; it is kept."""
    member = request.member
    action = find.one_of(member, plan, reference)
    asked = _found(member, action, pk)
    if not permissions.may_withdraw(member, asked):
        if asked.state == DeadlineRequest.State.ASKED:
            raise PermissionDenied
        heading = f"The request about {action.reference} is decided"
        return find.closed(request, action, heading=heading, sentence=changes.decision_words(asked))
    form = WithdrawForm(find.typed(request))
    if request.method == "POST" and form.is_valid():
        now = clock.now()
        try:
            changes.withdraw(asked, by=request.user, on=now.date(), at=now, **form.cleaned_data)
        except changes.AlreadyDecided as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, f"Request withdrawn. {action.reference} is still due {action.deadline:%A %-d %B %Y}."
            )
            return redirect(action)
    context = {"action": action, "asked": asked, "form": form, "crumbs": find.way_to(action, member)}
    return render(request, "actions/deadline_withdraw.html", context)


def _found(member: Member, action: Action, pk: int) -> DeadlineRequest:
    seen = DeadlineRequest.objects.visible_to(member).select_related("asked_by", "decided_by")
    asked = get_object_or_404(seen, action=action, pk=pk)
    asked.action = action
    return asked


def _page(
    request: HttpRequest,
    action: Action,
    asked: DeadlineRequest,
    *,
    form: GovukForm | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    member, today, days = request.member, clock.today(), calendar()
    is_waiting = asked.state == DeadlineRequest.State.ASKED
    crumbs = find.way_to(action, member)
    context = {
        "action": action,
        "asked": asked,
        "form": form,
        "refused": [("", refused)] if refused else [],
        "crumbs": crumbs,
        "lines": _lines(action, asked, on=today, days=days),
        "decision": "" if is_waiting else changes.decision_words(asked),
        "may_withdraw": permissions.may_withdraw(member, asked),
        "is_own": is_waiting and form is None and not permissions.is_neither_asker_nor_owner(member, asked),
    }
    return render(request, "actions/deadline_request.html", context, status=status)


def _lines(action: Action, asked: DeadlineRequest, *, on: date, days: Calendar) -> list[Line]:
    first = action.first_agreed or asked.from_deadline
    lines = [
        Line("First agreed", f"{first:%A %-d %B %Y}"),
        Line("Deadline when it was asked", f"{asked.from_deadline:%A %-d %B %Y}"),
        Line("Asked for", f"{asked.to_deadline:%A %-d %B %Y}", how_far_words(asked.working_days) + "."),
        Line("In all", how_far_words(days.between(first, asked.to_deadline)), "Against the date first agreed."),
        Line("Kind of reason", asked.get_reason_kind_display()),
        Line("Why", asked.reason),
        Line("What it means for children", asked.effect_on_children),
    ]
    if asked.done_to_avoid:
        lines.append(Line("Done to avoid it", asked.done_to_avoid))
    lines.append(Line("Asked by", f"{asked.asked_by}, {asked.asked_on:%-d %B %Y}"))
    if asked.state == DeadlineRequest.State.ASKED:
        _, who = deciding.decider_of(asked, on=on)
        lines.append(Line("Who decides", who, asked.tier_reason))
        return lines
    if asked.decided_for:
        lines.append(Line("Decided for", asked.decided_for))
    return [*lines, Line("Reason for the decision", asked.decision_reason)]
