"""Unified social credit code, GB 32100-2015: 18 characters of 31, with two check characters.

Place 1 the registering department, 2 the kind of body, 3–8 the registration authority (not the address), 9–17 the
organisation code of GB 11714 with its own check character, 18 the check character of the whole:
C18 = (31 − Σ Ci·3^(i−1) mod 31) mod 31. Letters I, O, S, V and Z are not used.

The standard's example: Σ = 1640, 1640 mod 31 = 28, 31 − 28 = 3.

>>> calc_check_digit("91350100M000100Y4")
'3'
>>> [check(code).rule for code in ("91350100M000100Y4Z", "91110000100003962T", "911100007109320225")]
['uscc.alphabet', 'uscc.check_digit', 'uscc.embedded']
>>> check("9112O116244997951g").after
'91120116244997951G'
"""

from __future__ import annotations

from operator import mul

import polars as pl

from exchange.core.identifiers import org_code
from exchange.core.identifiers.judging import Rule, compacted, damages
from exchange.core.identifiers.judging import judged as verdicts
from exchange.core.identifiers.pairs import PairSums, Sum
from exchange.core.identifiers.verdict import SOUND, Status, Verdict, accepted, damage
from exchange.core.identifiers.verdict import compact as bare

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = tuple(pow(3, place, 31) for place in range(17))

KINDS = {
    "1": "1239",
    "2": "19",
    "3": "123459",
    "4": "19",
    "5": "123459",
    "6": "129",
    "7": "129",
    "8": "19",
    "9": "1239",
    "A": "19",
    "N": "1239",
    "Y": "1",
}
"""First character → second characters in use (54, 55 unconfirmed). Another pair is doubtful, not wrong."""

PAIRS = tuple(first + second for first, seconds in KINDS.items() for second in seconds)

LOOKALIKES = {"O": "0", "I": "1", "Z": "2", "S": "5"}
"""Letters that GB 32100 leaves out, and the digit each is taken for. V is left out too and resembles no digit."""

_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_READ = str.maketrans(LOOKALIKES)


def compact(text: str) -> str:
    """Without blanks, invisible characters and hyphens; half width; upper case.

    >>> compact(" 91 350100-m000100y43")
    '91350100M000100Y43'
    """
    return bare(text).replace("-", "")


def format(text: str) -> str:
    """As it is printed: the eighteen characters without a mark between them."""
    return compact(text)


def calc_check_digit(body: str) -> str:
    """The 18th character for 17; ValueError for a character outside the alphabet.

    >>> calc_check_digit("91120116244997951"), calc_check_digit("91120118MA05K9AD5")
    ('G', 'L')
    """
    return ALPHABET[-sum(map(mul, map(ALPHABET.index, body), WEIGHTS)) % 31]


def calc_check_digits(body: str) -> str:
    """The 17th and 18th character for 16: that of the organisation code, then that of the whole.

    >>> calc_check_digits("91350100M000100Y")
    '43'
    """
    inner = body + org_code.calc_check_digit(body[8:])
    return inner[16] + calc_check_digit(inner)


def read_lookalikes(code: str) -> str:
    """O for 0, I for 1, Z for 2, S for 5, but only if pair and both check characters then hold; else the text as it is.

    Of random codes 0.17 % satisfy both check characters by chance (standards §0.2). Letters of the alphabet are never
    touched, so there is only one reading.

    >>> read_lookalikes("9112O116244997951G"), read_lookalikes("9112O116244997951H")
    ('91120116244997951G', '9112O116244997951H')
    """
    if len(code) != 18 or LOOKALIKES.keys().isdisjoint(code):
        return code
    read = code.translate(_READ)
    return code if _broken(read) else read


def _broken(code: str) -> str:
    """The rule that 18 characters break, or ""."""
    if not _VALUES.keys() >= set(code):
        return "uscc.alphabet"
    if calc_check_digit(code[:17]) != code[17]:
        return "uscc.check_digit"
    if org_code.calc_check_digit(code[8:16]) != code[16]:
        return "uscc.embedded"
    return "" if code[:2] in PAIRS else "uscc.kind"


def check(text: str, *, registering: bool = False) -> Verdict:
    """Length, alphabet, both check characters, pair of kinds; the rule named is the first that fails.

    `registering`: the text comes from the register that issued the code. It holds codes with wrong characters, so they
    are suspect and kept (standards §0.2).

    >>> check("91110000100003962T").status, check("91110000100003962T", registering=True).status
    ('invalid', 'suspect')
    """
    code = compact(text)
    lost = damage("uscc", text, code)
    if lost is not None:
        return lost
    if len(code) != 18:
        return Verdict("invalid", "uscc.length", text, code)
    code = read_lookalikes(code)
    rule = _broken(code)
    return Verdict(_consequence(rule, registering), rule, text, code) if rule else accepted(text, code)


def _consequence(rule: str, registering: bool) -> Status:
    return "invalid" if rule in ("uscc.alphabet", "uscc.check_digit") and not registering else "suspect"


