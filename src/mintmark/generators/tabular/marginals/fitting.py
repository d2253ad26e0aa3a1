"""The distribution of a junction tree that fits noisy counts best.

Entropic mirror descent on least squares (McKenna, Sheldon, Miklau 2019): among all distributions that fit as well, it
ends at the one that claims the least. Each noisy table of counts has a potential of its own, so that a fit goes on
where the last one stopped when the tree has grown.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mintmark.generators.tabular.marginals.junction import Axes, Floats, JunctionTree, spread, summed


@dataclass(frozen=True)
class Counted:
    """Noisy counts over some columns, and the variance of their noise (one for all cells, or one for each)."""

    axes: Axes
    counts: Floats
    variance: Floats


def fitted(
    tree: JunctionTree, counted: Sequence[Counted], total: float, potentials: Sequence[Floats], *, steps: int
) -> tuple[list[Floats], list[Floats]]:
    """Potentials of each table, and the marginals of all cliques that they amount to."""
    if not counted:
        return [], tree.calibrated([np.zeros(tree.shape(clique)) for clique in tree.cliques])
    homes = [tree.home(each.axes) for each in counted]
    theta = [*potentials, *(np.zeros(each.counts.shape) for each in counted[len(potentials) :])]
    step = float(np.median([each.variance.mean() for each in counted])) / max(total, 1.0) ** 2
    marginals = tree.calibrated(logs(tree, counted, theta))
    loss, slopes = _loss(tree, counted, homes, marginals, total)
    for _ in range(steps):
        moved = [potential - step * slope for potential, slope in zip(theta, slopes, strict=True)]
        there = tree.calibrated(logs(tree, counted, moved))
        found, steeper = _loss(tree, counted, homes, there, total)
        if found < loss:
            theta, marginals, loss, slopes, step = moved, there, found, steeper, 1.6 * step
        else:
            step /= 3
    return theta, marginals


def logs(tree: JunctionTree, counted: Sequence[Counted], potentials: Sequence[Floats]) -> list[Floats]:
    """What each clique's potentials sum to."""
    out = [np.zeros(tree.shape(clique)) for clique in tree.cliques]
    for each, potential in zip(counted, potentials, strict=True):
        home = tree.home(each.axes)
        out[home] += spread(potential, each.axes, tree.cliques[home])
    return out


def _loss(
    tree: JunctionTree, counted: Sequence[Counted], homes: Sequence[int], marginals: Sequence[Floats], total: float
) -> tuple[float, list[Floats]]:
    loss, slopes = 0.0, []
    for each, home in zip(counted, homes, strict=True):
        apart = total * summed(marginals[home], tree.cliques[home], each.axes) - each.counts
        slope = apart / each.variance
        loss += float((apart * slope).sum()) / 2
        slopes.append(total * slope)
    return loss, slopes
