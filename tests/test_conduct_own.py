"""A run on a stack of the user's own: its load, its gates, and what is not judged there."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from outlast.conduct import Campaign, Conduct, Options, Planned
from outlast.errors import UnknownName, UsageError
from outlast.runner.experiment import Experiment
from outlast.workloads.workload import Load

STACK = """\
name: shop
compose: [compose.yaml]
door: {service: web, port: 80}
services: {web: {role: replica}}
load: {sessions: 20, rate: 15}
gates: {recovery_s: 9}
experiments: {shown: {gates: {failed-request: 0.2}}}
recipe:
  session: {cookie: sid}
  login: [{post: /login}]
  read: {steps: [{get: /me}], user: {json: $.user}}
"""


class Seen(Campaign):
    """Keeps the experiment in place of running it."""

    experiment: Experiment

    def run(self, experiment):  # type: ignore[no-untyped-def]
        self.experiment = experiment(7)
        raise Planned


def conduct_of(campaign: Campaign, name: str) -> Conduct:
    """The callable that an experiment of this name is given."""
    return Conduct(campaign=campaign, name=name, hypothesis="", architecture="shop", declaration=None)


def seen(folder: Path, text: str = STACK, name: str = "shown", **asked: object) -> Experiment:
    """What would be run on this outlast.yaml."""
    (folder / "compose.yaml").write_text("services: {web: {image: x}}\n")
    (folder / "outlast.yaml").write_text(text)
    campaign = Seen(
        Options(reports=folder, stack=str(folder / "outlast.yaml")), today=lambda: datetime.date(2026, 11, 27)
    )
    with pytest.raises(Planned):
        conduct_of(campaign, name)(**asked)  # type: ignore[arg-type]
    return campaign.experiment


def test_the_stack_says_how_much_load_it_bears(tmp_path: Path) -> None:
    """Over the experiment's own; of users there are no more than sessions."""
    load = seen(tmp_path, load=Load(sessions=300, users=60, rate=300, seconds=12)).load

    assert (20, 20, 15.0, 12) == (load.sessions, load.users, load.rate, load.seconds)


def test_its_gates_lie_over_the_experiment_s(tmp_path: Path) -> None:
    """For all experiments, and for one."""
    asked = {"gates": {"recovery_s": 1.0, "failed-request": None}}

    assert {"recovery_s": 9, "failed-request": 0.2} == dict(seen(tmp_path, **asked).gates)
    assert {"recovery_s": 9, "failed-request": None} == dict(seen(tmp_path, name="other", **asked).gates)


def test_what_the_recipe_lacks_is_not_judged_and_said(tmp_path: Path) -> None:
    """And nothing of that where it has all verbs."""
    lacks = seen(tmp_path).not_tested
    more = "  write: [{put: /x}]\n  increment: {steps: [{post: /y}]}\n  logout: [{post: /z}]\n"

    assert ["write", "increment", "logout"] == [sentence.rpartition(" ")[2] for sentence in lacks]
    assert () == seen(tmp_path, STACK + more).not_tested


@pytest.mark.parametrize(("day", "said"), [("2026-11-27", "lost-session: waived until"), ("2026-11-26", "ended on")])
def test_a_waiver_is_said_in_the_verdict(tmp_path: Path, day: str, said: str) -> None:
    """Whether it still excuses or not."""
    text = STACK + f"waivers: [{{gate: lost-session, reason: ticket, until: {day}}}]\n"

    assert any(said in sentence for sentence in seen(tmp_path, text).not_tested)


@pytest.mark.parametrize(
    ("gate", "error"), [("session-leak", "cannot be waived"), ("lost-sesion", "Did you mean 'lost-session'?")]
)
def test_what_nobody_may_waive_is_refused_before_anything_is_started(tmp_path: Path, gate: str, error: str) -> None:
    """And so is a gate that there is not."""
    (tmp_path / "compose.yaml").write_text("services: {web: {image: x}}\n")
    waivers = f"waivers: [{{gate: {gate}, reason: ticket, until: 2027-01-01}}]\n"
    (tmp_path / "outlast.yaml").write_text(STACK + waivers)
    conduct = conduct_of(Seen(options=Options(reports=tmp_path, stack=str(tmp_path / "outlast.yaml"))), "shown")

    with pytest.raises((UsageError, UnknownName), match=error.replace("?", r"\?")):
        conduct()


def test_a_bad_file_of_certificates_is_told_before_anything_is_started(tmp_path: Path) -> None:
    """One sentence that names the file."""
    (tmp_path / "ca.pem").write_text("no certificate")

    with pytest.raises(UsageError, match=r"door\.tls\.ca: .*ca\.pem is no file of PEM certificates"):
        seen(tmp_path, STACK.replace("port: 80}", "port: 443, tls: {ca: ca.pem}}"))
