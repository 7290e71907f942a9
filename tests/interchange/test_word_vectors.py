"""Files of word vectors as anybody may have made them."""

import numpy as np
import pytest

from interlingua.errors import DataError
from interlingua.interchange import word_vectors


def test_words_and_their_numbers(tmp_path):
    file = tmp_path / "vectors.txt"
    file.write_text("2 3\ncat 1 2 3.5\n. -1e-3 0 1\n")
    words, vectors = word_vectors.read(file, 10)
    assert words == ["cat", "."]
    np.testing.assert_array_equal(vectors, np.array([[1, 2, 3.5], [-1e-3, 0, 1]], np.float32))


@pytest.mark.parametrize("number", ["1e39", "-1e39", "1e999", "inf", "nan"])
def test_a_number_that_no_float_holds(tmp_path, number):
    """As the fuzzer found it: numpy warned of the overflow, beside the error."""
    file = tmp_path / "vectors.txt"
    file.write_text(f"cat 1 2\ndog 1 {number}\n")
    with pytest.raises(DataError, match=":2: 2 finite numbers"):
        word_vectors.read(file, 10)
