from django.urls import path

from tracker.visits.views import entering, findings, questions, readiness

app_name = "visits"

urlpatterns = [
    path("visits/new/", entering.new_visit, name="new"),
    path("visits/readiness-list/", readiness.readiness_list, name="readiness-list"),
    path("visits/readiness-list/make/", readiness.make_list, name="make-list"),
    path("visits/readiness-list/add/", readiness.add_line, name="add-line"),
    path("visits/readiness-list/<int:position>/", readiness.change_line, name="line"),
    path("visits/readiness-list/<int:position>/up/", readiness.move_line_up, name="move-line-up"),
    path("visits/<slug:reference>/change/", entering.change_visit, name="change"),
    path("visits/<slug:reference>/focus/", entering.choose_focus, name="focus"),
    path("visits/<slug:reference>/letter/", entering.letter, name="letter"),
    path("visits/<slug:reference>/findings/add/", findings.add_finding, name="add-finding"),
    path(
        "visits/<slug:reference>/findings/needs-work-<int:number>/actions/",
        findings.answer_finding,
        name="answer-finding",
    ),
    path("visits/<slug:reference>/findings/<slug:kind>-<int:number>/", findings.change_finding, name="finding"),
    path("visits/<slug:reference>/readiness/start/", readiness.start_list, name="start-list"),
    path("visits/<slug:reference>/readiness/add/", readiness.add_task, name="add-task"),
    path("visits/<slug:reference>/readiness/<int:position>/", readiness.change_task, name="task"),
    path("visits/<slug:reference>/readiness/<int:position>/done/", readiness.finish_task, name="finish-task"),
    path("visits/<slug:reference>/readiness/<int:position>/leave-out/", readiness.leave_out_task, name="leave-out"),
    path("visits/<slug:reference>/readiness/<int:position>/take-back/", readiness.take_back_task, name="take-back"),
    path("visits/<slug:reference>/questions/propose/", questions.propose_questions, name="propose-questions"),
    path("visits/<slug:reference>/questions/add/", questions.add_question, name="add-question"),
    path("visits/<slug:reference>/questions/<int:position>/", questions.change_question, name="question"),
    path("visits/<slug:reference>/questions/<int:position>/drop/", questions.drop_question, name="drop-question"),
]
