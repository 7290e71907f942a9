"""Texts that are translations of each other, with all that their file knows of them."""
