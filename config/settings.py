"""All settings, in sections. Every environment name read here is listed in .env.example."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from config import embedded, env, secret_files
from config.paths import BASE_DIR, var_dir
from config.schedule import SCHEDULE

VAR_DIR = var_dir()

# --- Identity and secrets -------------------------------------------------------------------------
DEBUG = env.boolean("TODOKU_DEBUG", default=False)
SECRET_KEY = env.text("TODOKU_SECRET_KEY", "") or secret_files.read_or_create(
    VAR_DIR / "secret.key"
)
# Seals DKIM keys at rest, signs tokens, hashes addresses. Losing it makes stored keys unreadable.
MASTER_KEY = env.text("TODOKU_MASTER_KEY", "") or secret_files.read_or_create(
    VAR_DIR / "master.key"
)
ALLOWED_HOSTS = env.words("TODOKU_HOSTS", "localhost,127.0.0.1,[::1]")
WEB_PORT = env.integer("TODOKU_WEB_PORT", 8000, low=1, high=65535)
BASE_URL = env.text("TODOKU_BASE_URL", f"http://127.0.0.1:{WEB_PORT}").rstrip("/")
CSRF_TRUSTED_ORIGINS = [BASE_URL]

# --- Processes and ports --------------------------------------------------------------------------
BIND_ADDRESS = env.text("TODOKU_BIND", "127.0.0.1")
TRACKER_PORT = env.integer("TODOKU_TRACKER_PORT", 8010, low=1, high=65535)
TRACKER_URL = env.text("TODOKU_TRACKER_URL", f"http://127.0.0.1:{TRACKER_PORT}").rstrip("/")
INBOUND_PORT = env.integer("TODOKU_INBOUND_PORT", 2526, low=1, high=65535)
# The host that recipients' servers reach for bounces: the MX of every return-path domain.
INBOUND_HOST = env.text("TODOKU_INBOUND_HOST", "inbound.todoku.example")
NODE = env.text("TODOKU_NODE", "node1")
SLOTS = env.integer("TODOKU_SLOTS", 1, low=1, high=64)

# --- Practice internet ----------------------------------------------------------------------------
PRACTICE_ENABLED = env.boolean("TODOKU_PRACTICE", default=True)
SANDBOX_DNS_PORT = env.integer("TODOKU_SANDBOX_DNS_PORT", 5354, low=1, high=65535)
SANDBOX_SMTP_PORT = env.integer("TODOKU_SANDBOX_SMTP_PORT", 2525, low=1, high=65535)
SANDBOX_HTTP_PORT = env.integer("TODOKU_SANDBOX_HTTP_PORT", 8020, low=1, high=65535)
SANDBOX_TOKEN = env.text("TODOKU_SANDBOX_TOKEN", "") or secret_files.read_or_create(
    VAR_DIR / "sandbox.token"
)

# Of the demo sign-in that a first `make run` creates.
DEMO_PASSWORD = (
    env.text("TODOKU_DEMO_PASSWORD", "")
    or secret_files.read_or_create(VAR_DIR / "demo.password")[:12]
)

# --- Delivery -------------------------------------------------------------------------------------
SMTP_PORT = env.integer("TODOKU_SMTP_PORT", 25, low=1, high=65535)
DNS_SERVERS = env.words("TODOKU_DNS_SERVERS", "")  # empty: those of /etc/resolv.conf
JOURNAL_DIR = Path(env.text("TODOKU_JOURNAL_DIR", str(VAR_DIR / "journal")))
SPOOL_DIR = Path(env.text("TODOKU_SPOOL_DIR", str(VAR_DIR / "spool")))
MESSAGE_EXPIRY = timedelta(hours=env.integer("TODOKU_MESSAGE_EXPIRY_HOURS", 72, low=1, high=240))
# How much of a reader's address an open or a click keeps: the /24 or /48 it lies in, all of it, or nothing.
TRACK_IP = env.choice("TODOKU_TRACK_IP", "prefix", ("prefix", "full", "none"))
# Certificate and key (PEM files) with which the inbound server offers STARTTLS. Empty: not offered.
INBOUND_TLS_CERT = env.text("TODOKU_INBOUND_TLS_CERT", "")
INBOUND_TLS_KEY = env.text("TODOKU_INBOUND_TLS_KEY", "")
RETRY_FACTOR_PERCENT = env.integer("TODOKU_RETRY_FACTOR_PERCENT", 100, low=1, high=1000)

# --- Applications ---------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "csp",
    "django_cotton",
    "django_htmx",
    "accounts",
    "mailer",
    "lists",
    "bounces",
    "tracking",
    "campaigns",
    "config.wiring.WiringConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.PreferencesMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            # django-cotton compiles <c-…> tags while loading. It adds this loader by itself only to
            # a plain configuration, so it stands here in full, and templates are compiled once.
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            # What nearly every template needs, so that none has to load it.
            "builtins": [
                "django_cotton.templatetags.cotton",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "accounts.templatetags.ui",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.shell",
            ],
        },
    }
]
COTTON_DIR = "ui"
# A component sees its parameters and what the context processors give, never the page around it.
COTTON_ISOLATE_BY_DEFAULT = True

# --- Database and Redis ---------------------------------------------------------------------------
DATABASE_URL = env.text("DATABASE_URL", "") or embedded.database_url(VAR_DIR)
REDIS_URL = env.text("REDIS_URL", "") or embedded.redis_url(VAR_DIR)
DATABASES = {"default": embedded.django_database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cache",
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

# --- Sign-in --------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_FORMS = {"login": "accounts.forms.SignInForm"}

CSRF_FAILURE_VIEW = "accounts.views.errors.csrf_failure"

# --- Security -------------------------------------------------------------------------------------
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BASE_URL.startswith("https://")
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-src": ["'self'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}

# --- Language and time ----------------------------------------------------------------------------
LANGUAGE_CODE = env.text("TODOKU_LANGUAGE", "ja")
LANGUAGES = [("ja", _("Japanese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.text("TODOKU_TIME_ZONE", "Asia/Tokyo")
USE_TZ = True

# --- Static files and uploads ---------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("TODOKU_STATIC_ROOT", str(VAR_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "lists.uploads.BoundedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
IMPORT_MAX_BYTES = env.integer("TODOKU_IMPORT_MAX_MB", 200, low=1, high=2048) * 1024 * 1024

# --- Celery ---------------------------------------------------------------------------------------
CELERY_BROKER_URL = embedded.celery_broker_url(REDIS_URL)
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = SCHEDULE
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 300}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# --- Logging --------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    # aiosmtpd writes every line of every conversation.
    "loggers": {"mail.log": {"level": "WARNING"}},
    "root": {"handlers": ["stderr"], "level": env.text("TODOKU_LOG_LEVEL", "INFO")},
}
