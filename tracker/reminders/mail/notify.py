"""Mail by GOV.UK Notify: its REST API, version 2, over one kept connection.

Notify's own Python client is not used: it hides whether a request that failed had been handed over, which the
ledger must know, and would bring six packages along for two requests and one signature.

Source: https://docs.notifications.service.gov.uk/rest-api.html ("Do not use the content of the messages in your
code. Use the status code or the error type.").
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import quote, urlsplit
from urllib.request import getproxies, proxy_bypass

from django.conf import settings

from tracker.reminders.emails import Email
from tracker.reminders.mail.outcomes import Away, BrokeOff, RefusedForGood, RefusedForNow, TooLate

UUID = 36
# Taken and given up again: these are sent anew. All else that Notify has under a reference is on its way or there.
NOT_ON_ITS_WAY = {"temporary-failure", "technical-failure"}


class Notify:
    """A connection to Notify that is opened when first used and kept for the run."""

    def __init__(self, key: str) -> None:
        self._service, self._secret = key[-2 * UUID - 1 : -UUID - 1], key[-UUID:]
        self._url = urlsplit(settings.NOTIFY_URL)
        self._line: HTTPConnection | None = None

    def send(self, email: Email, *, message_id: str, may_have_gone: bool, is_in_time: Callable[[], bool]) -> None:
        """Send one email under a reference; one that Notify may have taken already is looked for first.

        Raises NotSent.
        """
        reference = message_id.strip("<>").partition("@")[0]
        if may_have_gone and self._has(reference):
            return
        wanted = {
            "email_address": email.address,
            "template_id": settings.NOTIFY_TEMPLATE_ID,
            "personalisation": {"subject": email.subject, "body": without_links_of_others(email.text)},
            "reference": reference,
        }
        if email.stop_url:
            wanted["one_click_unsubscribe_url"] = email.stop_url
        if not is_in_time():
            raise TooLate("The time in which this worker may send it was over.")
        status, answer = self._ask("POST", "/v2/notifications/email", wanted)
        if status != 201:
            raise _not_sent(status, answer)

    def reopen(self) -> HTTPConnection:
        self.close()
        try:
            line = self._new_line()
            line.connect()
        except (OSError, HTTPException) as error:
            raise Away(f"GOV.UK Notify cannot be reached: {error}") from error
        self._line = line
        return line

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def _has(self, reference: str) -> bool:
        """Whether Notify has an email under this reference that is on its way or there."""
        try:
            status, answer = self._ask("GET", f"/v2/notifications?reference={quote(reference)}")
        except BrokeOff as error:
            # Nothing was handed over by asking.
            raise BrokeOff(str(error), was_handed_over=False) from error
        if status != 200:
            raise _not_sent(status, answer)
        return any(found.get("status") not in NOT_ON_ITS_WAY for found in answer.get("notifications", []))

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {self._token()}", "Accept": "application/json"}
        content = json.dumps(body).encode() if body is not None else None
        if content is not None:
            headers["Content-Type"] = "application/json"
        line = self._line or self.reopen()
        try:
            line.request(method, self._url.path.rstrip("/") + path, body=content, headers=headers)
            answer = line.getresponse()
            return answer.status, _read(answer.read())
        except (OSError, HTTPException) as error:
            self.close()
            raise BrokeOff(f"GOV.UK Notify broke off: {error or type(error).__name__}", was_handed_over=True) from error

    def _new_line(self) -> HTTPConnection:
        """Return a connection, by the proxy of the machine's environment if it names one."""
        host, is_safe = self._url.hostname or "", self._url.scheme == "https"
        make = HTTPSConnection if is_safe else HTTPConnection
        proxy = getproxies().get(self._url.scheme, "")
        if not proxy or proxy_bypass(host):
            return make(host, self._url.port, timeout=settings.EMAIL_TIMEOUT)
        by = urlsplit(proxy if "//" in proxy else f"//{proxy}")
        line = make(by.hostname or "", by.port, timeout=settings.EMAIL_TIMEOUT)
        line.set_tunnel(host, self._url.port)
        return line

    def _token(self) -> str:
        """Return what each request is signed with: a JSON web token, HS256, good for 30 seconds."""
        signed = ".".join(
            _base64(json.dumps(part).encode())
            for part in ({"typ": "JWT", "alg": "HS256"}, {"iss": self._service, "iat": int(time.time())})
        )
        return f"{signed}.{_base64(hmac.digest(self._secret.encode(), signed.encode(), hashlib.sha256))}"


def without_links_of_others(text: str) -> str:
    """Return a text in which nobody's typing becomes a link: Notify reads `[words](address)` as one."""
    return text.replace("](", "] (")


def _not_sent(status: int, answer: dict[str, Any]) -> RefusedForGood | RefusedForNow | BrokeOff | Away:
    errors = answer.get("errors") or [{}]
    kind, said = errors[0].get("error", ""), errors[0].get("message", "")
    words = f"GOV.UK Notify answered {status} {said}".strip()
    if status >= 500:
        return BrokeOff(words, was_handed_over=True)
    if status == 400 and kind == "ValidationError":
        return RefusedForGood(words)
    if status == 400:
        return RefusedForNow(words)
    # 403 wrong key or clock, 429 too many a minute or a day: so it would be for every email.
    return Away(words)


def _read(content: bytes) -> dict[str, Any]:
    with suppress(ValueError):
        answer = json.loads(content)
        if isinstance(answer, dict):
            return answer
    return {}


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
