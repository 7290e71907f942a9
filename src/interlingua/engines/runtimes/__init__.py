"""One file a runtime: `require(precision)` and `start(folder, card)`."""
