"""The prompts of text recipes: reviewable text in `prompts/NAME.txt`, beside the code that fills its places."""

from pathlib import Path

from mintmark.models import prompt
from mintmark.models.prompt import PLACE, Prompt, enclosed, numbered

__all__ = ["FOLDER", "PLACE", "Prompt", "chosen", "enclosed", "named", "numbered"]

FOLDER = Path(__file__).parent / "prompts"


def named(name: str) -> Prompt:
    """A prompt of our own, from `prompts/NAME.txt`."""
    return prompt.stored(FOLDER / f"{name}.txt")


def chosen(text: str | None, name: str) -> Prompt:
    """What the user wrote in the place of ours, or ours; RecipeError where theirs lacks a place that ours has."""
    return prompt.chosen(text, named(name))
