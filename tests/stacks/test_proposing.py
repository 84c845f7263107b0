"""What a service of somebody's project is for, guessed from what Compose says of it."""

from __future__ import annotations

from typing import Any

import pytest

from outlast.stacks.proposing import propose
from outlast.stacks.stack import Role, StoreKind

PORT = {"target": 80, "published": "8080"}
SHOP: dict[str, Any] = {
    "proxy": {
        "image": "registry.example/library/nginx:1.25",
        "ports": [PORT],
        "depends_on": {"web-1": {}, "web-2": {}},
    },
    "web-1": {
        "build": ".",
        "expose": ["3000"],
        "depends_on": {"migrate": {"condition": "service_completed_successfully"}},
    },
    "web-2": {"build": ".", "expose": ["3000"]},
    "migrate": {"build": "."},
    "cache": {"image": "redis:7-alpine"},
    "db": {"image": "postgres:16"},
    "mailer": {"build": "."},
}


def roles(**services: Any) -> dict[str, Role]:
    return {name: one.role for name, one in propose({"services": services}).services.items()}


def test_a_plain_shop_is_understood():
    """By image, by what waits for what, and by who runs once."""
    proposal = propose({"services": SHOP})

    assert {
        "proxy": Role.BALANCER, "web-1": Role.REPLICA, "web-2": Role.REPLICA, "migrate": Role.OTHER,
        "cache": Role.STORE, "db": Role.STORE, "mailer": Role.OTHER,
    } == {name: one.role for name, one in proposal.services.items()}  # fmt: skip
    assert ("proxy", 80, 3000) == (proposal.door, proposal.services["proxy"].port, proposal.services["web-1"].port)
    assert (StoreKind.REDIS, None) == (proposal.services["cache"].kind, proposal.services["db"].kind)
    assert () == proposal.doubts


@pytest.mark.parametrize(
    ("body", "role"),
    [
        ({"image": "bitnami/valkey:8"}, Role.STORE),
        ({"image": "mariadb:11"}, Role.STORE),
        ({"image": "shop", "command": ["redis-server", "--save", ""]}, Role.STORE),
        ({"image": "traefik:v3"}, Role.BALANCER),
        ({"image": "shop", "command": ["/usr/sbin/haproxy", "-f", "x"]}, Role.BALANCER),
        ({"image": "shop", "ports": [PORT]}, Role.REPLICA),
        ({"image": "shop"}, Role.OTHER),
        ({}, Role.OTHER),
    ],
)
def test_one_service_by_its_image_its_program_and_its_ports(body: Any, role: Role):
    """What nothing tells is other: it is left alone."""
    assert {"it": role} == roles(it=body)


def test_without_a_balancer_the_replica_is_the_door_and_it_is_told_that_it_is_alone():
    """And that no store was found."""
    proposal = propose({"services": {"app": {"build": ".", "ports": [PORT]}}})

    assert "app" == proposal.door
    assert [True, True] == [
        "only app is a replica" in proposal.doubts[0],
        "No service is a store" in proposal.doubts[1],
    ]


def test_where_users_knock_is_asked_for_when_nothing_tells():
    """Two that publish ports, and no balancer."""
    proposal = propose({"services": {"a": {"ports": [PORT]}, "b": {"ports": [PORT]}, "redis": {"image": "redis"}}})

    assert proposal.door is None
    assert "say --door" in proposal.doubts[0]


def test_a_scaled_service_is_told():
    """One service is one node."""
    proposal = propose({"services": {**SHOP, "web-1": {**SHOP["web-1"], "deploy": {"replicas": 3}}}})

    assert ["web-1 is scaled: one service is one node here, so give each replica a service of its own."] == list(
        proposal.doubts
    )
