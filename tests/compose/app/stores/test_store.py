"""How a store is found by its name."""

from __future__ import annotations

import pytest
from outlast_lab_app.settings import SettingsError, from_environment
from outlast_lab_app.stores.store import open_store


def test_store_is_the_module_of_its_name() -> None:
    """OUTLAST_STORE names a file in stores/."""
    settings = from_environment({"OUTLAST_REPLICA": "app-1", "OUTLAST_STORE": "memory"})

    assert "outlast_lab_app.stores.memory" == type(open_store(settings)).__module__


@pytest.mark.parametrize("name", ["store", "nosuch", "../app", "os", "memory.MemoryStore"])
def test_unknown_store_is_refused_with_the_known_ones(name: str) -> None:
    """Nothing but a store can be named, and the refusal lists them."""
    settings = from_environment({"OUTLAST_REPLICA": "app-1", "OUTLAST_STORE": name})

    with pytest.raises(SettingsError, match=r"must be one of disk, jwt, .*mariadb, memory, "):
        open_store(settings)
