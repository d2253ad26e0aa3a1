"""Text as words, n-grams and signatures: pure functions of text, for filters, metrics and recipes alike."""
