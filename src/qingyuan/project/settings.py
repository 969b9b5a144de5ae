"""All settings, each read from one environment variable (docs/reference/settings.md lists them)."""

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

from qingyuan.project.folders import data_folder

PACKAGE = Path(__file__).resolve().parent.parent


DATA = data_folder()


def _flag(name: str, default: bool) -> bool:
    return os.environ.get(name, str(default)).lower() in {"1", "true", "yes", "on"}


def _by_name(name: str, default: str) -> dict[str, Any]:
    """A setting that is a JSON object."""
    given = os.environ.get(name, default)
    try:
        found = json.loads(given)
    except json.JSONDecodeError as error:
        raise ImproperlyConfigured(f"{name} is {given!r}, expected a JSON object: {error}") from error
    if not isinstance(found, dict):
        raise ImproperlyConfigured(f"{name} is {given!r}, expected a JSON object")
    return found


def _rates(name: str) -> dict[date, dict[str, float]]:
    """A setting that says from which day on which rates hold."""
    given = _by_name(name, "{}")
    try:
        return {
            date.fromisoformat(day): {medium: float(rates[medium]) for medium in ("air", "water") if medium in rates}
            for day, rates in given.items()
        }
    except (ValueError, TypeError) as error:
        raise ImproperlyConfigured(
            f'{name} is {given!r}, expected days with rates, such as {{"2018-01-01": {{"air": 1.2, "water": 1.4}}}}'
        ) from error


def _secret_key() -> str:
    """One random key per data folder, made at the first start and readable by its owner only."""
    given = os.environ.get("QINGYUAN_SECRET_KEY")
    if given:
        return given
    path = DATA / "secret_key"
    if not path.exists():
        DATA.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(os.urandom(32).hex())
    return path.read_text()


def _pool() -> dict[str, Any]:
    """The pages' connections: threads come and go with requests there, so connections are lent to them."""
    size = int(os.environ.get("QINGYUAN_DATABASE_POOL", "0"))
    return {"pool": {"min_size": 1, "max_size": size, "timeout": 10}} if size else {}


def _database() -> dict[str, Any]:
    parts = conninfo_to_dict(os.environ.get("DATABASE_URL", ""))
    named = {"dbname", "user", "password", "host", "port"}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": str(parts.get("dbname", "qingyuan")),
        "USER": str(parts.get("user", "")),
        "PASSWORD": str(parts.get("password", "")),
        "HOST": str(parts.get("host", "")),
        "PORT": str(parts.get("port", "")),
        "OPTIONS": {**{name: value for name, value in parts.items() if name not in named}, **_pool()},
        "CONN_MAX_AGE": 0 if _pool() else 600,
        "CONN_HEALTH_CHECKS": True,
    }


SECRET_KEY = _secret_key()


DEBUG = _flag("QINGYUAN_DEBUG", default=False)


DEMO = _flag("QINGYUAN_DEMO", default=False)


ALLOWED_HOSTS = os.environ.get("QINGYUAN_HOSTS", "localhost,127.0.0.1,[::1]").split(",")


CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("QINGYUAN_ORIGINS", "").split(",") if origin]


SECURE_COOKIES = _flag("QINGYUAN_HTTPS", default=False)


INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_vite",
    "django_htmx",
    "ninja",
    "procrastinate.contrib.django",
    "qingyuan.kit",
    "qingyuan.people",
    "qingyuan.places",
    "qingyuan.sensing",
    "qingyuan.registering",
    "qingyuan.recording",
    "qingyuan.forwarding",
    "qingyuan.forecasting",
    "qingyuan.judging",
    "qingyuan.tracing",
    "qingyuan.dispatching",
    "qingyuan.inspecting",
    "qingyuan.evaluating",
    "qingyuan.showing",
    "qingyuan.project",
]


MIDDLEWARE = [
    "qingyuan.showing.middleware.timing.time_requests",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "qingyuan.showing.middleware.programs.read_by_token",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "qingyuan.showing.middleware.security.ContentSecurityPolicy",
    "qingyuan.showing.middleware.refusing.RefuseNul",
    "qingyuan.showing.middleware.remembering.remember_territories",
    "qingyuan.showing.middleware.presence.note_presences",
]


ROOT_URLCONF = "qingyuan.project.urls"


ASGI_APPLICATION = "qingyuan.project.asgi.application"


TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "qingyuan.showing.frame.frame",
            ]
        },
    }
]


DATABASES = {"default": _database()}


