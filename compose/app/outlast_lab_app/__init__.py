"""The lab's reference application: one small ASGI app that keeps sessions in every way people argue about."""
