"""What tests of signing in need: a code of an app at a moment, a person with an app, forms as the pages post them."""

import time
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from tests.factories import PASSWORD

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SIGN_IN, SECOND_STEP, MINE = "/sign-in/", "/sign-in/second-step/", "/account/sign-in/"
HARD = "orchard lantern pebble"


def enter(client: Client, user: User | str, password: str = PASSWORD, **fields: Any) -> HttpResponse:
    """Post the sign-in page."""
    login = user if isinstance(user, str) else user.email
    return client.post(SIGN_IN, {"login": login, "password": password, **fields})


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def code_now(secret: str = SECRET) -> str:
    """Return the code that an app with this secret shows at this moment."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def give_app(user: User, secret: str = SECRET) -> Authenticator:
    return TOTP.activate(user, secret).instance


def give_recovery_codes(user: User) -> list[str]:
    return RecoveryCodes.activate(user).get_unused_codes()


def stored_secret(app: Authenticator) -> str:
    return get_adapter().decrypt(app.data["secret"])
