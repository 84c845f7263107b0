"""What a user's own Compose project is made of, as Compose itself reads it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml

from outlast.errors import FormatError, StackError, Unsupported
from outlast.stacks.compose.command import Compose
from outlast.stacks.topology import Topology, described
from outlast.stacks.yaml_tree import Tree

READ_S = 30.0


def read(compose: Compose, files: Sequence[Path], project: str) -> Topology:
    """The project's files, with our overlay of roles as the last, merged by Compose; `FormatError` says what is wrong.

    Compose knows its own `.env`, `extends`, `include`, profiles and merges best. About 0.2 s.
    """
    source = " + ".join(file.name for file in files)
    chosen = [part for file in files for part in ("-f", str(file))]
    try:
        # As YAML: its JSON leaves out what services say under x-outlast.
        tree = yaml.safe_load(compose.run(["-p", project, *chosen, "config"], environment={}, timeout_s=READ_S))
    except (StackError, yaml.YAMLError) as error:
        raise FormatError(source, None, f"Compose cannot read it: {error}") from error
    whole = Tree(source=source, where="", values=tree)
    for name, service in whole.child("services").children():
        deployed = service.child("deploy").raw("replicas") or service.raw("scale") or 1
        if deployed != 1:
            raise Unsupported(
                f"services.{name} is to run {deployed} times; give each replica a service of its own, so that one of "
                "them can be struck by name."
            )
    return described(whole, files)
