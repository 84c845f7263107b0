"""The labels by which Compose says whose a container is."""

from typing import Final

PROJECT_LABEL: Final = "com.docker.compose.project"
SERVICE_LABEL: Final = "com.docker.compose.service"
