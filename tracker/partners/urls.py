from django.urls import path

from tracker.partners.views import office, public

app_name = "partners"

urlpatterns = [
    path("plans/<slug:plan>/actions/<str:reference>/partner-link/", office.make_link, name="make-link"),
    path("partners/answers/", office.answers, name="answers"),
    path("partners/answers/<int:pk>/", office.answer, name="answer"),
    path("partners/links/<int:pk>/withdraw/", office.withdraw, name="withdraw"),
    path("partner/<str:token>/", public.link, name="link"),
    path("partner/<str:token>/update/", public.give, {"kind": "update"}, name="give-update"),
    path("partner/<str:token>/evidence/", public.give, {"kind": "evidence"}, name="give-evidence"),
    path("partner/<str:token>/new-date/", public.give, {"kind": "new_date"}, name="give-new-date"),
]
