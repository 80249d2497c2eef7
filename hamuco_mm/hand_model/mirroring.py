from dataclasses import replace

import numpy as np

from .loading import HandModelData


def mirror(data: HandModelData) -> HandModelData:
    """The hand of the other side: a model mirrored across the plane x = 0.

    With ``S = diag(-1, 1, 1)``, the mirrored model posed by ``S R S`` is the
    mirror image of the model posed by ``R``, for equal betas.

    Args:
        data (HandModelData): A left or a right hand.

    Returns:
        HandModelData: The other one, with the same vertex order and outward
        faces.
    """
    flip = np.array([-1.0, 1.0, 1.0])
    # Entry (i, j) of S R S is s_i s_j R_ij.
    flip_rotations = np.tile(np.outer(flip, flip).ravel(), len(data.parents) - 1)
    # An axis of rotation mirrors with the opposite sign.
    flip_axes = np.tile(-flip, len(data.parents) - 1)
    return replace(
        data,
        v_template=data.v_template * flip,
        faces=data.faces[:, ::-1].copy(),
        shapedirs=data.shapedirs * flip[:, None],
        posedirs=data.posedirs * flip[:, None] * flip_rotations,
        hands_mean=data.hands_mean * flip_axes,
        hands_components=data.hands_components * flip_axes,
    )
