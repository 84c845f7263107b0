"""The command `outlast`: one small file per verb."""
