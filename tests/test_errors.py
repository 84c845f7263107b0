"""Errors tell the same on the other side of a process."""

import pickle

import pytest

from outlast.errors import FormatError, NodeNotFound, OutlastError, UnknownName


@pytest.mark.parametrize(
    "error",
    [FormatError("h.ndjson", 7, "not one."), NodeNotFound("app-9", ["app-1"]), UnknownName("fault", "x", ["y"])],
)
def test_an_error_of_a_worker_process_arrives_whole(error: OutlastError) -> None:
    """Else the pool of workers breaks, and a bad file is told by a traceback."""
    there = pickle.loads(pickle.dumps(error))

    assert (type(error), str(error), error.__dict__) == (type(there), str(there), there.__dict__)
