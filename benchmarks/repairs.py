"""How often a spoiled number is repaired rightly, refused, or taken for another: seeded corruptions of invented numbers.

`python -m benchmarks.repairs` prints the tables of docs/identifiers.md (100,000 corruptions a kind). It ends with an
error if a repair was wrong.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from exchange.core.identifiers import citizen_id, uscc
from exchange.core.identifiers.verdict import SOUND

TIMES = 100_000
SEED = 4

Chance = random.Random
Spoil = Callable[[Chance, str], str]
Judge = Callable[[pl.Series], pl.DataFrame]


def credit_code(chance: Chance) -> str:
    """An invented credit code; half of the organisation codes are of digits, as those before 2015."""
    authority = chance.choice(("120116", "120118", "120000", "110108", "370202"))
    letters = chance.random() < 0.5
    org = "MA" + "".join(chance.choices(uscc.ALPHABET, k=6)) if letters else f"{chance.randrange(10**8):08}"
    body = chance.choice(("91", "91", "91", "92", "93", "12", "52", "N2")) + authority + org
    return body + uscc.calc_check_digits(body)


def card(chance: Chance) -> str:
    """An invented citizen id."""
    born = date(1930, 1, 1) + timedelta(chance.randrange(33_000))
    body = chance.choice(("120116", "120101", "110105", "370202", "532932")) + born.strftime("%Y%m%d")
    body += f"{chance.randrange(1_000):03}"
    return body + citizen_id.calc_check_digit(body)


def placed(chance: Chance, text: str, characters: str, most: int) -> str:
    """The text with one to `most` of these characters put in anywhere."""
    for _ in range(chance.randint(1, most)):
        at = chance.randint(0, len(text))
        text = text[:at] + chance.choice(characters) + text[at:]
    return text


def widened(chance: Chance, text: str) -> str:
    """Some characters in full width."""
    return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" and chance.random() < 0.5 else one for one in text)


def alike(count: int) -> Spoil:
    """So many digits written as the letters they look like."""
    letters = {digit: letter for letter, digit in uscc.LOOKALIKES.items()}

    def spoil(chance: Chance, text: str) -> str:
        places = [at for at, one in enumerate(text) if one in letters]
        chosen = set(chance.sample(places, count)) if len(places) >= count else set()
        return "".join(letters[one] if at in chosen else one for at, one in enumerate(text))

    return spoil


def substituted(count: int) -> Spoil:
    """So many characters replaced by others of the same alphabet."""

    def spoil(chance: Chance, text: str) -> str:
        alphabet = uscc.ALPHABET if not text[:17].isdigit() or chance.random() < 0.2 else "0123456789"
        places = chance.sample(range(len(text)), count)
        return "".join(chance.choice(alphabet.replace(one, "")) if at in places else one for at, one in enumerate(text))

    return spoil


def swapped(chance: Chance, text: str) -> str:
    """Two neighbours in each other's place."""
    at = chance.randrange(len(text) - 1)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def dropped(chance: Chance, text: str) -> str:
    """One character left out."""
    at = chance.randrange(len(text))
    return text[:at] + text[at + 1 :]


def doubled(chance: Chance, text: str) -> str:
    """One character twice."""
    at = chance.randrange(len(text))
    return text[:at] + text[at] + text[at:]


def floated(chance: Chance, text: str) -> str:
    """Shown by a spreadsheet or a program as a float; texts with a letter stay as they are."""
    if not text.isdigit():
        return text
    return chance.choice((f"{float(text):.5E}", f"{float(text):.1f}", repr(float(text)), f"{float(text):.14E}"))


def rounded(_chance: Chance, text: str) -> str:
    """Read as a float and written back as a whole number."""
    return str(int(float(text))) if text.isdigit() else text


def aged(_chance: Chance, text: str) -> str:
    """The number of 15 digits that the bearer had before 1999."""
    return text[:6] + text[8:17] if text[6:8] == "19" and not text[14:17].startswith("99") else text


