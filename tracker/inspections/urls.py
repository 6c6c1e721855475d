from django.urls import path

from tracker.inspections.views import clocks, holidays, inspections

app_name = "inspections"

urlpatterns = [
    path("inspections/", inspections.inspections, name="inspections"),
    path("inspections/<slug:reference>/", inspections.inspection, name="inspection"),
    path("inspections/<slug:reference>/clocks/<slug:kind>/", clocks.clock_page, name="clock"),
    path("inspections/<slug:reference>/clocks/<slug:kind>/clock.csv", clocks.clock_csv, name="clock-csv"),
    path("bank-holidays/", holidays.bank_holidays, name="bank-holidays"),
    path("bank-holidays/add/", holidays.add_bank_holiday, name="add-bank-holiday"),
    path("bank-holidays/<str:day>/withdraw/", holidays.withdraw_bank_holiday, name="withdraw-bank-holiday"),
]
