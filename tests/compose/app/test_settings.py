"""What the environment may say."""

from __future__ import annotations

from pathlib import Path

import pytest
from outlast_lab_app.settings import SettingsError, from_environment
from tests.compose.processes import APP, Programs


def test_replica_must_have_a_name() -> None:
    """An answer whose replica nobody knows is no evidence."""
    with pytest.raises(SettingsError, match="OUTLAST_REPLICA"):
        from_environment({})


@pytest.mark.parametrize("text", ["many", "-1", "nan", "1e9"])
def test_number_must_be_one(text: str) -> None:
    """A bad number is refused by the variable's name."""
    with pytest.raises(SettingsError, match="OUTLAST_DRAIN_S"):
        from_environment({"OUTLAST_REPLICA": "app-1", "OUTLAST_DRAIN_S": text})


def test_sentinels_are_addresses() -> None:
    """Several, each with its port; anything else is refused by the variable's name."""
    told = {"OUTLAST_REPLICA": "app-1", "OUTLAST_SENTINELS": "one:26379,two:26380"}

    assert (("one", 26379), ("two", 26380)) == from_environment(told).sentinels
    with pytest.raises(SettingsError, match="OUTLAST_SENTINELS"):
        from_environment({**told, "OUTLAST_SENTINELS": "one"})


def test_bad_setting_is_one_sentence_and_no_traceback(programs: Programs) -> None:
    """The app says what is wrong and exits with 2."""
    failed = programs.fails({"OUTLAST_STORE": "nosuch"})

    assert 2 == failed.returncode
    folder = APP / "outlast_lab_app" / "stores"
    stores = sorted(file.stem for file in folder.glob("[a-z]*.py") if file.stem != "store")
    told = f"outlast_lab_app: OUTLAST_STORE must be one of {', '.join(stores)}; it is 'nosuch'."
    assert [told] == failed.stderr.splitlines()


def test_unusable_data_folder_is_one_sentence(programs: Programs, tmp_path: Path) -> None:
    """A folder that cannot be made is told by its path."""
    (tmp_path / "file").touch()
    failed = programs.fails({"OUTLAST_STORE": "disk", "OUTLAST_DATA": str(tmp_path / "file")})

    assert 2 == failed.returncode
    assert 1 == len(failed.stderr.splitlines())
    assert str(tmp_path / "file") in failed.stderr
