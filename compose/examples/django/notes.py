"""A page to log in to, a note and a number in the session: Django with whichever of its session backends."""

import os
import socket
import sys

import django
from django.conf import settings

BACKEND = os.environ.get("SESSIONS", "cache")
settings.configure(
    SECRET_KEY=os.environ.get("SECRET_KEY", "an example hides nothing from anybody, and is never deployed"),
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=[
        f"{__name__}.named",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": "/sessions/sessions.sqlite3",
            "OPTIONS": {"timeout": 5},
        }
    },
    CACHES={
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": os.environ.get("REDIS", "redis://redis:6379/0"),
            "OPTIONS": {"SOCKET_CONNECT_TIMEOUT": 1, "SOCKET_TIMEOUT": 1},
        }
    },
    SESSION_ENGINE=f"django.contrib.sessions.backends.{BACKEND}",
    SESSION_FILE_PATH="/sessions",
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
)
django.setup()

from django.core.management import execute_from_command_line  # noqa: E402 - Django wants its settings first
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import HttpResponse, HttpResponseRedirect  # noqa: E402
from django.middleware.csrf import get_token  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils.html import escape  # noqa: E402


def named(answer):
    """Every answer tells which replica gave it."""

    def tell(request):
        response = answer(request)
        response["X-Served-By"] = socket.gethostname()
        return response

    return tell


def log_in(request):
    """A form, and who fills it in. Any name will do."""
    if request.method == "POST":
        request.session.cycle_key()
        request.session["user"] = request.POST["user"]
        request.session["number"] = 0
        return HttpResponseRedirect("/")
    field = f'<input type="hidden" name="csrfmiddlewaretoken" value="{get_token(request)}">'
    return HttpResponse(f'<form method="post">{field}<input name="user"><button>Log in</button></form>')


def note(request):
    """What the session holds; a POST changes it."""
    session = request.session
    if "user" not in session:
        return HttpResponseRedirect("/login")
    if request.method == "POST":
        if "note" in request.POST:
            session["note"] = request.POST["note"]
        else:
            session["number"] += 1
        return HttpResponseRedirect("/")
    field = f'<input type="hidden" name="csrfmiddlewaretoken" value="{get_token(request)}">'
    shown = "".join(f'<p id="{name}">{escape(str(session.get(name, "")))}</p>' for name in ("user", "note", "number"))
    return HttpResponse(f'{shown}<form method="post">{field}<input name="note"><button>Keep</button></form>')


def log_out(request):
    """The session ends."""
    request.session.flush()
    return HttpResponseRedirect("/login")


def health(request):
    """Alive."""
    return HttpResponse("ok")


urlpatterns = [path("", note), path("login", log_in), path("logout", log_out), path("health", health)]
application = get_wsgi_application()

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
