"""Signing in with the account that somebody has at their council, by OpenID Connect: who comes in."""

from datetime import date
from typing import Any, NoReturn

from allauth.account.adapter import get_adapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import render

from accounts import changes
from accounts.models import Membership, SecurityEvent, User
from accounts.roles import FROM_OUTSIDE
from accounts.signing.connections import Connection
from tracker.dates import clock


def connection_of(slug: str) -> Connection | None:
    return next((one for one in settings.COUNCIL_ACCOUNTS if one.council == slug), None)


def only_way_of(user: User, *, on: date) -> Connection | None:
    """Return the council account with which alone a person may come in, or None; people from outside have none."""
    only = {one.council: one for one in settings.COUNCIL_ACCOUNTS if one.only}
    if not only:
        return None
    held = Membership.objects.current(on=on).filter(user=user, authority__slug__in=only).exclude(role__in=FROM_OUTSIDE)
    slug = held.values_list("authority__slug", flat=True).first()
    return only[slug] if slug else None


class Verified(OpenIDConnectOAuth2Adapter):
    """Reads no token whose signature, issuer, audience or time is wrong, though it came by TLS from where it should."""

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        self.did_fetch_access_token = False
        return super()._decode_id_token(app, id_token)

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:
        if not kwargs["response"].get("id_token"):
            raise OAuth2Error("The answer holds no token that says who it is.")
        return super().complete_login(request, app, token, **kwargs)


class CouncilAccountAdapter(DefaultSocialAccountAdapter):
    """Lets in who was invited to the council of the account, and nobody else."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Return the connections of the setting COUNCIL_ACCOUNTS, in allauth's words; none stands in the database."""
        return [
            SocialApp(
                provider="openid_connect",
                provider_id=one.council,
                name=one.name,
                client_id=one.client_id,
                secret=one.client_secret,
                settings={
                    "server_url": one.issuer,
                    "uid_field": one.uid_claim,
                    "fetch_userinfo": False,
                    "oauth_pkce_enabled": True,
                },
            )
            for one in settings.COUNCIL_ACCOUNTS
            if provider in {None, "openid_connect", one.council} and client_id in {None, one.client_id}
        ]

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find whose account it is: by its number if it was used before, else by the address that was invited.

        An address counts only for people who hold a role in the council of the account and have no other account of
        it, because whoever runs the council's accounts says whose address is whose, for that council alone.
        """
        connection = connection_of(sociallogin.account.provider)
        claims = sociallogin.account.extra_data.get("id_token", {})
        if connection is None or sociallogin.state.get("process") != "login":
            self._refuse(request, "This way of signing in is not set up here.")
        if claims.get("iss", "").rstrip("/") != connection.issuer:
            self._refuse(request, "The account is not one of this council.")
        if connection.tenant and claims.get("tid") != connection.tenant:
            self._refuse(request, "The account is not one of this council.")
        if sociallogin.account.pk:
            self._let_in_if_here(request, sociallogin.account.user, connection)
            return
        email = claims.get("email") or claims.get("preferred_username") or ""
        user = User.objects.filter(email__iexact=email.strip(), is_active=True).first() if email else None
        taken = user and SocialAccount.objects.filter(user=user, provider=connection.council).exists()
        if user is None or taken or claims.get("email_verified", True) not in {True, "true"}:
            self._refuse(request, "Nobody with the address of this account was invited.")
        self._let_in_if_here(request, user, connection)
        changes.link_council_account(sociallogin.account, user=user)
        sociallogin.user = user

    def on_authentication_error(self, request: HttpRequest, provider: Any, *args: Any, **kwargs: Any) -> None:
        self._refuse(request, "The council's sign-in did not answer as it should, or you went back.")

    def did_not_answer(self, request: HttpRequest) -> NoReturn:
        """Say that the council's sign-in cannot be reached, or makes no sense."""
        self._refuse(request, "The council's sign-in cannot be reached at the moment. Try again in a few minutes.")

    def _let_in_if_here(self, request: HttpRequest, user: User, connection: Connection) -> None:
        current = Membership.objects.current(on=clock.today())
        if not current.filter(user=user, authority__slug=connection.council).exists():
            self._refuse(request, "You have no role in this council today.", user=user)

    def _refuse(self, request: HttpRequest, why: str, *, user: User | None = None) -> NoReturn:
        get_adapter(request).note(SecurityEvent.Kind.REFUSED, user=user)
        raise ImmediateHttpResponse(render(request, "accounts/council_refused.html", {"why": why}, status=403))
