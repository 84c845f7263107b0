"""A Compose project of the user's that runs already: harmed and healed, never started, edited or removed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from outlast.errors import StackError
from outlast.stacks.compose import bringing_up, residue
from outlast.stacks.compose.claim import claim
from outlast.stacks.compose.command import Compose
from outlast.stacks.compose.marks import PROJECT_LABEL
from outlast.stacks.compose.stack import NOTHING, OWN_UP_S, ComposeStack
from outlast.stacks.owner import RUN_LABEL
from outlast.stacks.stack import Address, Node, Status
from outlast.stacks.topology import Topology


class AttachedStack(ComposeStack):
    """The compose engine on a project under its own name. What is ours beside it carries our label, it does not.

    `files` are the project's own, as its user gives them to Compose; needed to recreate a node alone.
    """

    def __init__(
        self,
        topology: Topology,
        run_id: str,
        folder: Path,
        *,
        compose: Compose,
        project: str,
        files: tuple[Path, ...],
        tell: Callable[[str], None],
    ) -> None:
        super().__init__(topology, run_id, folder, compose=compose, lab=None, tell=tell)
        self._project = project
        self._files = files
        self._mark = f"{PROJECT_LABEL}={project}"
        self._containers = self._found_by(self._mark)

    def start(self) -> None:
        """Claim the project and see that it is well. `StackError` says which node is not, or who else has it."""
        sights = {node.name: self._containers.look(node) for node in self.nodes()}
        down = [name for name, sight in sights.items() if sight is None or sight.state.status is not Status.RUNNING]
        if down:
            raise StackError(
                f"The project {self._project} does not run whole, down: {', '.join(down)}; start it with your own "
                "`docker compose up`, or leave `attach` out to have one started."
            )
        ill = [name for name, sight in sights.items() if sight is not None and sight.state.healthy is False]
        if ill:
            raise StackError(f"The project {self._project} is not healthy: {', '.join(ill)}; mend that first.")
        image = next(sight.image_id for sight in sights.values() if sight is not None)
        claim(self._client, self._project, image, self._labels)
        self._door = self._published_door()
        self._listen(self._mark)
        self._host.prepare("", self._labels, f"outlast-{self.run_id}-helper")

    def remove(self) -> None:
        """Take away what is ours: the project stays as it is."""
        self._let_go()
        residue.remove_run(self._client, self.run_id)
        left = residue.things(self._client, f"{RUN_LABEL}={self.run_id}")
        self._close()
        if left:
            names = ", ".join(f"{thing.kind} {thing.name}" for thing in left)
            raise StackError(f"These are left of the run and could not be removed: {names}; try `outlast sweep`.")

    def recreation(self, node: Node) -> dict[str, str]:
        return bringing_up.facts_of(self._project, self._files, node.service, self._look(node).name, {})

    def _published_door(self) -> Address:
        service = self._topology.service(self._topology.door)
        sight = self._containers.look(service.node)
        found = sight.published.get(self._topology.door_port) if sight else None
        if found is None:
            raise StackError(
                f"Port {self._topology.door_port} of {service.name} is not published on this machine, so no user can "
                "knock there; publish it on 127.0.0.1, or name another door."
            )
        return found

    def _up(self, *arguments: str, variables: Mapping[str, str] = NOTHING) -> None:
        files = [part for file in self._files for part in ("-f", str(file))]
        self._compose.run(
            ["-p", self._project, *files, "up", "-d", *arguments],
            environment={**self._marked_environment(), **variables},
            timeout_s=OWN_UP_S,
        )
