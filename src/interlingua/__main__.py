"""`python -m interlingua` is `interlingua`."""

from interlingua.cli import main

main()
