"""Whether a plan should be carried out at all: what is proposed, the rules that examine it, and what they stand on."""
