"""What tests of text methods share: a model that is a script, a stream of chance, and a workshop that hears all."""

import numpy as np

from mintmark.generators.workshop import Workshop


def scripted(*rules, **more):
    """A model that gives the reply of the first rule whose pattern is in the prompt: `("red fruit", "An apple.")`."""
    told = [{"match": match, "reply": reply} for match, reply in rules]
    return {"use": "models.scripted", "parameters": {"rules": told, **more}}


def rng(seed=1):
    return np.random.default_rng(seed)


class Told:
    """A workshop, with all that it is told."""

    def __init__(self):
        self.aside, self.keys, self.counted = [], [], []
        self.workshop = Workshop(aside=lambda *told: self.aside.append(told), asked=self.keys.extend,
                                 counted=lambda *told: self.counted.append(told))  # fmt: skip

    @property
    def reasons(self):
        """Why texts were put aside, in order."""
        return [reason for reason, _, _ in self.aside]
