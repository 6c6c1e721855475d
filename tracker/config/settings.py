"""All settings, read from the environment. A missing or unsafe value stops the start and is named.

`TRACKER_ENV` is `production` unless it says `demo` or `test`.
"""

import os
import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from kombu import Queue

from accounts.signing import connections

BASE_DIR = Path(__file__).resolve().parents[2]

ENVIRONMENT = os.environ.get("TRACKER_ENV", "production")
if ENVIRONMENT not in {"production", "demo", "test"}:
    raise ImproperlyConfigured("TRACKER_ENV must be production, demo or test.")
IS_PRODUCTION = ENVIRONMENT == "production"


def _setting(name: str, default: str | None = None) -> str:
    """Return a value of the environment; in production one without a default must be given."""
    value = os.environ.get(name, "")
    path = os.environ.get(f"{name}_FILE", "")
    if not value and path:
        try:
            value = Path(path).read_text().strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error.strerror}.") from error
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(f"{name} is missing. Set it in the environment, or {name}_FILE to a file with it.")
    return default


def _number(name: str, default: int) -> int:
    value = _setting(name, str(default))
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not “{value}”.") from None


def _switch(name: str, default: bool) -> bool:
    value = _setting(name, "yes" if default else "no").lower()
    if value not in {"yes", "no", "true", "false", "1", "0"}:
        raise ImproperlyConfigured(f"{name} must be yes or no, not “{value}”.")
    return value in {"yes", "true", "1"}


def _needed_in_production(default: str) -> str | None:
    return None if IS_PRODUCTION else default


def _refuse_if_production(unsafe: bool, message: str) -> None:
    if IS_PRODUCTION and unsafe:
        raise ImproperlyConfigured(message)


# Who we are

DEBUG = False
SECRET_KEY = _setting("SECRET_KEY", _needed_in_production("not-secret-" * 6))
_refuse_if_production(
    len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5 or SECRET_KEY.startswith("not-secret"),
    "SECRET_KEY is unsafe: it needs 50 or more random characters.",
)
ALLOWED_HOSTS = [host.strip() for host in _setting("ALLOWED_HOSTS", _needed_in_production("*")).split(",")]
_refuse_if_production(
    any(host in {"", "*"} or host.startswith(".") for host in ALLOWED_HOSTS),
    "ALLOWED_HOSTS is unsafe: name each host, without wildcards.",
)
SITE_URL = _setting("SITE_URL", _needed_in_production("http://127.0.0.1:8000")).rstrip("/")
SITE_HOST = urlsplit(SITE_URL).hostname or ""
_refuse_if_production(
    not SITE_URL.startswith("https://"), "SITE_URL must begin with https://, as links in mail use it."
)

# A day, or a day and a time of day: the clock then starts there when the process does.
TRACKER_TODAY: date | None = None
if os.environ.get("TRACKER_TODAY"):
    _refuse_if_production(True, "TRACKER_TODAY is for demonstrations and must not be set in production.")
    try:
        _moment = datetime.fromisoformat(os.environ["TRACKER_TODAY"])
    except ValueError:
        raise ImproperlyConfigured(
            "TRACKER_TODAY must be a date such as 2014-11-03, or a date and time such as 2014-11-03T08:05."
        ) from None
    TRACKER_TODAY = _moment if "T" in os.environ["TRACKER_TODAY"] else _moment.date()

# Rooms

ROOT_URLCONF = "tracker.config.urls"
WSGI_APPLICATION = "tracker.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "seeds",
    "tracker.config",
    "tracker.reports",
    "tracker.reminders",
    "tracker.partners",
    "tracker.visits",
    "tracker.actions",
    "tracker.plans",
    "tracker.inspections",
    "tracker.privacy",
    "tracker.doors",
    "accounts",
    "tracker.dates",
    "tracker.audit",
    "tracker.govuk",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "simple_history",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "tracker.config.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tracker.config.middleware.HeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SessionEndMiddleware",
    "accounts.middleware.KeepTypedTextMiddleware",
    "accounts.middleware.SecondStepMiddleware",
    "accounts.middleware.MemberMiddleware",
    "accounts.middleware.OpenedPagesMiddleware",
    "tracker.audit.middleware.DoorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "tracker.doors.middleware.DoorsMiddleware",
    "tracker.config.looking_back.middleware.LookingBackMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tracker.config.frame.frame",
            ],
        },
    }
]

# Rows

