"""All settings of Stellwand, read from the environment (``.env.example`` lists them).

Production is the absence of ``DEBUG``: what is convenient but insecure exists only with it, and
``config.checks`` refuses to start without what a public site must have.
"""

from pathlib import Path

import environ
from django.utils.translation import gettext_lazy as _

from config import devdb

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="insecure-and-only-for-development" if DEBUG else "")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"] if DEBUG else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# The site as mails and calendars name it: they are written where there is no request.
SITE_URL = env.str("SITE_URL", default="http://localhost:8000" if DEBUG else "").rstrip("/")
# Who is responsible for the site by German law (§ 5 DDG): Markdown, shown at /imprint/.
IMPRINT = env.str("IMPRINT", default="").replace("\\n", "\n")
PRIVACY_CONTACT = env.str("PRIVACY_CONTACT", default="")

INSTALLED_APPS = [
    "config",
    "comments",
    "sessions",
    "speakers",
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "lucide",
    "pghistory",
    "pgtrigger",
    "post_office",
    "taggit",
]

MIDDLEWARE = [
    "config.middleware.security_headers",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.pages.kept_pages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.middleware.ReaderLocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "config.middleware.SameOriginCsrfMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.middleware.LogInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pghistory.middleware.HistoryMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# --- Data -----------------------------------------------------------------------------------

DATABASES = {
    "default": env.db("DATABASE_URL")
    if env("DATABASE_URL", default="")
    else devdb.database_settings()
}
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
KEEP_PAGES = True  # see config.pages
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- People ---------------------------------------------------------------------------------

AUTH_USER_MODEL = "speakers.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "front"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30

# --- Language and time ----------------------------------------------------------------------

LANGUAGE_CODE = "de"
LANGUAGES = [("de", _("German")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
TIME_ZONE = env.str("TIME_ZONE", default="Europe/Berlin")
USE_I18N = True
USE_TZ = True

# --- Files ----------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))()
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(devdb.home() / "media"))()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

# --- Mail and background work ---------------------------------------------------------------

DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Stellwand <stellwand@localhost>")
EMAIL_BACKEND = "post_office.EmailBackend"  # a queue in the database; the worker delivers
EMAIL_FILE_PATH = devdb.home() / "mail"
vars().update(
    {
        key: value
        for key, value in env.email("EMAIL_URL", default="smtp://localhost:25").items()
        if key not in {"EMAIL_BACKEND", "EMAIL_FILE_PATH"}
    }
)
EMAIL_TIMEOUT = 10
POST_OFFICE = {
    "BACKENDS": {
        "default": "django.core.mail.backends.filebased.EmailBackend"
        if DEBUG and not env("EMAIL_URL", default="")
        else "django.core.mail.backends.smtp.EmailBackend"
    },
    "DEFAULT_PRIORITY": "medium",
    "BATCH_SIZE": 20,
    "MAX_RETRIES": 4,
    "MESSAGE_ID_ENABLED": True,
}
ELSEWHERE = "elsewhere"  # tasks that ask other sites, in a thread of their own
TASKS = {
    "default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", ELSEWHERE]}
}

# Whether pages elsewhere hear that a pitch links to them. In development nothing leaves the
# machine unless it is asked for.
SEND_MENTIONS = env.bool("SEND_MENTIONS", default=not DEBUG)
# Servers that may be asked though their address or port is not public ("host:port"). For tests
# only, which is why no variable sets it.
FETCH_ALLOWED: frozenset[str] = frozenset()

# --- Forms ----------------------------------------------------------------------------------

CRISPY_ALLOWED_TEMPLATE_PACKS = ["stellwand"]
CRISPY_TEMPLATE_PACK = "stellwand"
CRISPY_FAIL_SILENTLY = False
TAGGIT_CASE_INSENSITIVE = True

# --- Accounts -------------------------------------------------------------------------------

ACCOUNT_ADAPTER = "config.logins.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_TIMEOUT = 20 * 60
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_MAX_EMAIL_ADDRESSES = 5
ACCOUNT_USER_DISPLAY = "speakers.accounts.display_name"
ACCOUNT_FORMS = {"login": "speakers.forms.LoginForm"}
ACCOUNT_SESSION_REMEMBER = True
# Counted per process (the cache is local memory). A hall full of people shares one address.
ACCOUNT_RATE_LIMITS = {"request_login_code": "100/5m/ip,5/5m/key", "login": "100/5m/ip"}
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0 if DEBUG else 1)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
MFA_ADAPTER = "speakers.adapter.MFAAdapter"
MFA_FORMS = {
    "add_webauthn": "speakers.forms.AddPasskeyForm",
    "authenticate_webauthn": "speakers.forms.AuthenticatePasskeyForm",
    "login_webauthn": "speakers.forms.LoginPasskeyForm",
    "reauthenticate_webauthn": "speakers.forms.ReauthenticatePasskeyForm",
}
# Organisers open the desk only with an authenticator app or a passkey.
REGIE_REQUIRES_MFA = env.bool("REGIE_REQUIRES_MFA", default=not DEBUG)
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
MFA_TOTP_ISSUER = "Stellwand"

# --- History --------------------------------------------------------------------------------

PGHISTORY_APPEND_ONLY = True
PGHISTORY_ADMIN_ALL_EVENTS = False

# --- Security -------------------------------------------------------------------------------

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# W003 looks for Django's own middleware by name; SameOriginCsrfMiddleware is a subclass of it.
SILENCED_SYSTEM_CHECKS = ["security.W003"]
if not DEBUG:
    # The proxy of docker-compose.yml speaks TLS and sets this header itself.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=60 * 60 * 24 * 365)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=True)
    SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=True)
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
