"""The main job on real input, for `interlingua quickstart`."""
