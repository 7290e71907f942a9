"""Language packs over a shared body."""
