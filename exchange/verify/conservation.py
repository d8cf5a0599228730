"""I1 conservation: nothing pulled is lost between the source and the golden records."""

from __future__ import annotations

import psycopg

from exchange.verify.books import batches_and_libraries, pages
from exchange.verify.chain import chains
from exchange.verify.contents import contents
from exchange.verify.finding import Finding, concluded
from exchange.verify.ground import Ground, snapshot
from exchange.verify.sourced import compare


def conserved(ground: Ground) -> Finding:
    """I1 over all batches, and against every source whose address is known; `examined` is the number of pulled rows."""
    with snapshot(ground.database_url) as connection:
        return conserved_in(ground, connection)


def conserved_in(ground: Ground, connection: psycopg.Connection) -> Finding:
    """The same as a session sees it."""
    ground.note("核对批次、页与库。Checking batches, pages and libraries.")
    pulled, wrongs = pages(connection)
    wrongs += batches_and_libraries(connection)
    wrongs += chains(connection)
    ground.note("核对记录与主记录。Comparing records and golden records.")
    wrongs += contents(connection)
    compared = compare(ground, connection)
    zh = f"与 {compared.feeds} 个来源的 {compared.rows} 行核对"
    en = f"compared with {compared.rows} rows of {compared.feeds} sources"
    if compared.waiting:
        zh, en = f"{zh}，其中 {compared.waiting} 个键待拉取", f"{en}, {compared.waiting} keys there wait to be pulled"
    if compared.unknown:
        zh, en = f"{zh}，{compared.unknown} 个来源地址未知", f"{en}, {compared.unknown} feeds without an address"
    return concluded(pulled, wrongs + compared.wrongs, zh, en)
