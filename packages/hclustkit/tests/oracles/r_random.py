"""The uniform random numbers of R, so that a result with a seed can be met digit for digit."""

from __future__ import annotations

import numpy as np

_WORD = 0xFFFFFFFF


class RUniform:
    """``runif`` of R after ``set.seed(seed)``: Mersenne Twister, R's default generator.

    R spreads the seed over the 624 words of the generator by the congruence
    s -> 69069 s + 1 (mod 2^32), after 50 rounds of it and one word that it throws away.
    A number is a 32-bit word / 2^32; the impossible 0 becomes a half step.

    Parameters
    ----------
    seed : int
        In 0..2^31-1.
    """

    def __init__(self, seed: int) -> None:
        word = seed
        words = []
        for _ in range(50 + 1 + 624):
            word = (69069 * word + 1) & _WORD
            words.append(word)
        self._bits = np.random.MT19937(0)
        self._bits.state = {
            "bit_generator": "MT19937",
            "state": {"key": np.array(words[51:], dtype=np.uint32), "pos": 624},
        }

    def __call__(self, count: int) -> np.ndarray:
        """The next ``count`` numbers, in 0..1 without the ends."""
        number = self._bits.random_raw(count) * 2.0**-32
        return np.where(number == 0, 0.5 * 2.328306437080797e-10, number)


def uniform_sets(x: np.ndarray, kind: str, draws: int, seed: int) -> np.ndarray:
    """The reference sets of cluster::clusGap after ``set.seed(seed)``, shape (B, n, p).

    The principal components keep the sign that LAPACK gives them, as in R.
    """
    mean = x.mean(axis=0)
    centred = x - mean
    whole = kind == "original"
    axes = np.eye(x.shape[1]) if whole else np.linalg.svd(centred, full_matrices=False)[2].T
    turned = centred @ axes
    low, width = turned.min(axis=0), np.ptp(turned, axis=0)
    stream = RUniform(seed)
    uniform = (stream(turned.size).reshape(turned.shape[::-1]).T for _ in range(draws))
    return np.array([(low + draw * width) @ axes.T + mean for draw in uniform])
