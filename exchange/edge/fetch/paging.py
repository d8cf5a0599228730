"""Following cursors, without any input or output: it yields the cursor to ask for and receives the next one."""

from __future__ import annotations

from collections.abc import Generator

from exchange.core.errors import Refuse


def follow(connector: str, cursor: str | None) -> Generator[str | None, str | None, None]:
    """Yield cursors to ask for until the answer names no next one (send None).

    Raises Refuse if an answer names a cursor that was asked for before: reading would never end.

    >>> asked = follow("public_security_residents", None)
    >>> next(asked), asked.send("p2"), asked.send("p3")
    (None, 'p2', 'p3')
    >>> asked.send("p2")
    Traceback (most recent call last):
    ...
    exchange.core.errors.Refuse: ...
    """
    asked: set[str | None] = set()
    following: str | None = cursor
    while following is not None or not asked:
        if following in asked:
            raise Refuse(
                "cursor_repeated",
                f"{connector}：接口返回了已读过的位置，读取不会结束。It names a cursor that was read before.",
                "请机构修复翻页接口。Ask the agency to mend the paging of its interface.",
            )
        asked.add(following)
        following = yield following
