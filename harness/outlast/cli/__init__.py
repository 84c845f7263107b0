"""The command `outlast`: one small file per verb."""

from outlast.cli.main import main

__all__ = ["main"]
