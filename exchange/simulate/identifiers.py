"""Invented identifiers with true check digits, computed over whole columns from tables of pieces.

A check sum is a sum over positions, so an identifier is cut into pieces of three or four characters whose texts and
partial sums stand in tables: two look-ups and an addition instead of eighteen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import product

import polars as pl

from exchange.simulate.draw import draw, joined, permuted, pick

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = tuple(pow(3, at, 31) for at in range(17))
ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
CITIZEN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CITIZEN_CHECKS = "10X98765432"

AUTHORITIES = ("120116", "120116", "120116", "120118", "120118", "120000", "120222")
"""Registration authorities whose codes Binhai firms carry (standards §0.3), the commonest more than once."""
KINDS = ("91", "91", "91", "91", "91", "91", "91", "92", "92", "93")
FIRST_BIRTH = date(1938, 1, 1)
BIRTH_DAYS = 25_000
"""Births 1938-01-01 to 2006-06-12."""
DAY_NUMBERS = 996
"""Sequence numbers of a day: 996 to 999 were kept for centenarians. 24,900,000 people before a number repeats."""


def _sum(text: str, values: str, weights: Sequence[int]) -> int:
    return sum(values.index(character) * weight for character, weight in zip(text, weights, strict=True))


ORG_VALUES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _org_pieces(first: str, alphabet: str, length: int, at: int) -> pl.DataFrame:
    """Texts `first` + every word of `length` characters, at place `at` of the eight, with both partial sums."""
    texts = [first + "".join(word) for word in product(alphabet, repeat=length)]
    stop = at + len(texts[0])
    org = [_sum(text, ORG_VALUES, ORG_WEIGHTS[at:stop]) for text in texts]
    uscc = [_sum(text, USCC_ALPHABET, USCC_WEIGHTS[8 + at : 8 + stop]) for text in texts]
    return pl.DataFrame(
        {"text": texts, "org": org, "uscc": uscc}, schema={"text": pl.String, "org": pl.UInt32, "uscc": pl.UInt32}
    )


DIGITS = 10_000
LETTERS = len(USCC_ALPHABET) ** 3


@cache
def _org_halves() -> tuple[pl.DataFrame, pl.DataFrame]:
    """First and second part of an organisation code's body: all-digit ones first, then those that begin with MA."""
    first = pl.concat([_org_pieces("", "0123456789", 4, 0), _org_pieces("MA", USCC_ALPHABET, 3, 0)])
    second = pl.concat([_org_pieces("", "0123456789", 4, 4), _org_pieces("", USCC_ALPHABET, 3, 5)])
    return first, second


@cache
def _uscc_heads() -> pl.DataFrame:
    texts = [kind + authority for kind in KINDS for authority in AUTHORITIES]
    sums = [_sum(text, USCC_ALPHABET, USCC_WEIGHTS[:8]) for text in texts]
    return pl.DataFrame({"text": texts, "uscc": sums}, schema={"text": pl.String, "uscc": pl.UInt32})


@dataclass(frozen=True)
class Uscc:
    """The code, the organisation code inside it, and whether the firm is of the years before MA codes (2015)."""

    code: pl.Series
    org: pl.Series
    old: pl.Series


