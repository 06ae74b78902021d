"""Can two classes of answers be told apart? Ranks, distributions, and a small classifier, in numpy.

An area under the curve (AUC) of 0.5 is a coin's; each is given as max(a, 1 - a), since an attacker may read a
feature either way.
"""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

_FOLDS = 5
_STEPS = 60


def rank_auc(first: Numbers, second: Numbers) -> float:
    """Return the AUC of one feature, whichever way it is read: 0.5 tells nothing, 1 tells all."""
    area = _chance_above(first, second)
    return max(area, 1 - area)


def _chance_above(first: Numbers, second: Numbers) -> float:
    """Return the chance that a sample of `second` lies above one of `first`, equal ones counted by half."""
    if not len(first) or not len(second):
        return 0.5
    ordered = np.sort(first)
    below = np.searchsorted(ordered, second, "left")
    within = np.searchsorted(ordered, second, "right") - below
    return float((below + within / 2).mean() / len(first))


def ks_p(first: Numbers, second: Numbers) -> float:
    """Return the p-value of the two-sample Kolmogorov-Smirnov test (its asymptotic form)."""
    if not len(first) or not len(second):
        return 1.0
    both = np.concatenate([first, second])
    distance = np.abs(
        np.searchsorted(np.sort(first), both, "right") / len(first)
        - np.searchsorted(np.sort(second), both, "right") / len(second)
    ).max()
    reach = np.sqrt(len(first) * len(second) / (len(first) + len(second)))
    weight = (reach + 0.12 + 0.11 / reach) * distance
    if weight < 0.2:  # noqa: PLR2004 - below it the series does not converge, and the value is one
        return 1.0
    terms = np.arange(1, 101)
    series = 2 * np.sum((-1.0) ** (terms - 1) * np.exp(-2 * (terms * weight) ** 2))
    return float(np.clip(series, 0, 1))


def classifier_auc(first: Numbers, second: Numbers, seed: int) -> float:
    """Return the mean AUC of a logistic model over all features (a row a sample), each fold judged by the others.

    Its direction is learned, so it is not turned round: below 0.5 it found nothing. Folds hold both classes alike,
    else what one lacks teaches the others the contrary.
    """
    features = _dressed(np.concatenate([first, second]))
    truth = np.concatenate([np.zeros(len(first)), np.ones(len(second))])
    random = np.random.default_rng(seed)
    folds = np.concatenate([random.permutation(len(each)) % _FOLDS for each in (first, second)])
    areas = []
    for fold in range(_FOLDS):
        learn, judge = folds != fold, folds == fold
        scores, of = features[judge] @ _fitted(features[learn], truth[learn]), truth[judge]
        areas.append(_chance_above(scores[of == 0], scores[of == 1]))
    return float(np.mean(areas))


def as_flags(codes: NDArray[np.int64]) -> Numbers:
    """Return one column for each code that occurs, so that a classifier sees shapes and not their numbers."""
    flags: Numbers = (codes[:, None] == np.unique(codes)[None, :]).astype(np.float64)
    return flags


def _dressed(features: Numbers) -> Numbers:
    """Return features of like scale, with their squares (a class may be the narrower one) and a constant."""
    middle, spread = np.median(features, axis=0), features.std(axis=0)
    even = np.clip((features - middle) / np.where(spread > 0, spread, 1), -4, 4)
    return np.column_stack([even, even**2, np.ones(len(even))])


def _fitted(features: Numbers, truth: Numbers) -> Numbers:
    """Return the weights of a logistic regression: Newton's steps, a little ridge."""
    weights = np.zeros(features.shape[1])
    ridge = np.eye(features.shape[1])
    for _ in range(_STEPS):
        guess = 1 / (1 + np.exp(-np.clip(features @ weights, -30, 30)))
        slope = features.T @ (truth - guess) - weights
        curve = (features * (guess * (1 - guess))[:, None]).T @ features + ridge
        step = np.linalg.solve(curve, slope)
        weights += step
        if float(np.abs(step).max()) < 1e-6:  # noqa: PLR2004 - converged
            break
    return weights
