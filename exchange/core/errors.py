"""Errors by what the caller does next.

    HubError
    ├── Refuse   this batch (or file, or page) is wrong: it stops, its good part stays settled     exit 1
    ├── Broken   a guard or an invariant does not hold: nothing more is written                    exit 1
    ├── Misuse   wrong use or wrong settings: change the command, the file or the environment     exit 2
    └── Away     something outside (agency, database, broker, download) is away: try again later   exit 3

Every message says what happened and where, every hint what to do; both in Chinese and English where a steward sees
them. None ever carries a value of a row.
"""

from __future__ import annotations


class HubError(Exception):
    """Base of all errors the hub raises on purpose.

    `code` is stable (scripts rely on it), `message` one sentence, `hint` the next step.
    """

    exit_code = 1

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        """Keep all three parts when an error crosses a process boundary."""
        return type(self), (self.code, self.message, self.hint)


class Refuse(HubError):
    """The batch is wrong as a whole (unknown column, unreadable delivery): stop it and name the file to edit."""


class Broken(HubError):
    """A guard (mass delete) or an invariant (restored database) forbids going on."""


class Misuse(HubError):
    """The command, a setting or this machine is not as it must be (also: port taken, disk full)."""

    exit_code = 2


class Away(HubError):
    """An agency's system, the database, the broker or a download can't be reached; trying again may help."""

    exit_code = 3
