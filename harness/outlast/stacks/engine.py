"""The choice of an engine, and the door to a stack of the lab."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable
from pathlib import Path

from outlast.errors import EngineError, UnknownName, Unsupported, UsageError
from outlast.stacks import lab, topology
from outlast.stacks.own import OwnStack
from outlast.stacks.stack import Stack

ENGINES = ("compose", "local")


def choose(name: str, tell: Callable[[str], None] = lambda text: None, *, build: bool = True) -> tuple[str, str]:
    """The engine for `auto`, `compose` or `local`, and one sentence that says why.

    `auto` takes compose if the Docker engine answers and the lab's image can be had (it is built now if need be, up to
    some minutes, unless `build` is false; `tell` hears of it), else local. Raises `UnknownName`, and `EngineError` when
    a named one is missing.
    """
    if name == "compose":
        _compose_ready()
        return "compose", "the compose engine, as you chose"
    if name == "local":
        _local_ready()
        return "local", "the local engine, as you chose"
    if name != "auto":
        raise UnknownName("engine", name, ("auto", *ENGINES))
    try:
        version = _compose_ready()
        if build:
            _image_ready(tell)
    except EngineError as refusal:
        why = str(refusal).splitlines()[0]
        try:
            _local_ready()
        except EngineError as second:
            raise EngineError(f"No engine can run here. compose: {why} local: {second}") from second
        return "local", f"the local engine, because compose cannot be used: {why}"
    image = " and the lab's image is there" if build else ""
    return "compose", f"the compose engine, because Docker {version} answers{image}"


def open_stack(
    engine: str, architecture: str, run_id: str, folder: Path, tell: Callable[[str], None] = lambda text: None
) -> Stack:
    """A stack of the lab, not yet started; `folder` is the run's own and may be made by us.

    Raises `UnknownName` for an engine or architecture that does not exist, `EngineError` when the engine is missing.
    """
    _refuse_bad_run_id(run_id)
    described = topology.read(lab.files(architecture), os.environ)
    if engine == "local":
        from outlast.stacks.local.stack import LocalStack

        return LocalStack(described, run_id, folder.resolve(), lab=lab.folder())
    if engine == "compose":
        # Imported here: the docker SDK takes a third of a second, and a machine without Docker needs none of it.
        from outlast.stacks.compose.command import find
        from outlast.stacks.compose.stack import ComposeStack

        return ComposeStack(described, run_id, folder.resolve(), compose=find(), lab=lab.folder(), tell=tell)
    raise UnknownName("engine", engine, ENGINES)


def open_own(
    engine: str, own: OwnStack, run_id: str, folder: Path, tell: Callable[[str], None] = lambda text: None
) -> Stack:
    """A stack of the user's own, under a project name of ours and not yet started, or the running one it attaches to.

    The user's files are not edited.

    Raises `FormatError` where Compose cannot read them, `EngineError` when the engine is missing, `Unsupported` for an
    engine that cannot run it.
    """
    _refuse_bad_run_id(run_id)
    if engine != "compose":
        raise Unsupported(f"A stack of one's own runs in containers: the {engine} engine cannot; use --engine compose.")
    from outlast.stacks.compose import own_topology
    from outlast.stacks.compose.command import find
    from outlast.stacks.compose.stack import ComposeStack

    project = own.attach or f"outlast-{run_id}"
    described = own_topology.read(find(), own.write_overlay(folder.resolve()), project)
    if own.attach:
        from outlast.stacks.compose.attached import AttachedStack

        return AttachedStack(
            described, run_id, folder.resolve(), compose=find(), project=project, files=own.files, tell=tell
        )
    return ComposeStack(described, run_id, folder.resolve(), compose=find(), lab=None, tell=tell)


def _refuse_bad_run_id(run_id: str) -> None:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", run_id):
        raise UsageError(f"The run id {run_id!r} must be a letter or digit and up to 39 more of a-z, 0-9, _ and -.")


def _compose_ready() -> str:
    from outlast.stacks.compose.command import find
    from outlast.stacks.compose.daemon import connect

    with contextlib.closing(connect(timeout_s=10)) as client:
        version = str(client.version().get("Version", ""))
    find()
    return version


def _image_ready(tell: Callable[[str], None]) -> None:
    from outlast.stacks.compose import images
    from outlast.stacks.compose.daemon import connect

    with contextlib.closing(connect(timeout_s=600)) as client:
        images.obtain(client, lab.folder(), os.environ, tell)


def _local_ready() -> None:
    from outlast.stacks.local import programs

    programs.paths()
