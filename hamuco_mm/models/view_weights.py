"""How much each view counts, by how far off it expects its joints to be."""

from dataclasses import replace

from torch import Tensor

from ..structures import HandEstimate, ViewGroups


def metres_per_unit(estimate: HandEstimate) -> Tensor:
    """Length in metres of a half of the crop's side at each hand, (N, 1).

    Args:
        estimate (HandEstimate): N hands, whose cameras are what
            :func:`~hamuco_mm.geometry.project_weak_perspective` projects by.
    """
    return 1 / (2 * estimate.camera[:, :1])


def view_weights(estimate: HandEstimate) -> Tensor:
    """Weight of each view in a fusion: the inverse square of its scale.

    The scale of a view is the geometric mean of those of its joints, in
    metres, so that near and far views compare. No gradient reaches it: views
    do not become sure of themselves in order to count more.

    Args:
        estimate (HandEstimate): N views with ``keypoint_scales``.

    Returns:
        Tensor: 1 / b^2 in 1/m^2, (N,).
    """
    scales = _in_metres(estimate).detach()
    return (-2 * scales.log().mean(-1)).exp()


def with_fused_scales(
    fused: HandEstimate,
    views: HandEstimate,
    groups: ViewGroups,
    weights: Tensor | None,
) -> HandEstimate:
    """How far off the joints of the fused hand are expected to be.

    As of a weighted mean of the views, whose errors are taken for
    independent. What they have in common makes the fused hand's larger: a
    factor that is fitted on validation data makes up for it.

    Args:
        fused (HandEstimate): The fused hand in each of N views.
        views (HandEstimate): What was fused, with ``keypoint_scales``.
        groups (ViewGroups): Which views belong together.
        weights (Tensor, optional): Of the B x V views, as the fusion counted them,
            (B, V). Defaults to ones.

    Returns:
        HandEstimate: ``fused`` with ``keypoint_scales`` in each crop's units.
    """
    scales = groups.to_padded(_in_metres(views))
    weights = groups.mask.to(scales) if weights is None else weights
    share = weights / weights.sum(1, keepdim=True)
    variance = (share[:, :, None] * scales).square().sum(1, keepdim=True)
    metres = groups.to_flat(variance.sqrt().expand_as(scales))
    return replace(fused, keypoint_scales=metres / metres_per_unit(fused))


def _in_metres(estimate: HandEstimate) -> Tensor:
    if estimate.keypoint_scales is None:
        raise ValueError(
            'the views do not say how far off their joints are: set '
            'with_uncertainty=True in head and view_head'
        )
    return estimate.keypoint_scales * metres_per_unit(estimate)