DATABASES = {
    "default": dj_database_url.parse(
        _setting("DATABASE_URL", _needed_in_production(f"sqlite:///{BASE_DIR / 'var' / 'tracker.sqlite3'}"))
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # SQLite has no row locks: a writer waits at the start instead.
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000; PRAGMA foreign_keys=ON; "
            "PRAGMA temp_store=MEMORY;"  # What is copied of the past is gone with the page.
        ),
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    # Compiling a plan takes longer than any query here runs.
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c jit=off"
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True
SIMPLE_HISTORY_REVERT_DISABLED = True
SIMPLE_HISTORY_DATE_INDEX = False  # The reads go by record; a date index is paid for at every write.

# People

AUTH_USER_MODEL = "accounts.User"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # Email addresses are unique whatever their case, by a constraint.
AUTHENTICATION_BACKENDS = ["accounts.backends.EmailBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.signing.passwords.LongEnough", "OPTIONS": {"min_length": 12}},
    {"NAME": "accounts.signing.passwords.NotCommon"},
    {"NAME": "accounts.signing.passwords.NotOfThisWork"},
    {
        "NAME": "accounts.signing.passwords.NotLikeThePerson",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "reports:dashboard"

# Signing in. Nobody signs themselves up: people are invited. Passwords, codes and passkeys are django-allauth's work.
ACCOUNT_ADAPTER = "accounts.signing.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # An address is the one that the council invited.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # Strangers get no mail from us.
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_FORMS = {
    "login": "accounts.signing.forms.SignInForm",
    "reset_password": "accounts.signing.forms.ForgottenPasswordForm",
    "reset_password_from_key": "accounts.signing.forms.NewPasswordForm",
    "change_password": "accounts.signing.forms.ChangePasswordForm",
    "reauthenticate": "accounts.signing.forms.PasswordAgainForm",
}
# How often something may be tried: an address of the network, or one account ("key"). A whole office can share one
# address, so it may try often; 5 wrong passwords for an account from browsers that it has not used before stop such
# tries for 5 minutes, while its own browsers have 5 tries to themselves (`accounts.signing.devices`).
ACCOUNT_RATE_LIMITS = {
    "login": "300/m/ip",
    "login_failed": "30/m/ip,5/5m/key",
    "reset_password": "60/m/ip,5/h/key",
    "reset_password_from_key": "60/m/ip",
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_REAUTHENTICATION_REQUIRED = True
PASSWORD_RESET_TIMEOUT = 60 * 60
# A link that sets the first password works for so many days.
INVITATION_DAYS = 7
MFA_ADAPTER = "accounts.signing.adapters.SecondStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_PRODUCTION  # The demo is on plain HTTP.
MFA_TOTP_ISSUER = "Improvement plan"
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_FORMS = {
    "authenticate": "accounts.signing.forms.CodeForm",
    "reauthenticate": "accounts.signing.forms.CodeAgainForm",
    "activate_totp": "accounts.signing.forms.ActivateAppForm",
    "add_webauthn": "accounts.signing.forms.AddPasskeyForm",
    "generate_recovery_codes": "accounts.signing.forms.NewRecoveryCodesForm",
}
# Who must have a second step is said by roles; the demonstration lets everybody in without, for its people are made up.
SECOND_STEP_REQUIRED = _switch("SECOND_STEP_REQUIRED", ENVIRONMENT != "demo")
_refuse_if_production(not SECOND_STEP_REQUIRED, "SECOND_STEP_REQUIRED is for demonstrations and must stay on.")
# Councils whose people sign in with their work account: a JSON list, see accounts.signing.connections.
try:
    COUNCIL_ACCOUNTS = connections.read(_setting("COUNCIL_ACCOUNTS", "[]"), is_production=IS_PRODUCTION)
except connections.NotUsable as _error:
    raise ImproperlyConfigured(f"COUNCIL_ACCOUNTS cannot be used: {_error}") from None
SOCIALACCOUNT_ADAPTER = "accounts.signing.council_accounts.CouncilAccountAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = True  # A link and not a form, so that the policy for forms names no other host.
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False  # Whom an address belongs to is asked by our adapter.
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5
# Whom someone rings who cannot sign in; completes "If you cannot wait, ask".
SIGN_IN_HELP = _setting("SIGN_IN_HELP", "the improvement programme office of your council")

# Where tries are counted, shared by all processes: the database, or a Redis if CACHE_URL names one. Everything that is
# counted matters, so nothing is thrown out early to make room.
CACHE_URL = _setting("CACHE_URL", "")
_refuse_if_production(
    bool(CACHE_URL) and (not CACHE_URL.startswith(("redis://", "rediss://")) or "@" not in CACHE_URL),
    "CACHE_URL is unsafe: name a Redis with a password, as in redis://:password@host:6379/1, or leave it out.",
)
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}
    if CACHE_URL
    else {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_entries",
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    }
}

# A session ends 12 hours after the sign-in, and after an hour in which nothing was asked for.
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_IDLE_SECONDS = 60 * 60
SESSION_WARNING_SECONDS = 2 * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_PRODUCTION
SESSION_COOKIE_NAME = "__Host-session" if IS_PRODUCTION else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_PRODUCTION else "csrf"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"  # A link in an email opens the page, signed in.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # What was saved is in no cookie.
CSRF_FAILURE_VIEW = "tracker.config.views.csrf_failure"

# The wire

SECURE_SSL_REDIRECT = IS_PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^health/$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if IS_PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Forms are text, and the longest is a statement: what is larger, or has more fields, is no form of ours.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 1
BEHIND_PROXY = _switch("BEHIND_PROXY", IS_PRODUCTION)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1  # Tries are counted by the address that the proxy saw.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "object-src": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# Pages

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = False
USE_TZ = True
STATIC_URL = "/static/"
# Collected in production only; elsewhere the files are served from where they are written.
STATIC_ROOT = Path(_setting("STATIC_ROOT", str(BASE_DIR / "staticfiles"))) if IS_PRODUCTION else None
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if IS_PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not IS_PRODUCTION

# Mail: by GOV.UK Notify where there is a key, else by SMTP.

NOTIFY_API_KEY = _setting("NOTIFY_API_KEY", "")
NOTIFY_TEMPLATE_ID = _setting("NOTIFY_TEMPLATE_ID", "")
NOTIFY_URL = _setting("NOTIFY_URL", "https://api.notifications.service.gov.uk")
if bool(NOTIFY_API_KEY) != bool(NOTIFY_TEMPLATE_ID):
    raise ImproperlyConfigured("NOTIFY_API_KEY and NOTIFY_TEMPLATE_ID belong together: set both, or neither.")
if NOTIFY_API_KEY and not re.search(r"(^|-)[0-9a-f-]{36}-[0-9a-f-]{36}$", NOTIFY_API_KEY):
    raise ImproperlyConfigured("NOTIFY_API_KEY is cut off: copy all of it, from its name to its end.")
_refuse_if_production(not NOTIFY_URL.startswith("https://"), "NOTIFY_URL must begin with https://.")
EMAIL_BACKEND = "tracker.reminders.mail.smtp.Backend"
EMAIL_HOST = _setting("EMAIL_HOST", "127.0.0.1" if NOTIFY_API_KEY else _needed_in_production("127.0.0.1"))
EMAIL_PORT = _number("EMAIL_PORT", 587 if IS_PRODUCTION else 25)
EMAIL_HOST_USER = _setting("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = _setting("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = _switch("EMAIL_USE_TLS", IS_PRODUCTION)
EMAIL_TIMEOUT = _number("EMAIL_TIMEOUT", 20)
# How long a worker may hold a batch of emails before another takes it over; longer than EMAIL_TIMEOUT by far.
EMAIL_LEASE_SECONDS = _number("EMAIL_LEASE_SECONDS", 600)
DEFAULT_FROM_EMAIL = _setting(
    "EMAIL_FROM", _needed_in_production("Improvement plan <improvement-plan@tracker.example>")
)

# A monitor outside that is told of each good run, and calls somebody when it hears nothing.
PING_URL = _setting("PING_URL", "")
_refuse_if_production(
    bool(PING_URL) and not PING_URL.startswith("https://"), "PING_URL must begin with https://, or be left out."
)

# Jobs. The broker only carries messages; what is owed stands in the database.

CELERY_BROKER_URL = _setting("REDIS_URL", _needed_in_production("redis://127.0.0.1:6379/0"))
_refuse_if_production(
    CELERY_BROKER_URL.startswith(("redis://", "rediss://")) and "@" not in CELERY_BROKER_URL,
    "REDIS_URL is unsafe: Redis needs a password, as in redis://:password@host:6379/0.",
)
if CELERY_BROKER_URL.startswith("unix://"):
    CELERY_BROKER_URL = CELERY_BROKER_URL.replace("unix://", "redis+socket://", 1)
CELERY_TIMEZONE = "Europe/London"
CELERY_TASK_IGNORE_RESULT = True  # Nobody reads results: what was done stands in the database.

# A queue for each kind of hurry, so that a long morning run holds up nobody who waits for a decision. A worker
# started without -Q takes from all of them.
CELERY_TASK_QUEUES = [Queue(name) for name in ("urgent", "daily", "bulk")]
CELERY_TASK_DEFAULT_QUEUE = "daily"  # Of a task that nobody sorted.
CELERY_TASK_CREATE_MISSING_QUEUES = False  # A queue misspelt in a route is an error, not a place that nobody reads.
CELERY_TASK_ROUTES = {
    "reminders.deliver_at_once": {"queue": "urgent"},
    "reminders.deliver_notices": {"queue": "urgent"},
    "reminders.queue_due": {"queue": "daily"},
    "reminders.record_heads": {"queue": "daily"},
    "actions.flag_overdue": {"queue": "daily"},
    "inspections.note_missed": {"queue": "daily"},
    "visits.settle_finding_clocks": {"queue": "daily"},
    "accounts.forget_opened_pages": {"queue": "daily"},
    "reminders.deliver": {"queue": "bulk"},
}

# What a crash does.
CELERY_TASK_ACKS_LATE = True  # A killed worker's task comes back...
CELERY_TASK_REJECT_ON_WORKER_LOST = True  # ...and a killed child's too...
CELERY_TASK_RETRY_ON_WORKER_LOST = True  # ...but one that kills its worker is not run for ever...
CELERY_TASK_ACKS_ON_FAILURE_OR_TIMEOUT = True  # ...nor one that fails: the schedule asks again within minutes.
CELERY_WORKER_PREFETCH_MULTIPLIER = 1  # A worker takes one task at a time; what it has not begun others may take.
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True  # A worker that starts before Redis waits for it.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False  # A run goes on when Redis is lost.

# How long a task may take, in seconds: past the first limit it is told to end, past the second its process is killed.
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 600, 660
CELERY_TASK_ANNOTATIONS = {
    # One that sends stops taking emails after 5 minutes by itself; the rest is for a batch of a slow server.
    "reminders.deliver": {"soft_time_limit": 900, "time_limit": 960},
}
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 1800,  # Longer than the longest task: one that still runs is not given to another worker.
    "unacked_restore_interval": 5,  # Look this often, in seconds, for tasks whose worker died...
    "unacked_restore_throttle": 1,  # ...and look each time; the usual 10 makes it 10 times as long.
    "socket_timeout": 5,  # Without it a frozen Redis hangs the sender for ever.
    "socket_connect_timeout": 2,  # Longer than a Redis that is there needs.
    "socket_keepalive": True,  # A firewall that forgot the connection is noticed.
}
# Beat gives up soon: the next turn asks again.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_max": 0.2}
CELERY_BEAT_SCHEDULE = {
    "flag-overdue": {"task": "actions.flag_overdue", "schedule": timedelta(minutes=15)},
    "settle-finding-clocks": {"task": "visits.settle_finding_clocks", "schedule": timedelta(minutes=15)},
    "note-missed-clocks": {"task": "inspections.note_missed", "schedule": timedelta(minutes=15)},
    "forget-opened-pages": {"task": "accounts.forget_opened_pages", "schedule": timedelta(minutes=15)},
    "queue-reminders": {"task": "reminders.queue_due", "schedule": timedelta(minutes=15)},
    "record-heads": {"task": "reminders.record_heads", "schedule": timedelta(minutes=15)},
    "deliver-at-once": {"task": "reminders.deliver_at_once", "schedule": timedelta(minutes=1)},
    "deliver-notices": {"task": "reminders.deliver_notices", "schedule": timedelta(minutes=1)},
    "deliver-emails": {"task": "reminders.deliver", "schedule": timedelta(minutes=1)},
}
for _entry in CELERY_BEAT_SCHEDULE.values():
    # A message that waited as long as its turn is not needed: the next one does its work.
    _entry["options"] = {"expires": _entry["schedule"].total_seconds()}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "line": {"()": "tracker.config.logs.Line"},
    },
    "filters": {"without_secrets": {"()": "tracker.config.logs.WithoutSecrets"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line" if IS_PRODUCTION else "plain",
            "filters": ["without_secrets"],
        }
    },
    "root": {"handlers": ["console"], "level": "INFO"},
}
