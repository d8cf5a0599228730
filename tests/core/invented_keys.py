"""Keys from fixed secrets, for pages prepared in tests."""

from __future__ import annotations

from exchange.core.keyed import index_keys
from exchange.core.seal import PageKeys, derive
from schemas.columns import groups


def secret_of(name: str) -> tuple[bytes, bytes]:
    """(key id, period secret) of a field group, or of "quarantine" and "cursor"."""
    return name.encode()[:8].ljust(8, b"."), name.encode().ljust(32, b"#")


def page_keys(library: str, n: int = 1, index: bytes = b"index") -> PageKeys:
    """Keys of one page of the library; another `n` is another page, another `index` another hub."""
    return PageKeys(
        groups={group: derive(secret_of(group)[1], secret_of(group)[0], n) for group in groups(library)},
        quarantine=derive(secret_of("quarantine")[1], secret_of("quarantine")[0], n),
        cursor=derive(secret_of("cursor")[1], secret_of("cursor")[0], n),
        index=index_keys(index.ljust(32, b"#")),
    )
