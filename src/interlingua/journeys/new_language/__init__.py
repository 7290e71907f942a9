"""The whole path of a language that a model does not know: what there is, what is made of it, what it brought."""
