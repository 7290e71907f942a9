"""Whether a trimmed vocabulary spells the texts it is given."""

from collections.abc import Sequence

import numpy as np

from interlingua.progress import is_first, log
from interlingua.shapes import Int32
from interlingua.tokenization import Tokenizer


class Coverage:
    """Whether the texts that are encoded can be spelled by a vocabulary that was trimmed to some languages."""

    def __init__(self, languages: Sequence[str], silent: bool = False) -> None:
        self.languages = tuple(languages)
        self.silent = silent or not languages
        """Whether there is nothing to say."""
        self._said = set[str]()

    def look(self, tokenizer: Tokenizer, ids: Sequence[Int32[np.ndarray, " _"]]) -> None:
        """Warn, once, of texts that hold characters outside the vocabulary."""
        lost = 0 if self.silent or self._said else sum(tokenizer.unknown(some) > 0 for some in ids)
        if lost and is_first(self._said, "lost"):
            log(
                f"{lost:,} of {len(ids):,} texts hold characters outside the vocabulary, which was trimmed to "
                f"{', '.join(self.languages)}; their vectors miss them"
            )
