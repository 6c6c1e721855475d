"""The partner's side: one action, for one person, without an account. Looking changes nothing."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.forms import CharField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tracker.actions import changes as action_changes
from tracker.audit.ways import Door, comes_by
from tracker.dates import clock
from tracker.govuk.forms import GovukForm
from tracker.partners import changes, permissions
from tracker.partners.forms import EvidenceForm, NewDateForm, UpdateForm
from tracker.partners.models import PartnerAnswer, PartnerLink
from tracker.partners.rules import Ending
from tracker.privacy.statements import statement_links

Kind = PartnerAnswer.Kind
HEADINGS: Mapping[str, str] = {
    Kind.UPDATE: "Say how it is going",
    Kind.EVIDENCE: "Say where evidence is kept",
    Kind.NEW_DATE: "Ask for a new date",
}
SAID: Mapping[str, str] = {
    Kind.UPDATE: "You said how it is going",
    Kind.EVIDENCE: "You said where evidence is kept",
    Kind.NEW_DATE: "You asked for a new date",
}


@login_not_required
@require_safe
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Show the action, and what can be said about it; or, once the link is over, why."""
    found = _found(token)
    ending = found.ending(at=clock.now())
    if ending is not None:
        return _over(request, found, ending, token=token)
    offered = [
        (reverse(f"partners:give-{kind.replace('_', '-')}", args=[token]), heading)
        for kind, heading in HEADINGS.items()
        if _is_offered(found, kind)
    ]
    context = {"link": found, "action": found.action, "offered": offered}
    return _private(render(request, "partners/public/link.html", context | _frame(found, token)), "no-referrer")


@comes_by(Door.LINK)
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def give(request: HttpRequest, token: str, kind: str) -> HttpResponse:
    """Say one thing about the action. It is sent by POST, and then the link is used."""
    found, now = _found(token), clock.now()
    ending = found.ending(at=now)
    if ending is None and not _is_offered(found, kind):
        raise Http404
    form = _form(kind, found, request.POST if request.method == "POST" else None, on=now.date())
    if request.method == "POST" and form.is_valid():
        said = _said(form.cleaned_data)
        try:
            changes.answer(found, kind=kind, at=now, on=now.date(), **said)
        except changes.LinkOver as refusal:
            found, ending = _found(token), refusal.ending
            if _is_sent_again(found, kind, said):
                return _back(token)
        except (action_changes.SameDeadline, action_changes.WrongDates) as refusal:
            form.add_error("to", str(refusal))
        else:
            return _back(token)
    if ending is not None:
        return _over(request, found, ending, token=token, typed=_typed(form))
    way_back = {"label": f"Action {found.action.reference}", "url": reverse("partners:link", args=[token])}
    context = {
        "link": found,
        "action": found.action,
        "form": form,
        "heading": HEADINGS[kind],
        "crumbs": [way_back],
    }
    # Browsers that tell no page at all where a form came from cannot prove that it came from here.
    return _private(render(request, "partners/public/give.html", context | _frame(found, token)), "same-origin")


def _found(token: str) -> PartnerLink:
    found = permissions.link_behind(token)
    if found is None:
        raise Http404
    return found


def _is_offered(found: PartnerLink, kind: str) -> bool:
    return kind in HEADINGS and (kind != Kind.NEW_DATE or found.action.deadline is not None)


def _form(kind: str, found: PartnerLink, data: Any, *, on: date) -> GovukForm:
    if kind == Kind.NEW_DATE:
        return NewDateForm(data, action=found.action)
    return EvidenceForm(data, on=on) if kind == Kind.EVIDENCE else UpdateForm(data)


def _said(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    return {("new_date" if name == "to" else name): value for name, value in cleaned.items()}


def _is_sent_again(found: PartnerLink, kind: str, said: Mapping[str, Any]) -> bool:
    """Whether the same form came twice, as after a double tap."""
    given = getattr(found, "answer", None)
    return given is not None and given.kind == kind and all(getattr(given, name) == said[name] for name in said)


def _typed(form: GovukForm) -> list[tuple[str, str]]:
    """Return the texts that someone wrote, each with what was asked, to be given back."""
    texts = [(field.label, field.value()) for field in form if isinstance(field.field, CharField)]
    return [(label, text) for label, text in texts if text]


def _back(token: str) -> HttpResponse:
    return _private(redirect("partners:link", token), "no-referrer")


def _over(
    request: HttpRequest, found: PartnerLink, ending: Ending, *, token: str, typed: Sequence[tuple[str, str]] = ()
) -> HttpResponse:
    """Say to the holder of a link why it does not work, and whom to ask; give back what they were writing."""
    given = getattr(found, "answer", None)
    context = {
        "link": found,
        "ending": ending.value,
        "given": given,
        "said": SAID[given.kind] if given else "",
        "typed": typed,
    }
    status = 200 if ending == Ending.USED and not typed else 410
    page = render(request, "partners/public/over.html", context | _frame(found, token), status=status)
    return _private(page, "no-referrer")


def _frame(found: PartnerLink, token: str) -> dict[str, Any]:
    """Return what stands around the page: the council that asked, whoever else may be signed in here."""
    return {
        "frame": {
            "service_name": "Improvement plan",
            "council_name": found.authority.name,
            "home_url": reverse("partners:link", args=[token]),
            "demonstration_date": clock.demonstration_date(),
            "footer_note": found.authority.note,
            "footer_links": statement_links(found.authority),
        }
    }


def _private(response: HttpResponse, referrer: str) -> HttpResponse:
    """Keep a page out of caches, search and, as its address is a secret, out of what browsers tell others."""
    response.headers["Cache-Control"] = "no-store, private"
    response.headers["Referrer-Policy"] = referrer
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