def usccs(index: pl.Series, seed: int) -> Uscc:
    """Unified social credit codes (GB 32100-2015), one for each index and none twice below 10⁸.

    >>> len(usccs(pl.Series([0, 1, 2]), 1).code[0])
    18
    """
    first, second = _org_halves()
    head = _uscc_heads().select(pl.all().gather((draw(index, seed, "uscc.head") % len(_uscc_heads())).cast(pl.UInt32)))
    old = index.cast(pl.UInt64) % 3 == 0
    digits = permuted(index, seed, "uscc.digits", DIGITS * DIGITS)
    letters = permuted(index, seed, "uscc.letters", LETTERS * LETTERS)
    high = (digits // DIGITS).zip_with(old, letters // LETTERS + DIGITS)
    low = (digits % DIGITS).zip_with(old, letters % LETTERS + DIGITS)
    return _with_checks(head, first[_rows(high)], second[_rows(low)], old)


def _rows(index: pl.Series) -> pl.Series:
    return index.cast(pl.UInt32)


def _with_checks(head: pl.DataFrame, first: pl.DataFrame, second: pl.DataFrame, old: pl.Series) -> Uscc:
    """Both check digits: GB 11714-1997 modulo 11 at place 17, GB 32100-2015 modulo 31 at place 18."""
    remainder = (first["org"] + second["org"]) % 11
    org_check = pl.Series(["0", "X", "9", "8", "7", "6", "5", "4", "3", "2", "1"]).gather(remainder)
    org_value = pl.Series([USCC_ALPHABET.index(text) for text in "0X987654321"], dtype=pl.UInt32).gather(remainder)
    total = head["uscc"] + first["uscc"] + second["uscc"] + org_value * USCC_WEIGHTS[16]
    last = pl.Series([USCC_ALPHABET[-at % 31] for at in range(31)]).gather(total % 31)
    org = joined(first["text"], second["text"], org_check)
    return Uscc(joined(head["text"], org, last), org, old)


def uscc_fits(code: str) -> bool:
    """Whether the last character is the GB 32100-2015 check of the seventeen before it.

    >>> uscc_fits("91120116244997951G"), uscc_fits("91110000100003962T")
    (True, False)
    """
    total = _sum(code[:17], USCC_ALPHABET, USCC_WEIGHTS)
    return code[17:] == USCC_ALPHABET[-total % 31]


@cache
def birth_table() -> pl.DataFrame:
    """Every birth day: `text` YYYYMMDD, `iso` YYYY-MM-DD, `sum` its part of the MOD 11-2 sum."""
    days = [FIRST_BIRTH + timedelta(days=at) for at in range(BIRTH_DAYS)]
    texts = [f"{day:%Y%m%d}" for day in days]
    sums = [_sum(text, "0123456789", CITIZEN_WEIGHTS[6:14]) for text in texts]
    return pl.DataFrame({"text": texts, "iso": [day.isoformat() for day in days], "sum": sums})


@cache
def _sequences() -> pl.DataFrame:
    texts = [f"{at:03d}" for at in range(DAY_NUMBERS)]
    return pl.DataFrame({"text": texts, "sum": [_sum(text, "0123456789", CITIZEN_WEIGHTS[14:]) for text in texts]})


CITIZEN_ADDRESSES = ("120116",) * 12 + ("120107", "120108", "120109", "120102", "130203", "370602")
"""Mostly Binhai; its three old districts 120107–120109 (abolished 2009); Hedong, Tangshan, Yantai."""


@dataclass(frozen=True)
class Citizen:
    """The id number and what can be read from it."""

    number: pl.Series
    address: pl.Series
    born: pl.Series
    male: pl.Series


def citizens(index: pl.Series, seed: int) -> Citizen:
    """Citizen id numbers (GB 11643-1999, check by ISO 7064 MOD 11-2), one for each index, none twice below 24,900,000.

    >>> citizens(pl.Series([5]), 1).number.str.len_chars()[0]
    18
    """
    slot = permuted(index, seed, "citizen", BIRTH_DAYS * DAY_NUMBERS)
    day, sequence = birth_table()[_rows(slot // DAY_NUMBERS)], _sequences()[_rows(slot % DAY_NUMBERS)]
    addresses = pl.DataFrame(
        {"text": CITIZEN_ADDRESSES, "sum": [_sum(at, "0123456789", CITIZEN_WEIGHTS[:6]) for at in CITIZEN_ADDRESSES]}
    )
    place = addresses[_rows(draw(index, seed, "citizen.address") % len(addresses))]
    last = pl.Series(list(CITIZEN_CHECKS)).gather(_rows((place["sum"] + day["sum"] + sequence["sum"]) % 11))
    number = joined(place["text"], day["text"], sequence["text"], last)
    return Citizen(number, place["text"], day["iso"], slot % 2 == 1)


@cache
def _hybrid(modulus_digits: int = 4) -> pl.DataFrame:
    """ISO 7064 MOD 11,10 over four digits at once: line = 10⁴ × (state − 1) + digits."""
    states = []
    for state, digits in product(range(1, 11), range(10**modulus_digits)):
        states.append(_hybrid_state(state, f"{digits:0{modulus_digits}d}"))
    return pl.DataFrame({"state": states}, schema={"state": pl.UInt32})


def _hybrid_state(state: int, digits: str) -> int:
    for digit in digits:
        state = ((state + int(digit)) % 10 or 10) * 2 % 11
    return state


def reg_no_fits(number: str) -> bool:
    """Whether 15 characters are digits of which the last is the check digit of a registration number.

    >>> reg_no_fits("310230001716146"), reg_no_fits("310229607334939")
    (True, False)
    """
    return number.isdigit() and (_hybrid_state(10, number[:14]) + int(number[14])) % 10 == 1


def reg_numbers(index: pl.Series, seed: int) -> pl.Series:
    """15-digit registration numbers (GS15-2006, check by ISO 7064 MOD 11,10), none twice below 10⁸."""
    authorities = pl.Series(AUTHORITIES)
    chosen = draw(index, seed, "reg_no.authority")
    serial = permuted(index, seed, "reg_no", DIGITS * DIGITS)
    state = pick(chosen, pl.Series([_hybrid_state(10, at) for at in AUTHORITIES], dtype=pl.UInt32))
    for digits in (serial // DIGITS, serial % DIGITS):
        state = _hybrid()["state"].gather(_rows((state - 1) * DIGITS + digits))
    check = pl.Series([str((11 - at) % 10) for at in range(11)]).gather(state)
    return joined(pick(chosen, authorities), numbers(serial, 8), check)


CUSTOMS_PLACES = ("1202", "1207", "1210", "1217")
CUSTOMS_SERIAL = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@cache
def _customs_tails() -> pl.Series:
    return pl.Series(["".join(word) for word in product(CUSTOMS_SERIAL, repeat=2)])


def customs_codes(index: pl.Series, seed: int) -> pl.Series:
    """10-character customs registration codes: place, zone 1–9, enterprise type, serial; none twice below 2 × 10⁸."""
    heads = pl.Series(
        [f"{place}{zone}{kind}" for place in CUSTOMS_PLACES for zone in "1234569" for kind in "123456789"]
    )
    tails = _customs_tails()
    slot = permuted(index, seed, "customs", len(heads) * len(tails) ** 2)
    return joined(pick(slot, heads), pick(slot // len(heads), tails), pick(slot // (len(heads) * len(tails)), tails))


@cache
def _thousands() -> pl.Series:
    return pl.Series([f"{at:03d}" for at in range(1000)])


def numbers(value: pl.Series, width: int) -> pl.Series:
    """Numbers written with `width` ≤ 9 digits, zeros in front.

    >>> numbers(pl.Series([42, 1234]), 5).to_list()
    ['00042', '01234']
    """
    whole = joined(*(pick(value // 1000**place, _thousands()) for place in (2, 1, 0)))
    return whole if width == 9 else whole.str.slice(9 - width)


def mobiles(drawn: pl.Series) -> pl.Series:
    """Mobile numbers: 1, a digit 3 to 9, nine digits."""
    return joined(pick(drawn, pl.Series([f"1{at}" for at in range(3, 10)])), numbers(drawn // 7, 9))


def register_ids(index: pl.Series, seed: int) -> pl.Series:
    """18-digit inner keys of the business register (PRIPID), none twice below 10⁸."""
    return joined("1201160000", numbers(permuted(index, seed, "pripid", DIGITS * DIGITS), 8))
