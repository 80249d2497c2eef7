"""Parameters of the hand model for hands that are not the network's own."""

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import ArrayLike

from ..hand_model import PARAMETER_SIZES, HandParameters, MANOLayer
from ..hand_model.fitting import fit_hands
from ..structures import PredictedViews, Stage

#: What the fields of hands in the world end with.
WORLD = '_world'
# Metres; the decimals of files leave a hundredth of it.
_SAME = 1e-4


def fitted_parameters(
    hand: MANOLayer, vertices: ArrayLike, suffix: str = ''
) -> dict[str, np.ndarray]:
    """The parameters of the hands that are nearest to meshes, as fields.

    Args:
        hand (MANOLayer): Of the side that the hands are of.
        vertices (ArrayLike): Metres in any frame, (N, 778, 3).
        suffix (str): What the names of the fields end with.

    Returns:
        dict: ``global_orient`` (N, 3), ``hand_pose`` (N, 45), ``betas`` (N, 10),
        ``transl`` (N, 3), and ``fit_error`` (N,), the mean distance of the
        vertices in metres.
    """
    hands, error = fit_hands(hand, torch.as_tensor(np.asarray(vertices)))
    fields = {name: getattr(hands, name).numpy() for name in PARAMETER_SIZES}
    fields['fit_error'] = error.numpy()
    return {name + suffix: values for name, values in fields.items()}


def with_parameters(
    views: PredictedViews, stage: Stage, hand: MANOLayer, in_world: bool = False
) -> PredictedViews:
    """Views whose hands have parameters.

    The hand of a single view is one of the hand model, and the network gives
    its parameters. The fused hand and that in the world are means of several:
    they get the parameters of the nearest hand, and ``fit_error``, see
    :func:`fitted_parameters`. This takes about 0.1 s a hand.

    Args:
        views (PredictedViews): With meshes of the stage.
        stage (Stage): Whose hands.
        hand (MANOLayer): The hand model, of the side that the hands are of.
        in_world (bool): Whether the hands in the world (``vertices_world``) are
            meant, or those of the views.

    Raises:
        ValueError: If there are no such meshes, or parameters that are there already
            are those of another hand model or side.
    """
    field = 'vertices' + WORLD if in_world else stage.field('vertices')
    if field not in views.predictions:
        raise ValueError(
            f'the predictions have no {field}, to which parameters could be fitted: '
            'they are in files of the inferencer with save_vertices '
            '(--save-vertices), and in those of test.py --dump'
        )
    known = dict(views.predictions)
    _check_hand_model(known, hand)
    if in_world:
        steps = views.time_steps()
        first = [rows[0] for rows in steps]  # it is the same in all views
        fitted = fitted_parameters(hand, known[field][first], WORLD)
        sizes = list(map(len, steps))
        known.update({name: np.repeat(x, sizes, 0) for name, x in fitted.items()})
    elif stage.field('betas') not in known:
        known.update(fitted_parameters(hand, known[field], stage.suffix))
    return replace(views, predictions=known)


def _check_hand_model(known: dict[str, np.ndarray], hand: MANOLayer) -> None:
    """Refuse a model with which the network's own parameters, of whichever stage, do
    not give the first mesh."""
    stage = next(
        (s for s in Stage if {s.field('betas'), s.field('vertices')} <= known.keys()),
        None,
    )
    if stage is None:
        return
    parameters = HandParameters(
        *(
            torch.as_tensor(known[stage.field(name)][:1], dtype=torch.float64)
            for name in PARAMETER_SIZES
        )
    )
    mesh = parameters.mesh(hand).vertices.numpy()
    off = np.abs(mesh - known[stage.field('vertices')][:1]).max()
    if not off < _SAME:
        other = 'left' if hand.side == 'right' else 'right'
        raise ValueError(
            f'the parameters of the first hand give a mesh that is {off:.3g} m off '
            f'its own with the {hand.side} hand of {hand.name}: are these {other} '
            f'hands (--side {other}), or hands of a MANO file (--hand-model)?'
        )
