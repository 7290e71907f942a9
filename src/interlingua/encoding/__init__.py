"""Texts to embeddings, whatever the model: batches, streams, a cache."""
