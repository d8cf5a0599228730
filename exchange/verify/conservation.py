"""I1 conservation: nothing pulled is lost between the source and the golden records."""

from __future__ import annotations

from exchange.verify.books import batches_and_libraries, pages
from exchange.verify.chain import chains
from exchange.verify.finding import Finding, concluded
from exchange.verify.ground import Ground, snapshot
from exchange.verify.sourced import compare


def conserved(ground: Ground) -> Finding:
    """I1 over all batches, and against every source whose address is known; `examined` is the number of pulled rows."""
    with snapshot(ground.database_url) as connection:
        ground.note("核对批次、页与库。Checking batches, pages and libraries.")
        pulled, wrongs = pages(connection)
        wrongs += batches_and_libraries(connection)
        wrongs += chains(connection)
        compared = compare(ground, connection)
    waiting = (f"，来源有 {compared.waiting} 个键待拉取", f", {compared.waiting} keys there wait to be pulled") if compared.waiting else ("", "")
    unknown = (f"，{compared.unknown} 个来源地址未知", f", {compared.unknown} feeds without an address") if compared.unknown else ("", "")
    zh = f"与 {compared.feeds} 个来源的 {compared.rows} 行核对{waiting[0]}{unknown[0]}"
    en = f"compared with {compared.rows} rows of {compared.feeds} sources{waiting[1]}{unknown[1]}"
    return concluded(pulled, wrongs + compared.wrongs, zh, en)
