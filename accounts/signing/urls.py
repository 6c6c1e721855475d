"""The addresses of signing in, under the names by which allauth finds them. What is not here does not exist."""

from django.urls import path, re_path

from accounts.signing import views

urlpatterns = [
    path("sign-in/", views.sign_in, name="account_login"),
    path("sign-in/second-step/", views.second_step, name="mfa_authenticate"),
    path("sign-in/passkey/", views.sign_in_with_passkey, name="mfa_login_webauthn"),
    path("sign-in/password/", views.forgotten_password, name="account_reset_password"),
    path("sign-in/password/sent/", views.forgotten_password_sent, name="account_reset_password_done"),
    path("sign-in/password/done/", views.new_password_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^sign-in/password/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        views.new_password,
        name="account_reset_password_from_key",
    ),
    path("sign-in/council/<slug:provider_id>/", views.sign_in_with_council, name="openid_connect_login"),
    path("sign-in/council/<slug:provider_id>/back/", views.back_from_council, name="openid_connect_callback"),
    path("sign-out/", views.sign_out, name="account_logout"),
    path("account/sign-in/", views.second_steps, name="mfa_index"),
    path("account/sign-in/password/", views.change_password, name="account_change_password"),
    path("account/sign-in/app/", views.add_app, name="mfa_activate_totp"),
    path("account/sign-in/app/remove/", views.remove_app, name="mfa_deactivate_totp"),
    path("account/sign-in/passkey/", views.add_passkey, name="mfa_add_webauthn"),
    path("account/sign-in/passkey/<int:pk>/remove/", views.remove_passkey, name="mfa_remove_webauthn"),
    path("account/sign-in/recovery-codes/", views.recovery_codes, name="mfa_view_recovery_codes"),
    path("account/sign-in/recovery-codes/new/", views.new_recovery_codes, name="mfa_generate_recovery_codes"),
    path("invitation/<str:token>/", views.accept_invitation, name="accept_invitation"),
    path("account/sessions/", views.open_sessions, name="open_sessions"),
    path("account/sessions/stay/", views.stay, name="stay_signed_in"),
    path("account/again/", views.password_again, name="account_reauthenticate"),
    path("account/again/code/", views.code_again, name="mfa_reauthenticate"),
    path("account/again/passkey/", views.passkey_again, name="mfa_reauthenticate_webauthn"),
]
