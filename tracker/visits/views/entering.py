"""A visit is entered, changed, its focus chosen, its letter recorded."""

from typing import Any

from django.contrib import messages
from django.db.models import F, Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.member import Member
from tracker.audit.history import version_of
from tracker.dates import clock
from tracker.dates.models import calendar
from tracker.dates.working_days import HolidaysUnknown
from tracker.govuk.templatetags.govuk import and_list
from tracker.inspections import changes as inspection_changes
from tracker.inspections.frameworks import REVIEWS
from tracker.inspections.models import Inspection, Recommendation, Visit
from tracker.visits import changes
from tracker.visits.forms import ChangeVisitForm, FocusForm, LetterForm, VisitForm
from tracker.visits.views import find
from tracker.visits.wording import day_off_words, when_words

DAYS = ("starts_on", "ends_on", "expected_from", "expected_to")
KNOWN = ("kind", "sequence", "inspection", *DAYS, "dates_note", "agreed_on", "focus", "inspectors")
REFUSED_ON: find.Refusals = {
    inspection_changes.VisitEntered: "sequence",
    inspection_changes.LetterHasCome: "starts_on",
    inspection_changes.OtherCouncil: "inspection",
    inspection_changes.WrongDates: "starts_on",
    inspection_changes.NothingChanged: None,
    inspection_changes.ChangedSince: None,
    changes.WrongDay: "starts_on",
    HolidaysUnknown: "starts_on",
}


def new_visit(request: HttpRequest) -> HttpResponse:
    """Enter a visit, past or to come."""
    find.to_run(request)
    member, today, days = request.member, clock.today(), calendar()
    form = VisitForm(find.typed(request), authority=member.authority, on=today, initial=_expected_next(member))
    if request.method == "POST" and form.is_valid():
        try:
            visit = changes.enter_visit(member.authority, by=request.user, on=today, calendar=days, **form.cleaned_data)
        except tuple(REFUSED_ON) as refusal:
            find.put_on(form, refusal, REFUSED_ON)
        else:
            off = day_off_words(visit.starts_on, days)
            messages.success(request, f"Visit entered. {visit} is now in the list, {_when(visit)}. {off}".strip())
            return redirect(visit)
    context = {
        "form": form,
        "crumbs": find.crumbs(),
        "heading": "Enter a visit",
        "button": "Enter visit",
        "intro": "Enter a visit to come as soon as Ofsted says when to expect it, or one that has been.",
    }
    return render(request, "visits/form.html", context)


def _expected_next(member: Member) -> dict[str, Any]:
    """Return what a new visit most likely is: the next monitoring visit after the newest inspection."""
    newest = F("published_on").desc(nulls_last=True)
    inspection = (
        Inspection.objects.visible_to(member)
        .exclude(framework__in=REVIEWS)
        .order_by(F("is_monitored").desc(), newest, "-pk")
        .first()
    )
    if inspection is None:
        return {"kind": Visit.Kind.MONITORING}
    last = Visit.objects.visible_to(member).filter(inspection=inspection, kind=Visit.Kind.MONITORING)
    number = (last.aggregate(last=Max("sequence"))["last"] or 0) + 1
    return {"kind": Visit.Kind.MONITORING, "inspection": inspection, "sequence": number}


def _when(visit: Visit) -> str:
    return when_words(visit.starts_on, visit.ends_on, visit.expected_from, visit.expected_to)


