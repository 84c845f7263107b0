"""A door with HTTPS: a private CA, a name that is nobody's address, cookies that are Secure."""

from __future__ import annotations

import time

import pytest
from tests.workloads.driving import journal, wait_for
from tests.workloads.secure import NAME, secured

from outlast.drivers.front import Front
from outlast.errors import LoadError
from outlast.history.operation import Jar, Kind, Outcome
from outlast.workloads.workload import Load, Mix

pytestmark = pytest.mark.local


def test_users_of_a_name(start, lab_app, tmp_path):
    """They log in, work, and are asked again, and of the replica directly, all as at a plain door."""
    with secured(lab_app.address, tmp_path) as (door, ca):
        process = start(door, front=Front(host=NAME, tls=True, ca=str(ca)))
        assert process.log_in().complete
        process.begin(time.monotonic_ns())
        wait_for(process, lambda status: status.operations > 300)
        process.stop()
        audit = process.audit({"app-1": lab_app.address})
        process.close()
    operations = list(journal(tmp_path))

    assert (40, 40) == (audit.alive, audit.direct_asked)
    dead = [o for o in operations if o.jar is Jar.KEPT and o.via == "balancer"]
    assert {Outcome.OK} == {o.outcome for o in operations if o not in dead}
    assert {"app-1"} == {o.replica for o in operations}
    assert {Kind.LOGIN, Kind.READ, Kind.WRITE, Kind.INCREMENT, Kind.LOGOUT} == {o.op for o in operations}


def test_streams_of_a_name(start, lab_app, tmp_path):
    """They go over TLS as well."""
    with secured(lab_app.address, tmp_path) as (door, ca):
        load = Load(sessions=4, users=4, rate=40, mix=Mix(stream=5))
        process = start(door, load, front=Front(host=NAME, tls=True, ca=str(ca)))
        process.log_in()
        process.begin(time.monotonic_ns())
        wait_for(process, lambda status: status.operations > 150)
        process.stop()
        process.close()

    assert [o.outcome for o in journal(tmp_path) if o.op is Kind.STREAM].count(Outcome.OK) > 3


@pytest.mark.parametrize(
    ("host", "trusted", "told"),
    [(NAME, False, "unable to get local issuer certificate"), ("other.example", True, "not valid for 'other.example'")],
)
def test_a_certificate_that_is_not_trusted_stops_the_load(start, lab_app, tmp_path, host, trusted, told):
    """Once, with what to do about it: it is a setting of ours, and no failure of the app's."""
    with secured(lab_app.address, tmp_path, strict=False) as (door, ca):
        process = start(door, front=Front(host=host, tls=True, ca=str(ca) if trusted else None))
        with pytest.raises(LoadError, match="The certificate at the door is not trusted") as error:
            process.log_in(5)

    assert told in str(error.value)
    assert "door.tls.ca" in str(error.value)


def test_any_certificate_if_that_is_wanted(start, lab_app, tmp_path):
    """`verify: false`."""
    with secured(lab_app.address, tmp_path, name="elsewhere.example", strict=False) as (door, _):
        assert start(door, front=Front(host=NAME, tls=True, verify=False)).log_in(5).complete
