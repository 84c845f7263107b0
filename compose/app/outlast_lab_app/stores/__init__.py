"""Ways of keeping sessions, one file each; `store.py` is what they have in common."""
