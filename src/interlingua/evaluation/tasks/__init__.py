"""One file an evaluation: a pure metric, and `evaluate(encode, ...)`."""
