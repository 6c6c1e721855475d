from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [
    path("council/", views.choose_council, name="choose-council"),
    path("people/invite/", views.invite, name="invite"),
    path("people/sign-ins/", views.sign_ins, name="sign-ins"),
    path("settings/", views.settings_page, name="settings"),
    path("settings/<slug:code>/", views.change_setting, name="change-setting"),
]
