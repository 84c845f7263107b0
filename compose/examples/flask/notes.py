"""A form to log in to, a note and a number in the session: Flask-Session, which writes each session back as a whole."""

import os
import socket

from flask import Flask, redirect, request, session
from flask_session import Session
from markupsafe import escape
from redis import Redis

application = Flask(__name__)
application.config.update(
    SESSION_TYPE="redis",
    SESSION_REDIS=Redis(
        host=os.environ.get("REDIS", "redis"), socket_connect_timeout=1, socket_timeout=1, health_check_interval=1
    ),
)
Session(application)


@application.after_request
def name_the_replica(answer):
    """Every answer tells which replica gave it."""
    answer.headers["X-Served-By"] = socket.gethostname()
    return answer


@application.route("/login", methods=["GET", "POST"])
def log_in():
    """Any name will do."""
    if request.method == "POST":
        session.update(user=request.form["user"], note="", number=0)
        return redirect("/")
    return '<form method="post"><input name="user"><button>Log in</button></form>'


@application.route("/", methods=["GET", "POST"])
def note():
    """What the session holds; a POST changes it."""
    if "user" not in session:
        return redirect("/login")
    if request.method == "POST":
        if "note" in request.form:
            session["note"] = request.form["note"]
        else:
            session["number"] += 1
        return redirect("/")
    return "".join(f'<p id="{name}">{escape(str(session[name]))}</p>' for name in ("user", "note", "number"))


@application.route("/logout")
def log_out():
    """The session ends."""
    session.clear()
    return redirect("/login")


@application.route("/health")
def health():
    """Alive."""
    return "ok"
