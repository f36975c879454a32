"""Check digit of the EMAID over its 14 characters, as eMI3 and OCHP describe it.

Each character's index v in 0-9A-Z is split: v div 9 into two bits q, v mod 9 into two ternary
digits r. The i-th pair is multiplied by the i-th power of a fixed matrix, modulo 2 and modulo 3.
The check digit is the character that, as the 15th, brings both sums to zero; its two halves have
the closed forms used below.
"""

from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Matrix = tuple[tuple[int, int], tuple[int, int]]


def _powers(corner: int, modulus: int) -> list[Matrix]:
    """The first 14 powers of ((0, 1), (1, corner))."""
    powers: list[Matrix] = [((0, 1), (1, corner))]
    while len(powers) < 14:
        (a, b), (c, d) = powers[-1]
        powers.append(
            ((b, (a + b * corner) % modulus), (d, (c + d * corner) % modulus)),
        )
    return powers


_BINARY: Final = _powers(1, 2)
_TERNARY: Final = _powers(2, 3)


def check_digit(characters: str) -> str:
    """Compute the 15th character for the 14 (upper case, no separators) of an EMAID."""
    q1 = q2 = r1 = r2 = 0
    for character, binary, ternary in zip(characters, _BINARY, _TERNARY, strict=True):
        quotient, remainder = divmod(ALPHABET.index(character), 9)
        x, y = divmod(quotient, 2)
        q1 += x * binary[0][0] + y * binary[1][0]
        q2 += x * binary[0][1] + y * binary[1][1]
        x, y = divmod(remainder, 3)
        r1 += x * ternary[0][0] + y * ternary[1][0]
        r2 += x * ternary[0][1] + y * ternary[1][1]
    # The 15th power is the identity modulo 2 and the inverse of the matrix modulo 3.
    quotient = 2 * (-q1 % 2) + (-q2 % 2)
    remainder = 3 * (-r2 % 3) + (-r1 + r2) % 3
    return ALPHABET[quotient * 9 + remainder]
