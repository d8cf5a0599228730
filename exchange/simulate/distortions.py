"""Distortions: what clerks, spreadsheets, old fonts and careless exports do to a number or a text.

Each takes the text and one draw, which chooses among the forms of the defect, and gives the text as an agency sends it.
"""

from __future__ import annotations

from exchange.simulate.identifiers import reg_no_fits, uscc_fits

FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
INVISIBLE = ("\u200b", "\ufeff", "\u200d")
EURO = "\ue001"
"""Stands in a line for the euro sign as byte 80 (Windows-936)."""
LOOKALIKES = {"0": "O", "1": "I", "2": "Z", "5": "S"}


def full_width(text: str, _: int) -> str:
    """Every ASCII character in its full-width form.

    >>> full_width("91X", 0)
    '９１Ｘ'
    """
    return text.translate(FULL_WIDTH)


def wrong_x(text: str, chance: int) -> str:
    """The check letter X as a Cyrillic or Roman one."""
    return text.replace("X", "хⅩХ"[chance % 3])


def lookalike(text: str, chance: int) -> str:
    """One digit of the last eight written as the letter that looks like it.

    >>> lookalike("91120116244997951G", 0)
    '91120116244997951G'
    >>> lookalike("91120116244997051G", 0)
    '91120116244997O51G'
    """
    places = [at for at in range(10, len(text) - 1) if text[at] in "02"]
    if not places:
        return text
    at = places[chance % len(places)]
    return text[:at] + LOOKALIKES[text[at]] + text[at + 1 :]


def spaced(text: str, chance: int) -> str:
    """Spaces, hyphens or a tab inside an identifier.

    >>> spaced("91120116244997951G", 0)
    '911201 16 244997951G'
    """
    mark = (" ", "-", "\t")[chance % 3]
    return text[:6] + mark + text[6:8] + mark + text[8:]


def invisible(text: str, chance: int) -> str:
    """A zero-width character or byte order mark inside."""
    return text[:8] + INVISIBLE[chance % len(INVISIBLE)] + text[8:]


def one_off(text: str, chance: int) -> str:
    """One character more or less.

    >>> one_off("91120116244997951G", 0), one_off("91120116244997951G", 1)
    ('9112011644997951G', '911201162244997951G')
    """
    return text[:8] + (text[9:] if chance % 2 == 0 else text[8] + text[8:])


def scientific(text: str, _: int) -> str:
    """What a spreadsheet makes of a long number.

    >>> scientific("120116198207313398", 0)
    '1.20116E+17'
    """
    return f"{float(text.replace('X', '0')):.5E}"


def rounded(text: str, _: int) -> str:
    """What 53 bits keep of 18 digits, unless the check digit happens to fit that too.

    >>> rounded("911201160759014529", 0)
    '911201160759014528'
    """
    kept = str(int(float(text)))
    return text if uscc_fits(kept) else kept


def fifteen(text: str, _: int) -> str:
    """A citizen id as before 1999.

    >>> fifteen("150102198807303035", 0)
    '150102880730303'
    """
    return text[:6] + text[8:17]


def org_code_alone(text: str, _: int) -> str:
    """The organisation code out of a credit code.

    >>> org_code_alone("91120116244997951G", 0)
    '244997951'
    """
    return text[8:17]


def taxpayer(text: str, _: int) -> str:
    """A taxpayer number before 2015: the place and the organisation code. Not where it is a registration number too.

    >>> taxpayer("91120116244997951G", 0)
    '120116244997951'
    """
    return text if reg_no_fits(text[2:17]) else text[2:17]


def two_numbers(text: str, chance: int) -> str:
    """Organisation code and credit code in one cell."""
    return text[8:17] + ";/"[chance % 2] + text


def masked(text: str, _: int) -> str:
    """Birth date and more behind asterisks."""
    return text[:4] + "*" * 10 + text[14:]


def placeholder(_: str, chance: int) -> str:
    """A word that stands for nothing."""
    return ("无", "/", "-", "暂无", "NULL")[chance % 5]


def bracketed(text: str, chance: int) -> str:
    """Brackets of another width in a name."""
    return text[:4] + ("(集团)", "（集团）", "〔集团〕")[chance % 3] + text[4:]


def other_form_of_firm(text: str, _: int) -> str:
    """有限公司 for 有限责任公司 or the other way round."""
    return text.replace("有限责任", "有限") if "有限责任" in text else text.replace("有限", "有限责任")


def other_place(text: str, chance: int) -> str:
    """天津市滨海新区 in one of its other ways of writing."""
    return text.replace("天津市滨海新区", ("天津滨海新区", "滨海新区", "津")[chance % 3], 1)


def former_name(text: str, _: int) -> str:
    """A former name in brackets behind the name."""
    return text + "（原" + text[:-4] + "厂）"


def branch(text: str, _: int) -> str:
    """A branch with its parent's name in front."""
    return text + "塘沽分公司"


def truncated(text: str, _: int) -> str:
    """A name cut by a short column."""
    return text[:10]


def gapped(text: str, chance: int) -> str:
    """Spaces inside a Chinese word.

    >>> gapped("王芳", 0)
    '王 芳'
    """
    return (" ", "\u3000", "    ")[chance % 3].join((text[:1], text[1:]))


def rare(text: str, chance: int) -> str:
    """A character beyond GBK, one of them beyond the basic plane."""
    return text[:1] + "䶮㛃𬱖"[chance % 3]


def private_use(text: str, _: int) -> str:
    """A character of an old font's private area: U+E863 for 䶮."""
    return text[:1] + "\ue863"


def lost(text: str, chance: int) -> str:
    """A question mark or a box in place of a rare character."""
    return text[:1] + "?□"[chance % 2]


def dotted(_: str, chance: int) -> str:
    """A name of two parts with one of the wrong middle dots."""
    return "阿依古丽" + "•・‧．"[chance % 4] + "买买提"


def traditional(text: str, _: int) -> str:
    """A traditional character in a name."""
    return "呂" + text[1:]


def radical(text: str, _: int) -> str:
    """A Kangxi radical that looks like the ordinary character.

    >>> import unicodedata; unicodedata.normalize("NFKC", radical("王芳", 0))
    '金芳'
    """
    return "⾦" + text[1:]


def symbols(text: str, _: int) -> str:
    """Signs that a compatibility normalisation would spoil."""
    return text + "①仓库面积½，约500㎡；№3"


def broken_lines(text: str, chance: int) -> str:
    """Commas, quotes and a line break inside one value."""
    return text[:7] + (',"东区",' if chance % 2 == 0 else "\n") + text[7:]


def other_dash(text: str, _: int) -> str:
    """A dash of another code table: U+2015 for U+2014."""
    return text + "\u2015\u2015以许可证为准"


def euro(text: str, _: int) -> str:
    """A euro sign that the old code page writes as byte 80."""
    return f"{text}（{EURO}结算）"


def garbled(text: str, _: int) -> str:
    """UTF-8 read as GBK, where that can be done without loss.

    >>> garbled("天津", 0), garbled("天津市", 0)
    ('澶╂触', '天津市')
    """
    try:
        return text.encode().decode("gb18030")
    except UnicodeDecodeError:
        return text


def document_number(text: str, chance: int) -> str:
    """A document's number in one of its forms behind the text."""
    return text + "批准文号：津滨审批" + ("【2019】11号", "[2019]第11号", "(2019) 11 号")[chance % 3]
