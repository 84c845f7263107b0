"""A failover, a cut replication and a lost primary, with a real Sentinel and real replicas."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import redis
from tests.faults.store.conftest import Unmoved, eventually

from outlast.errors import StackError, Unsupported
from outlast.faults import cut_replication, failover, lose_primary, primary
from outlast.faults.aim import named
from outlast.faults.cut_replication import CutReplication
from outlast.faults.failover import Failover
from outlast.faults.lose_primary import LosePrimary
from outlast.faults.primary import current_group, current_primary
from outlast.faults.read_only import SETTING, ReadOnly
from outlast.stacks import residue
from outlast.stacks.stack import Node, Stack, Status

HIM = named("store-1")
Deaf = Callable[[Stack, str, str], Stack]


def pair(group: Stack) -> tuple[Node, Node]:
    """Primary and replica, as they are now."""
    primary, (replica,) = current_group(group, group.nodes())
    return primary, replica


@contextmanager
def writing(client: Any) -> Iterator[list[str]]:
    """Writes key after key until the body ends or the store is gone; tells which were acknowledged."""
    acknowledged: list[str] = []
    over = threading.Event()

    def write() -> None:
        while not over.is_set():
            key = f"written:{len(acknowledged)}"
            try:
                client.set(key, "1")
            except redis.RedisError:
                return
            acknowledged.append(key)
            over.wait(0.005)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield acknowledged
    finally:
        over.set()
        thread.join()


def test_a_replica_is_read_only_by_its_setting_and_healed_by_it(group: Stack, ask: Any) -> None:
    """It takes no writes anyway: that it refuses one proves nothing."""
    _, replica = pair(group)
    fault, before = ReadOnly(HIM), group.state(replica)

    fault.undo(group, replica)
    onset = fault.strike(group, replica)
    during = ask(replica).config_get(SETTING)[SETTING]
    idle = fault.heal(Unmoved(group), replica, before)
    heal = fault.heal(group, replica, before)

    assert onset.holds, onset.evidence
    assert "99" == during
    assert not idle.holds
    assert heal.holds, heal.evidence
    assert "0" == ask(replica).config_get(SETTING)[SETTING]


def test_a_failover_changes_who_takes_writes(group: Stack, ask: Any) -> None:
    """The replica is promoted with all it had, the old primary follows it in the end, and nobody was restarted."""
    old, new = pair(group)
    before = group.state(old)
    ask(old).set("session:1", "ada")
    assert eventually(lambda: "ada" == ask(new).get("session:1"))

    onset = Failover(HIM).strike(group, old)
    role_meanwhile = ask(new).role()[0]
    heal = Failover(HIM).heal(group, old, before)

    assert onset.holds, onset.evidence
    assert f"{new.name} became the primary in place of {old.name}" == onset.evidence
    assert "master" == role_meanwhile
    assert heal.holds, heal.evidence
    assert ("master", "slave") == (ask(new).role()[0], ask(old).role()[0])
    assert "ada" == ask(new).get("session:1")
    assert (new, old) == pair(group)
    assert before.started == group.state(old).started


def test_a_failover_that_a_sentinel_only_nods_at_is_not_proven(
    group: Stack, deaf: Deaf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Roles are asked of the stores themselves, not believed of the Sentinel."""
    monkeypatch.setattr(failover, "PROMOTED_S", 0.5)
    old, new = pair(group)

    onset = Failover(HIM).strike(deaf(group, "FAILOVER", "GET-MASTER-ADDR-BY-NAME"), old)

    assert not onset.holds
    assert f"{old.name} was not replaced" in onset.evidence
    assert (old, new) == pair(group)


def test_without_a_sentinel_there_is_no_failover(standing: Stack, store: Node) -> None:
    """It is refused before the harm, with what is missing."""
    for fault in (Failover(HIM), LosePrimary(HIM)):
        with pytest.raises(Unsupported, match="no Sentinel"):
            fault.undo(standing, store)


def test_a_single_store_is_its_own_primary_and_has_no_replication_to_cut(standing: Stack, store: Node) -> None:
    """Nothing that could be cut is a harm that did not happen."""
    onset = CutReplication(HIM).strike(standing, store)

    assert store == current_primary(standing, standing.nodes())
    assert (store, ()) == current_group(standing, standing.nodes())
    assert not onset.holds
    assert "no replica" in onset.evidence


def test_nobody_is_the_primary_where_nobody_says_so(group: Stack) -> None:
    """It is found or it is an error, never assumed."""
    _, replica = pair(group)

    with pytest.raises(StackError, match="none of the stores"):
        current_primary(group, [replica])


