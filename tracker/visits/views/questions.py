"""What inspectors are likely to ask: proposed, added, changed, dropped."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from tracker.audit.history import version_of
from tracker.dates import clock
from tracker.govuk.templatetags.govuk import count_of
from tracker.inspections import changes as inspection_changes
from tracker.inspections.models import Visit
from tracker.visits import changes
from tracker.visits.forms import DropQuestionForm, QuestionForm
from tracker.visits.models import Question
from tracker.visits.views import find


def _back(visit: Visit) -> HttpResponse:
    return redirect(f"{visit.get_absolute_url()}#questions")


@require_POST
def propose_questions(request: HttpRequest, reference: str) -> HttpResponse:
    """Add the questions that the last letter and the focus of the visit lead to."""
    visit = find.visit_of(request, reference)
    try:
        added = changes.propose_questions(visit, by=request.user)
    except changes.NothingToStart as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{count_of(len(added), 'likely question is,likely questions are')} now in the list.")
    return _back(visit)


def add_question(request: HttpRequest, reference: str) -> HttpResponse:
    """Add a question of one's own."""
    visit = find.visit_of(request, reference)
    form = QuestionForm(find.typed(request), visit=visit)
    if request.method == "POST" and form.is_valid():
        values = {name: value for name, value in form.cleaned_data.items() if name != "seen"}
        try:
            changes.add_question(visit, by=request.user, **values)
        except changes.AlreadyThere as refusal:
            form.add_error("text", str(refusal))
        else:
            messages.success(request, f"Question added. It is now in the list for {visit}.")
            return _back(visit)
    return _page(request, visit, form, "Add a likely question", "Add question")


def _question_of(request: HttpRequest, reference: str, position: int) -> tuple[Visit, Question]:
    visit = find.visit_of(request, reference)
    return visit, get_object_or_404(visit.questions.select_related("recommendation"), position=position)


def change_question(request: HttpRequest, reference: str, position: int) -> HttpResponse:
    """Change a question, or what it is about."""
    visit, question = _question_of(request, reference, position)
    initial = {
        "text": question.text,
        "recommendation": question.recommendation,
        "seen": version_of(question),
    }
    form = QuestionForm(find.typed(request), visit=visit, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            changes.change_question(question, by=request.user, **form.cleaned_data)
        except (
            changes.AlreadySettled,
            inspection_changes.NothingChanged,
            inspection_changes.ChangedSince,
        ) as refusal:
            find.put_on(form, refusal, {}, row=question)
        else:
            messages.success(request, f"Question changed. Its new words are now in the list for {visit}.")
            return _back(visit)
    return _page(request, visit, form, "Change this question", "Save question")


def drop_question(request: HttpRequest, reference: str, position: int) -> HttpResponse:
    """Say that a question is no longer expected, with why."""
    visit, question = _question_of(request, reference, position)
    form = DropQuestionForm(find.typed(request))
    if request.method == "POST" and form.is_valid():
        try:
            changes.drop_question(question, by=request.user, on=clock.today(), **form.cleaned_data)
        except changes.AlreadySettled as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Question dropped. It is no longer in the list for {visit}.")
            return _back(visit)
    return _page(request, visit, form, "Drop this question", "Drop question", intro=question.text)


def _page(
    request: HttpRequest,
    visit: Visit,
    form: QuestionForm | DropQuestionForm,
    heading: str,
    button: str,
    *,
    intro: str = "",
) -> HttpResponse:
    context = {
        "form": form,
        "crumbs": find.crumbs(visit),
        "caption": str(visit),
        "heading": heading,
        "button": button,
        "intro": intro,
    }
    return render(request, "visits/form.html", context)