def is_valid(text: str) -> bool:
    """Whether nothing is wrong or doubtful, after all repairs."""
    return check(text).status in SOUND


def _whole(place: int, two: str) -> int:
    """What two characters add to MOD 31: the last one counts once, so that the whole is a multiple of 31."""
    weights = (*WEIGHTS, 1)
    return (_VALUES.get(two[0], 0) * weights[place] + _VALUES.get(two[1], 0) * weights[place + 1]) % 31


def _inner(place: int, two: str) -> int:
    """What two characters add to MOD 11 of places 9–17: with X as 10 the whole is a multiple of 11."""
    if place < 8:
        return 0
    if place == 16:
        value = "0123456789X".find(two[0])
        return _NO_CHECK if value < 0 else value
    weights, values = org_code.WEIGHTS, org_code.VALUES
    return (values[two[0]] * weights[place - 8] + values[two[1]] * weights[place - 7]) % 11


_NO_CHECK = 64
"""Of a 17th character that can't be a check character: more than the sum of all others."""

SUMS = PairSums(
    18,
    {
        "kind": Sum(1, lambda place, two: int(place == 0 and two in PAIRS)),
        "whole": Sum(9, _whole),
        "inner": Sum(7, _inner),
        "left_out": Sum(4, lambda _place, two: int(not (two[0] in _VALUES and two[1] in _VALUES))),
    },
)
"""Every rule from nine look-ups: a pair in use, both check sums, pairs with a letter that the alphabet leaves out."""


def length_holds(code: pl.Expr) -> pl.Expr:
    """18 characters."""
    return code.str.len_chars() == 18


def alphabet_holds(code: pl.Expr) -> pl.Expr:
    """Only characters of GB 32100; null where the length is wrong."""
    return pl.when(length_holds(code)).then(_alphabet(SUMS.of(code)))


def kind_holds(code: pl.Expr) -> pl.Expr:
    """The first two characters are a pair in use."""
    return code.str.slice(0, 2).is_in(PAIRS)


def check_digit_holds(code: pl.Expr) -> pl.Expr:
    """18th character as GB 32100 computes it; null where length or alphabet is wrong."""
    return _check_digit(SUMS.of(code))


def embedded_holds(code: pl.Expr) -> pl.Expr:
    """17th character as GB 11714 computes it from 9–16; null where there are not 18 digits and capital letters."""
    return _embedded(SUMS.of(code))


def digits_hold(code: pl.Expr) -> pl.Expr:
    """Both check characters, the 18th and the 17th; null where length or alphabet is wrong."""
    # A function of the column: as an expression, polars would compute the sums anew for each rule.
    return SUMS.of(code).map_batches(_both_hold, return_dtype=pl.Boolean, is_elementwise=True)


def _both_hold(found: pl.Series) -> pl.Series:
    """`digits_hold` for a column of sums."""
    sums = pl.col("sums")
    return found.to_frame("sums").select(_check_digit(sums) & _embedded(sums)).to_series()


def _alphabet(sums: pl.Expr) -> pl.Expr:
    return sums < SUMS.least("left_out")


def _check_digit(sums: pl.Expr) -> pl.Expr:
    return SUMS.sound(sums, "whole", clear="left_out") % 31 == 0


def _embedded(sums: pl.Expr) -> pl.Expr:
    return SUMS.sound(sums, "inner").is_in(range(0, _NO_CHECK, 11))


def _kind(sums: pl.Expr) -> pl.Expr:
    return SUMS.part(sums, "kind") == 1


def lookalikes_read(code: pl.Expr) -> pl.Expr:
    """`read_lookalikes` of each text."""
    read = code.str.replace_many(list(LOOKALIKES), list(LOOKALIKES.values()))
    sums = SUMS.of(read)
    return pl.when(_check_digit(sums) & _embedded(sums) & _kind(sums)).then(read).otherwise(code)


def judged(text: pl.Series, *, registering: bool = False) -> pl.DataFrame:
    """`check` of each text: a frame of status, rule and the code as it is to be kept; null for null."""
    codes = compacted(text)
    if codes.str.contains("[OIZS-]").any():
        whole = pl.col("code").str.replace_all("-", "", literal=True)
        codes = codes.to_frame("code").select(lookalikes_read(whole)).to_series()
    numbers = pl.DataFrame({"after": codes}).with_columns(SUMS.of(pl.col("after")).alias("sums"))
    sums = pl.col("sums")
    holds = {
        "uscc.alphabet": _alphabet(sums),
        "uscc.check_digit": _check_digit(sums),
        "uscc.embedded": _embedded(sums),
        "uscc.kind": _kind(sums),
    }
    rules = (
        *damages("uscc", numbers["after"]),
        Rule("uscc.length", "invalid", ~length_holds(pl.col("after"))),
        *(Rule(name, _consequence(name, registering), ~held) for name, held in holds.items()),
    )
    return verdicts(text, numbers, rules)