UNSEEN = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\xad\x00"
BLANKS = " \t\u00a0\u3000\u2003\n"

REPAIRABLE: Mapping[str, Spoil] = {
    "full width": widened,
    "small letters": lambda _chance, text: text.lower(),
    "look-alike letter, one": alike(1),
    "look-alike letters, two": alike(2),
    "look-alike letters, three": alike(3),
    "invisible characters": lambda chance, text: placed(chance, text, UNSEEN, 3),
    "blanks": lambda chance, text: placed(chance, text, BLANKS, 4),
    "hyphens and dashes": lambda chance, text: placed(chance, text, "-－–—‐−", 3),
    "a spreadsheet's marks": lambda chance, text: chance.choice(("'{}", '="{}"', "‘{}", "`{}", "＇{}")).format(text),
    "Cyrillic or Roman X": lambda chance, text: text.replace("X", chance.choice("ⅩⅹХх")),
    "all of these writings": lambda chance, text: widened(chance, placed(chance, text.lower(), UNSEEN + " -", 5)),
    "15 digits": aged,
}
MIXED = "one look-alike letter and two other characters"
LOSSES: Mapping[str, Spoil] = {
    "float, shown as one": floated,
    "float, written back whole": rounded,
    "a character left out": dropped,
    "a character twice": doubled,
    "neighbours swapped": swapped,
    "another character, one": substituted(1),
    "other characters, two": substituted(2),
    MIXED: lambda chance, text: alike(1)(chance, substituted(2)(chance, text)),
}
CARDS_ONLY, CODES_ONLY = ("15 digits",), (MIXED,)


@dataclass(frozen=True)
class Count:
    """Of the spoiled texts: judged to be the number they were, no number or a doubtful one, another number."""

    right: int
    refused: int
    wrong: int


def spoiled(spoil: Spoil, made: Callable[[Chance], str], chance: Chance) -> tuple[list[str], list[str]]:
    """Numbers and what became of them; those that the corruption leaves alone are drawn again."""
    numbers: list[str] = []
    texts: list[str] = []
    while len(texts) < TIMES:
        number = made(chance)
        text = spoil(chance, number)
        if text != number:
            numbers.append(number)
            texts.append(text)
    return numbers, texts


def count(judged: Judge, numbers: list[str], texts: list[str]) -> Count:
    """What the verdicts say of the spoiled texts."""
    verdicts = judged(pl.Series("text", texts)).with_columns(pl.Series("number", numbers))
    sound = verdicts["status"].is_in(SOUND)
    same = verdicts["after"] == verdicts["number"]
    return Count(int((sound & same).sum()), int((~sound).sum()), int((sound & ~same).sum()))


def table(title: str, kinds: Mapping[str, Spoil]) -> int:
    """Print one table; the number of texts taken for another number."""
    kind_of: dict[str, tuple[Callable[[Chance], str], Judge]] = {
        "credit code": (credit_code, uscc.judged),
        "citizen id": (card, citizen_id.judged),
    }
    sys.stdout.write(f"\n| {title} | number | right | refused | another number |\n|---|---|--:|--:|--:|\n")
    wrong = 0
    for name, spoil in kinds.items():
        for of, (made, judged) in kind_of.items():
            if name in (CARDS_ONLY if of == "credit code" else CODES_ONLY):
                continue
            found = count(judged, *spoiled(spoil, made, Chance(f"{SEED} {name} {of}")))
            wrong += found.wrong
            sys.stdout.write(f"| {name} | {of} | {found.right:,} | {found.refused:,} | {found.wrong:,} |\n")
            sys.stdout.flush()
    return wrong


def main() -> int:
    """Print both tables; 1 if a writing that can be repaired was taken for another number."""
    wrong = table("writing", REPAIRABLE)
    table("loss", LOSSES)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
