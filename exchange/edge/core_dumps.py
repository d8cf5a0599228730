"""A process that dies must not leave its memory, with what it had opened, in a file (reliability I5)."""

from __future__ import annotations

import resource


def forbid() -> None:
    """No core dump of this process or of those it starts, and no way back: it takes the right to allow one, too."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
