"""Text to embeddings, in torch."""
