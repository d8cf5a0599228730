"""Names of firms and people: what is stored, what is marked, by what text they are compared (standards §5, 37 to 50).

A stored name keeps its brackets, its traditional characters and its blanks between words; only blanks between Han
characters and the dot inside a name of another people are put right. Everything else is said by a flag or done in a key.
"""

from __future__ import annotations

import polars as pl

from exchange.core.clean import folded, where_odd
from exchange.core.variants import SIMPLIFIED, TRADITIONAL

_SPACED_HAN = r"([\p{Han}·])\s+([\p{Han}·])"
_OTHER_DOTS = "•・‧･．.∙⋅"
_DOTTED_HAN = rf"^\p{{Han}}+(?:\s*[·{_OTHER_DOTS}]\s*\p{{Han}}+)+$"

_OPEN, _CLOSE = "([（［〔【{", ")]）］〕】}"
_FORMER = r"[(\[（〔【]\s*(?:原名?|曾用名?|旧名|前身)"
_OFFICE = "分公司|支公司|分厂|分店|分行|支行|分社|分所|分校|分院|分部|分理处|办事处|代表处|营业部|储蓄所"
_BRANCH = rf"(?:{_OFFICE})(?:[(（][^()（）]*[)）])?$"
_CUT = r"(?:股份|股份有|有限|有限公|有限责|有限责任|有限责任公|合伙企|分公|集团有|[投贸科租咨集])$"
"""Half of a word. Of 123,259 whole names in the national register none ends with the last six characters."""
_UNREADABLE = r"[?？﹖□■▢〓]|[⿰-⿻]|[(（]\p{Han}{1,2}旁[^()（）]{0,3}[)）]"
NUMBER = "[0-9]{7}"
"""As many digits as a telephone number has at least."""
_UNREADABLE_PERSON = rf"{_UNREADABLE}|[*＊]|\p{{Han}}[a-zü\x{{00e0}}-\x{{024f}}\x{{0300}}-\x{{036f}}]|[a-z]\p{{Han}}"
_TRADITIONAL = f"[{TRADITIONAL}]"

_BRACKETS = {"〔": "(", "【": "(", "[": "(", "{": "(", "〕": ")", "】": ")", "]": ")", "}": ")"}
_DOTS = {"•": "·", "・": "·", "‧": "·", "･": "·", "∙": "·", "⋅": "·"}
_NOT_ALIKE = r"^$|[^0-9A-Z()·\x{4E00}-\x{9FFF}]"
"""What a name has that may be compared in another form than it is written; the rest is its own key."""
_PLACE = r"^(?:天津市?滨海新区|滨海新区|天津市|天津|津)"


def unspaced(text: pl.Series) -> pl.Series:
    """Without the blanks between two Han characters (defect 43).

    >>> unspaced(pl.Series(["王 芳 芳", "SMITH JOHN"])).to_list()
    ['王芳芳', 'SMITH JOHN']
    """
    if not text.str.contains(r"[ \t\n\r\u00a0\u3000]").any():
        return text
    # A character between two blanks belongs to two matches, which one pass can't both see.
    return text.str.replace_all(_SPACED_HAN, "$1$2").str.replace_all(_SPACED_HAN, "$1$2")


def dotted(text: pl.Series) -> pl.Series:
    """Names that are Han characters and dots, with U+00B7 for whatever dot stands between (defect 47).

    >>> dotted(pl.Series(["阿依古丽・买买提", "阿依古丽.买买提", "天津U.S.公司"])).to_list()
    ['阿依古丽·买买提', '阿依古丽·买买提', '天津U.S.公司']
    """
    if not text.str.contains(f"[{_OTHER_DOTS}]").any():
        return text
    right = text.str.replace_all(rf"\s*[·{_OTHER_DOTS}]\s*", "·")
    return right.zip_with(text.str.contains(_DOTTED_HAN).fill_null(False), text)


def marks(text: pl.Series, *, person: bool) -> dict[str, pl.Series]:
    """Characters of stored names that a steward should know about: rule → where (defects 46, 50, 64). They stay.

    >>> found = marks(pl.Series(["王?", "呂芳", "王芳"]), person=True)
    >>> {rule: where.to_list() for rule, where in found.items()}
    {'name.unreadable': [True, False, False], 'name.traditional': [False, True, False], 'name.number': [False, False, False]}
    """
    found = {
        "name.unreadable": text.str.contains(_UNREADABLE_PERSON if person else _UNREADABLE),
        "name.traditional": text.str.contains(_TRADITIONAL),
    }
    return found | {"name.number": text.str.contains(NUMBER)} if person else found


def firm_marks(text: pl.Series) -> dict[str, pl.Series]:
    """Forms of firms' names that a steward should know about: rule → where (defects 40 to 42). The name stays.

    >>> found = firm_marks(pl.Series(["天津示例有限公司塘沽分公司", "天津示例贸易有限", "天津示例厂（原示例社）"]))
    >>> {rule: where.to_list().index(True) for rule, where in found.items()}
    {'name.former': 2, 'name.branch': 0, 'name.truncated': 1}
    """
    opened = text.str.count_matches(f"[{_escaped(_OPEN)}]") > text.str.count_matches(f"[{_escaped(_CLOSE)}]")
    return {
        "name.former": text.str.contains(_FORMER),
        "name.branch": text.str.contains(_BRANCH),
        "name.truncated": text.str.contains(_CUT) | opened,
    }


def _escaped(characters: str) -> str:
    return "".join(f"\\{one}" if one.isascii() else one for one in characters)


def key(text: pl.Series) -> pl.Series:
    """The name as it is compared: NFKC, upper case, one kind of bracket and dot, no blanks; null if there is none.

    Only this key is normalised so; the stored name is not.

    >>> key(pl.Series(["天津（集团）公司", "天津〔集团〕 公司"])).unique().to_list()
    ['天津(集团)公司']
    """
    alike = _BRACKETS | _DOTS
    return where_odd(text, _NOT_ALIKE, lambda odd: folded(odd).str.replace_many(list(alike), list(alike.values())))


def candidate_key(text: pl.Series) -> pl.Series:
    """A wider key, equal for names that may be the same firm and must be judged: never a reason to merge by itself.

    Traditional characters as simplified ones, 有限责任公司 as 有限公司 (defect 38), without the place in front (defect 39)
    and without a former name behind (defect 40).

    >>> candidate_key(pl.Series(["天津市滨海新区示例有限责任公司", "滨海新区示例有限公司（原示例厂）"])).unique().to_list()
    ['示例有限公司']
    """
    bare = key(text).str.replace_many(list(TRADITIONAL), list(SIMPLIFIED))
    bare = bare.str.replace_all(r"\((?:原|曾用|旧名|前身)[^()]*\)", "").str.replace_all("有限责任公司", "有限公司")
    return bare.str.replace(_PLACE, "")
