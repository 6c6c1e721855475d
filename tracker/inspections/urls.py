from django.urls import URLPattern, path

from tracker.inspections.views import clocks, entering, governance, holidays, inspections, interventions

app_name = "inspections"

# Under the address of each clock: what is shown of it, and what can be recorded about it.
PAGES = [
    ("", clocks.clock_page, "clock"),
    ("clock.csv", clocks.clock_csv, "clock-csv"),
    ("done/<slug:step>/", clocks.record_step, "record-step"),
    ("letter/", clocks.letter_date, "letter-date"),
    ("void/", clocks.void_clock, "void-clock"),
    ("steps/plan/", governance.plan_steps, "plan-steps"),
    ("steps/add/", governance.add_step, "add-step"),
    ("steps/<int:position>/", governance.change_step, "change-step"),
    ("steps/<int:position>/done/", governance.finish_step, "finish-step"),
]


def _of_clocks(source: str, place: str) -> list[URLPattern]:
    """Return the addresses of the clocks of a source; the second of a kind and those after it have a number."""
    first = f"{place}/<slug:{source}>/clocks/<slug:kind>/"
    return [
        path(f"{start}{end}", view, name=name)
        for start in (first, f"{first}<int:sequence>/")
        for end, view, name in PAGES
    ]


urlpatterns = [
    path("inspections/", inspections.inspections, name="inspections"),
    path("inspections/new/", entering.new_inspection, name="new-inspection"),
    path("inspections/<slug:reference>/", inspections.inspection, name="inspection"),
    path("inspections/<slug:reference>/dates/", entering.correct_inspection, name="correct-inspection"),
    path("inspections/<slug:reference>/judgements/", entering.judgements, name="judgements"),
    path("inspections/<slug:reference>/recommendations/add/", entering.add_recommendation, name="add-recommendation"),
    path("clocks/", clocks.clocks, name="clocks"),
    *_of_clocks("inspection", "inspections"),
    *_of_clocks("visit", "visits"),
    *_of_clocks("intervention", "interventions"),
    path("interventions/new/", interventions.new_intervention, name="new-intervention"),
    path("interventions/<slug:reference>/", interventions.intervention, name="intervention"),
    path("interventions/<slug:reference>/change/", interventions.change_intervention, name="change-intervention"),
    path("interventions/<slug:reference>/lift/", interventions.lift_intervention, name="lift-intervention"),
    path("bank-holidays/", holidays.bank_holidays, name="bank-holidays"),
    path("bank-holidays/add/", holidays.add_bank_holiday, name="add-bank-holiday"),
    path("bank-holidays/<str:day>/withdraw/", holidays.withdraw_bank_holiday, name="withdraw-bank-holiday"),
]
