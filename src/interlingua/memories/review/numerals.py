"""Numbers that one text has in digits and the other in another way: in Chinese or Roman numerals, by the thousand or
the ten thousand, as the number of a month, in a clock of twelve hours.
"""

import re
from collections import Counter
from collections.abc import Iterator

HAN = re.compile("[〇零一二三四五六七八九十百千万萬两兩]+")
DIGITS = {sign: value for value, sign in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "兩": 2}
POWERS = {"十": 10, "百": 100, "千": 1000}
ROMAN = re.compile(r"\b(?=[IVXLCDM]{2})M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})\b")
LETTERS = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
SCALED = re.compile("[0-9０-９][ 多余餘数]*(?:[十百千万萬億亿兆만억]|тыс|млн|млрд)")
MONTH = re.compile("([0-9０-９]{1,2}) *[月월]")
HALF = re.compile("[0-9]:30(?![0-9])")
HALF_A_DAY = 12


def in_other_ways(
    more: Counter[str], less: Counter[str], source: str, target: str
) -> tuple[Counter[str], Counter[str]]:
    """Which of the numbers (as their digits) that only the source or only the target has stand in the other text in no
    way at all.
    """
    if not (more or less):
        return more, less
    more -= Counter([*_numerals(target), *_months(source), *_halves(source)])
    less -= Counter([*_numerals(source), *_months(target), *_halves(target)])
    for one in list(more):
        for other in list(less):
            if _is_same_time(one, other, ":" in source + target):
                both = Counter({one: min(more[one], less[other])}), Counter({other: min(more[one], less[other])})
                more, less = more - both[0], less - both[1]
    if SCALED.search(source) or SCALED.search(target):  # 30 billion and 300億, 9,700 and 9,7 тыс.
        one, other = ({number.strip("0") for number in side} for side in (more, less))
        if "".join(more).replace("0", "") == "".join(less).replace("0", ""):
            return Counter(), Counter()
        more = Counter({number: n for number, n in more.items() if number.strip("0") not in other})
        less = Counter({number: n for number, n in less.items() if number.strip("0") not in one})
    return more, less


def _is_same_time(one: str, other: str, with_clock: bool) -> bool:
    """Whether these may be hours of one time (4:10 and 16:10), or a decade with and without its century."""
    if with_clock and max(len(one), len(other)) <= 2:
        return abs(int(one) - int(other)) == HALF_A_DAY
    short, long = sorted((one, other), key=len)
    return len(long) == 4 and len(short) == 2 and long[:2] in ("19", "20") and long[2:] == short and short[1] == "0"


def _halves(text: str) -> Iterator[str]:
    """Half hours, which other languages have as a word."""
    return ("30" for _ in HALF.finditer(text))


def _months(text: str) -> Iterator[str]:
    """Months that are numbers, which other languages have as names."""
    return (str(int(match[1])) for match in MONTH.finditer(text))


def _numerals(text: str) -> Iterator[str]:
    """Chinese and Roman numerals, as digits."""
    for match in HAN.finditer(text):
        yield str(_of_han(match[0]))
    for match in ROMAN.finditer(text):
        values = [LETTERS[letter] for letter in match[0]]
        yield str(sum(-one if one < max(values[place:]) else one for place, one in enumerate(values)))


def _of_han(numeral: str) -> int:
    if not any(sign in POWERS or sign in "万萬" for sign in numeral):
        return int("".join(str(DIGITS[sign]) for sign in numeral)[:18])
    total = section = digit = 0
    for sign in numeral[:18]:
        if sign in POWERS:
            section += (digit or 1) * POWERS[sign]
            digit = 0
        elif sign in "万萬":
            total, section, digit = (total + section + digit or 1) * 10_000, 0, 0
        else:
            digit = DIGITS[sign]
    return total + section + digit
