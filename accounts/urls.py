from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [
    path("council/", views.choose_council, name="choose-council"),
    path("settings/", views.settings_page, name="settings"),
    path("settings/<slug:code>/", views.change_setting, name="change-setting"),
]