LOGGING = {  # Django by itself says nowhere why a page failed, unless it debugs or has administrators to write to
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s [%(levelname)s] %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {"django": {"handlers": ["console"], "level": "ERROR"}},
}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["qingyuan.people.sessions.Backend"]


LOGIN_URL = "login"


LOGIN_REDIRECT_URL = "home"


LOGOUT_REDIRECT_URL = "login"


AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]


SESSION_ENGINE = "qingyuan.people.sessions"


SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES


SESSION_COOKIE_HTTPONLY = True


LANGUAGE_CODE = "zh-hans"


LANGUAGES = [("zh-hans", "中文"), ("en", "English")]


LOCALE_PATHS = [PACKAGE / "locale"]


USE_I18N = True


USE_TZ = True


TIME_ZONE = "Asia/Shanghai"


STATIC_URL = "/static/"


STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}


WHITENOISE_USE_FINDERS = True


MEDIA_ROOT = DATA / "media"


ANCHOR_FILE = Path(os.environ.get("QINGYUAN_ANCHOR_FILE") or DATA / "anchors.jsonl")


ANCHOR_URL = os.environ.get("QINGYUAN_ANCHOR_URL", "")


DJANGO_VITE = {
    "default": {
        "dev_mode": False,
        "static_url_prefix": "dist",
        "manifest_path": PACKAGE / "showing" / "static" / "dist" / ".vite" / "manifest.json",
    }
}


DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024


INBOX = Path(os.environ.get("QINGYUAN_INBOX") or DATA / "inbox")


PULL_NETWORKS = [network for network in os.environ.get("QINGYUAN_PULL_NETWORKS", "").split(",") if network]


GATEWAY_HOST = os.environ.get("QINGYUAN_GATEWAY_HOST", "127.0.0.1")


GATEWAY_PORT = int(os.environ.get("QINGYUAN_GATEWAY_PORT", "9212"))


DEMO_ABOVE_PORT = int(os.environ.get("QINGYUAN_DEMO_ABOVE_PORT", "9216"))


GATEWAY_TLS_PORT = int(os.environ.get("QINGYUAN_GATEWAY_TLS_PORT", "9211"))


GATEWAY_TLS_CERTIFICATE = os.environ.get("QINGYUAN_GATEWAY_TLS_CERTIFICATE", "")


GATEWAY_TLS_KEY = os.environ.get("QINGYUAN_GATEWAY_TLS_KEY", "")


GATEWAY_TLS_CLIENTS = os.environ.get("QINGYUAN_GATEWAY_TLS_CLIENTS", "")


WEB_HOST = os.environ.get("QINGYUAN_WEB_HOST", "127.0.0.1")


WEB_PORT = int(os.environ.get("QINGYUAN_WEB_PORT", "8212"))


LIVE_HOSTS = os.environ.get("QINGYUAN_LIVE_HOSTS", "").split()


STA_OPEN = _flag("QINGYUAN_STA_OPEN", default=False)


MEANS_TOLERANCE = float(os.environ.get("QINGYUAN_MEANS_TOLERANCE", "0.02"))


METRICS_HOST = os.environ.get("QINGYUAN_METRICS_HOST", "127.0.0.1")


METRICS_PORT = int(os.environ.get("QINGYUAN_METRICS_PORT", "9213"))


LAKE = os.environ.get("QINGYUAN_LAKE", str(DATA / "lake"))


LAKE_OPTIONS = _by_name("QINGYUAN_LAKE_OPTIONS", "{}")


LAKE_CLUSTER = os.environ.get("QINGYUAN_LAKE_CLUSTER", "")


LOW_DISK_BYTES = int(os.environ.get("QINGYUAN_LOW_DISK_BYTES", "2000000000"))


LOOKS = DATA / "looks"
LOOKS_BYTES = int(os.environ.get("QINGYUAN_LOOKS_BYTES", "2000000000"))


HOT_DAYS = int(os.environ.get("QINGYUAN_HOT_DAYS", "35"))


KEEP_DAYS = _by_name("QINGYUAN_KEEP_DAYS", '{"r": 1096, "m": 1827}')


TAX_RATES = _rates("QINGYUAN_TAX_RATES")


PUBLIC_URL = os.environ.get("QINGYUAN_PUBLIC_URL", "").rstrip("/")


MAIL_SERVER = os.environ.get("QINGYUAN_MAIL_SERVER", "")


OWN_ADDRESSES = [
    kind for kind in os.environ.get("QINGYUAN_OWN_ADDRESSES", "dingtalk,wecombot,feishu,mail").split(",") if kind
]


PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
