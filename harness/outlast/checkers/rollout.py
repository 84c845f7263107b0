"""How many assets were missing while so many of the replicas ran the new build."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from outlast.checkers.evidence import NOT_FOUND
from outlast.history.columns import KINDS, VIAS, Columns, Ints
from outlast.history.operation import VIA_BALANCER, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """While `upgraded` of `replicas` had come to answer with the new build: assets asked for, and 404s among them."""

    upgraded: int
    replicas: int
    asked: int
    missing: int


def stages_of(columns: Columns) -> tuple[Stage, ...]:
    """Operations -> the stages of a rollout in their order; empty where there was none, or more than one.

    A replica counts as upgraded from its first answer with the new build on: the build that was heard of last. None may
    go back: what is asked in between could not be filed. Cost: O(n log n) in the answers that tell a build.
    """
    assets = (columns.kind == KINDS.index(Kind.ASSET)) & (columns.via == VIAS.index(VIA_BALANCER))
    changed_ns = _upgrades(columns)
    if changed_ns is None or not assets.any():
        return ()
    replicas = len(np.unique(columns.replica[(columns.replica >= 0) & (columns.build >= 0)]))
    upgraded = np.searchsorted(np.sort(changed_ns), columns.invoked_ns[assets], side="right")
    missing = columns.status[assets] == NOT_FOUND
    return tuple(
        Stage(
            upgraded=int(stage),
            replicas=replicas,
            asked=int((upgraded == stage).sum()),
            missing=int((missing & (upgraded == stage)).sum()),
        )
        for stage in np.unique(upgraded)
    )


def _upgrades(columns: Columns) -> Ints | None:
    """When each upgraded replica first answered with the new build; None unless there are two builds and one change
    of each replica at most."""
    told = np.flatnonzero((columns.replica >= 0) & (columns.build >= 0))
    told = told[np.argsort(columns.returned_ns[told], kind="stable")]
    builds, first = np.unique(columns.build[told], return_index=True)
    if len(builds) != 2:
        return None
    new = columns.build[told] == builds[np.argmax(first)]
    changed = []
    for replica in np.unique(columns.replica[told]):
        own = columns.replica[told] == replica
        turns = np.flatnonzero(np.diff(new[own].astype(np.int8)))
        if len(turns) > 1 or (len(turns) == 1 and new[own][0]):
            return None
        if new[own].any():
            changed.append(int(columns.returned_ns[told][own][np.argmax(new[own])]))
    return np.array(changed, np.int64)