def change_visit(request: HttpRequest, reference: str) -> HttpResponse:
    """Change what is known of a visit: its days, when it is expected, who comes, what they look at."""
    visit = find.visit_of(request, reference)
    today, days = clock.today(), calendar()
    initial = {name: getattr(visit, name) for name in KNOWN} | {"seen": version_of(visit)}
    form = ChangeVisitForm(find.typed(request), authority=visit.authority, on=today, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            changed = changes.change_visit(visit, by=request.user, on=today, calendar=days, **form.cleaned_data)
        except tuple(REFUSED_ON) as refusal:
            find.put_on(form, refusal, REFUSED_ON, row=visit)
        else:
            messages.success(request, _changed(visit, changed, days))
            return redirect(changed)
    context = {
        "form": form,
        "crumbs": find.crumbs(visit),
        "caption": str(visit),
        "heading": "Change the visit",
        "button": "Save changes",
        "intro": "If it will not come, or its days are open again, take the days out and say below what is known.",
    }
    return render(request, "visits/form.html", context)


def _changed(before: Visit, now: Visit, days: Any) -> str:
    if all(getattr(before, name) == getattr(now, name) for name in DAYS):
        return f"Visit changed. What you saved is now on the page of {now}."
    if now.starts_on is None and now.expected_from is None and now.expected_to is None:
        return f"Visit changed. The days of {now} are now not known: {now.dates_note.rstrip('.')}."
    moved = "Visit moved" if before.starts_on and now.starts_on else "Days of the visit saved"
    return f"{moved}. {now} is now {_when(now)}. {day_off_words(now.starts_on, days)}".strip()


def choose_focus(request: HttpRequest, reference: str) -> HttpResponse:
    """Choose the recommendations a visit looks at."""
    visit = find.visit_of(request, reference)
    chosen = Recommendation.objects.visible_to(request.member).filter(looked_at_by__visit=visit)
    form = FocusForm(find.typed(request), visit=visit, initial={"recommendations": list(chosen)})
    if request.method == "POST" and form.is_valid():
        try:
            now = inspection_changes.choose_focus(
                visit, by=request.user, reason="The focus of the visit was chosen", **form.cleaned_data
            )
        except (inspection_changes.NothingChanged, inspection_changes.OtherCouncil) as refusal:
            form.add_error("recommendations", str(refusal))
        else:
            looks = f"recommendation {and_list(sorted(row.reference for row in now))}" if now else "everything"
            messages.success(request, f"Focus saved. {visit} now looks at {looks}.")
            return redirect(visit)
    context = {
        "form": form,
        "crumbs": find.crumbs(visit),
        "caption": str(visit),
        "heading": "Choose the recommendations in focus",
        "button": "Save focus",
        "intro": "Only the actions that answer them are then counted as due before the visit.",
    }
    return render(request, "visits/form.html", context)


LETTER_REFUSED_ON: find.Refusals = {
    inspection_changes.NoLetter: "letter_received_on",
    inspection_changes.HasFindings: "letter_received_on",
    inspection_changes.WrongDates: "letter_received_on",
    inspection_changes.NothingChanged: None,
    inspection_changes.ChangedSince: None,
    HolidaysUnknown: "letter_received_on",
}


def letter(request: HttpRequest, reference: str) -> HttpResponse:
    """Record that the letter of a visit came, or correct what was recorded of it; its findings come next."""
    visit = find.visit_of(request, reference)
    today = clock.today()
    form = LetterForm(find.typed(request), visit=visit, initial=_letter_now(visit))
    had_letter = visit.has_letter
    if request.method == "POST" and form.is_valid():
        try:
            changes.record_letter(visit, by=request.user, on=today, calendar=calendar(), **form.cleaned_data)
        except tuple(LETTER_REFUSED_ON) as refusal:
            find.put_on(form, refusal, LETTER_REFUSED_ON, row=visit)
        else:
            if had_letter:
                messages.success(request, f"Letter corrected. What you saved is now on the page of {visit}.")
                return redirect(visit)
            messages.success(request, f"Letter of {visit} recorded. Now record its findings, one at a time.")
            return redirect("visits:add-finding", visit.reference)
    context = {
        "form": form,
        "crumbs": find.crumbs(visit),
        "caption": str(visit),
        "heading": "Correct the letter" if had_letter else "Record the letter",
        "button": "Save letter" if had_letter else "Save and record findings",
    }
    return render(request, "visits/form.html", context)


def _letter_now(visit: Visit) -> dict[str, Any]:
    """Return what is known of the letter; before it comes, that of a first monitoring visit stays unpublished."""
    is_first = visit.kind == Visit.Kind.MONITORING and visit.sequence == 1 and not visit.has_letter
    publication = LetterForm.NOT_YET
    if visit.letter_published_on:
        publication = LetterForm.PUBLISHED
    elif visit.letter_stays_unpublished or is_first:
        publication = LetterForm.NOT_PUBLISHED
    return {
        "letter_received_on": visit.letter_received_on,
        "publication": publication,
        "letter_published_on": visit.letter_published_on,
        "strengths_reported": visit.strengths_reported,
        "needs_work_reported": visit.needs_work_reported,
        "has_priority_areas": visit.has_priority_areas,
        "seen": version_of(visit),
    }
