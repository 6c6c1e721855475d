"""Text typed into a form by someone whose session had ended: kept through the sign-in, never lost."""

from django.core import signing
from django.http import HttpRequest, QueryDict

KEPT_IN_SESSION = "kept_text"
SALT = "accounts.kept"
NEVER_KEPT = {"csrfmiddlewaretoken", "password", "oldpassword", "password1", "code", "credential"}
LONGEST_SECONDS = 24 * 60 * 60


def pack(request: HttpRequest) -> str:
    """Return what was posted, signed, to be carried by a hidden field of the sign-in page."""
    data = request.POST.copy()
    for name in NEVER_KEPT:
        data.pop(name, None)
    return signing.dumps({"path": request.get_full_path(), "data": data.urlencode()}, salt=SALT, compress=True)


def unpack(request: HttpRequest, packed: str) -> str | None:
    """Put what was kept into the new session and return the address it was meant for, or None."""
    kept = _read(packed)
    if kept is None:
        return None
    request.session[KEPT_IN_SESSION] = kept
    return kept["path"]


def is_ours(packed: str) -> bool:
    """Return whether this was packed here within the last day."""
    return _read(packed) is not None


def _read(packed: str) -> dict[str, str] | None:
    try:
        return signing.loads(packed, salt=SALT, max_age=LONGEST_SECONDS)
    except signing.BadSignature:
        return None


def take(request: HttpRequest) -> QueryDict | None:
    """Return what was typed at this address before the session ended, once."""
    kept = request.session.get(KEPT_IN_SESSION)
    if kept is None or kept["path"] != request.get_full_path():
        return None
    del request.session[KEPT_IN_SESSION]
    return QueryDict(kept["data"])
