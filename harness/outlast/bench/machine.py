"""What a figure was measured on."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path


def machine() -> dict[str, str | int]:
    """Kernel, processor, cores, memory, Python and date of this machine."""
    facts = Path("/proc/meminfo").read_text() if Path("/proc/meminfo").exists() else ""
    memory_kb = next((int(line.split()[1]) for line in facts.splitlines() if line.startswith("MemTotal")), 0)
    processors = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    model = next(
        (line.partition(":")[2].strip() for line in processors.splitlines() if line.startswith("model name")), ""
    )
    return {
        "kernel": platform.release(),
        "processor": model or platform.machine(),
        "cores": os.cpu_count() or 0,
        "memory_gib": round(memory_kb / 2**20),
        "python": platform.python_version(),
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
    }


def commit() -> str:
    """The commit that is measured; empty outside a clone, with a plus when the tree has changes."""
    here = Path(__file__).parent
    asked = subprocess.run(
        ["git", "describe", "--always", "--dirty=+"], cwd=here, capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() if asked.returncode == 0 else ""