def test_cut_replication_keeps_writes_from_the_replica_until_it_is_healed(group: Stack, ask: Any) -> None:
    """The primary goes on; the replica hears of it only afterwards."""
    leader, replica = pair(group)
    before = group.state(leader)
    ask(leader).set("before", "1")
    assert eventually(lambda: "1" == ask(replica).get("before"))

    onset = CutReplication(HIM).strike(group, leader)
    ask(leader).set("during", "1")
    offsets = ask(leader).info("replication")["master_repl_offset"], ask(replica).info("replication")
    seen_meanwhile = ask(replica).get("during")
    heal = CutReplication(HIM).heal(group, leader, before)

    assert onset.holds, onset.evidence
    assert seen_meanwhile is None
    assert offsets[0] > offsets[1]["slave_repl_offset"]
    assert heal.holds, heal.evidence
    assert eventually(lambda: "1" == ask(replica).get("during"))


def test_a_cut_that_cuts_nothing_is_not_proven(group: Stack, deaf: Deaf, monkeypatch: pytest.MonkeyPatch) -> None:
    """A replica that is only thrown out comes back at once."""
    monkeypatch.setattr(cut_replication, "CUT_S", 1.0)
    leader, replica = pair(group)

    onset = CutReplication(HIM).strike(deaf(deaf(group, "-psync", "+psync"), "-sync", "+sync"), leader)

    assert not onset.holds
    assert re.search("came back|still sends", onset.evidence)
    assert (leader, replica) == pair(group)


def test_a_cut_that_is_not_mended_is_not_proven_healed_and_its_record_mends_it(
    group: Stack, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the record alone, as the guard and the sweep do it."""
    leader, _ = pair(group)
    before, fault = group.state(leader), CutReplication(HIM)
    record = fault.undo(group, leader)
    onset = fault.strike(group, leader)
    monkeypatch.setattr(primary, "SETTLED_S", 0.2)
    idle = fault.heal(Unmoved(group), leader, before)
    monkeypatch.undo()
    if group.engine == "compose":
        facts = {**dict(record.facts), "identity": before.identity}
        told = residue.undo("compose", group.run_id, record.node, record.verb, facts)
        mended = eventually(lambda: 1 == len(ask(leader).role()[2]))
    else:
        told, mended = "", True
    heal = fault.heal(group, leader, before)

    assert onset.holds, onset.evidence
    assert not idle.holds
    assert "have not agreed" in idle.evidence
    assert mended, told
    assert heal.holds, heal.evidence


def test_a_lost_primary_takes_acknowledged_writes_with_it(group: Stack, ask: Any) -> None:
    """What was acknowledged while replication was cut is gone on the new primary, and stays gone afterwards."""
    leader, replica = pair(group)
    before, fault = group.state(leader), LosePrimary(HIM, open_s=0.5)
    ask(leader).flushall()
    ask(leader).set("before", "1")
    assert eventually(lambda: "1" == ask(replica).get("before"))
    record = fault.undo(group, leader)

    with writing(ask(leader)) as acknowledged:
        onset = fault.strike(group, leader)
    dead = group.state(leader).status
    kept = set(ask(replica).scan_iter("written:*"))
    role = ask(replica).role()[0]
    heal = fault.heal(group, leader, before)

    assert onset.holds, onset.evidence
    assert (leader.name, "say_and_start") == (record.node, record.verb)
    assert Status.EXITED is dead
    assert "master" == role
    lost = [key for key in acknowledged if key not in kept]
    assert lost == acknowledged[len(acknowledged) - len(lost) :]
    assert lost
    assert heal.holds, heal.evidence
    assert (replica, leader) == pair(group)
    assert set() == set(lost) & set(ask(leader).scan_iter("written:*"))
    assert "1" == ask(leader).get("before")


def test_a_primary_that_was_replicated_until_it_died_opened_no_window(
    group: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was killed and replaced, and nothing was lost: that is another fault than the one that was named."""
    monkeypatch.setattr(lose_primary, "cut", lambda stack, primary, replicas: 0)
    leader, replica = pair(group)
    before, fault = group.state(leader), LosePrimary(HIM, open_s=0.5)
    fault.undo(group, leader)

    onset = fault.strike(group, leader)
    heal = fault.heal(group, leader, before)

    assert not onset.holds
    assert "no window was open" in onset.evidence
    assert heal.holds, heal.evidence
    assert (replica, leader) == pair(group)
