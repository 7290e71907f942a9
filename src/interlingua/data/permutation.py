"""Random orders of any length: one too long for memory is computed, a number at a time, instead of drawn and kept."""

from typing import TypeAlias

import numpy as np
from jaxtyping import Int64

LISTED = 2**20
"""Numbers up to which an order is drawn and kept, as numpy draws it."""
ROUNDS = 4


class Computed:
    """A random order that is a function of its keys: each place is enciphered, in constant time and memory.

    A number is a pair (left, right) of digits. Each round adds to either a hash of the other, which can be undone, so
    no two numbers become one; and what falls outside is enciphered again until it falls inside (Black & Rogaway 2002,
    "Ciphers with Arbitrary Finite Domains").
    """

    def __init__(self, count: int, keys: np.ndarray) -> None:
        self.count, self._keys = count, keys
        self._right = np.uint64(int(np.ceil(np.sqrt(count))))
        self._left = np.uint64(-(-count // int(self._right)))

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, places: "Int64[np.ndarray, ' P'] | slice") -> Int64[np.ndarray, " P"]:
        """What stands at these places."""
        if isinstance(places, slice):
            places = np.arange(*places.indices(self.count))
        numbers = self._enciphered(places.astype(np.uint64))
        while (outside := numbers >= self.count).any():
            numbers[outside] = self._enciphered(numbers[outside])
        return numbers.astype(np.int64)

    def _enciphered(self, numbers: np.ndarray) -> np.ndarray:
        left, right = np.divmod(numbers, self._right)
        for one, other in self._keys.reshape(-1, 2):
            left = (left + _hashed(right ^ one) % self._left) % self._left
            right = (right + _hashed(left ^ other) % self._right) % self._right
        return left * self._right + right


def _hashed(numbers: np.ndarray) -> np.ndarray:
    """The finaliser of SplitMix64 (Steele, Lea & Flood 2014)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


Order: TypeAlias = Int64[np.ndarray, " N"] | Computed


def permutation(random: np.random.Generator, count: int) -> Order:
    """A random order of `count` numbers, to be indexed with an array or a slice."""
    if count <= LISTED:
        return random.permutation(count)
    return Computed(count, random.integers(0, 2**63, size=2 * ROUNDS, dtype=np.uint64))
