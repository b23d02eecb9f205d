# Numbers of softbox's JSON, exactly; fractions as decimals of 45 digits. Shares nothing with the library.
# SPDX-License-Identifier: GPL-3.0-or-later
from decimal import Decimal, getcontext
from fractions import Fraction

getcontext().prec = 45


def q(text):
    text = str(text)
    if '0x' in text:
        sign = -1 if text.startswith('-') else 1
        head, _, power = text.lstrip('-')[2:].partition('p')
        whole, _, part = head.partition('.')
        n = Fraction(int(whole + part, 16), 16 ** len(part))
        p = int(power or 0)
        return sign * n * (Fraction(2) ** p)
    return Fraction(text)


def dec(f):
    return Decimal(f.numerator) / Decimal(f.denominator)
