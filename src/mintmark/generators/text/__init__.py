"""Text from language models, and from small ones that are trained here: one recipe a file, its prompts beside it."""
