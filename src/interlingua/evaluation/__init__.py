"""How good embeddings are: tasks/ has one file a task, the helpers stand here."""
