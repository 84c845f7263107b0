"""A driver as a user would write one, for the tests of the catalogue."""

from outlast.drivers.lab import LabDriver
from outlast.history.operation import Kind


class Mine(LabDriver):
    """The lab's API under another name."""

    name = "mine"


class Blind(LabDriver):
    """Cannot read, so nothing can be known."""

    can = frozenset((Kind.LOGIN,))


class Shapeless:
    """No driver at all."""


class Broken:
    """Cannot even be made."""

    def __init__(self) -> None:
        raise RuntimeError("no configuration")
