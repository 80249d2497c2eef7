from collections.abc import Sequence

import torch
from mmengine.model import BaseModule
from mmpose.registry import MODELS
from torch import Tensor, nn

from ...structures import HandEstimate, ViewGroups
from ..layers import (
    DEFAULT_GCN,
    CrossViewAttention,
    ViewSharedFeature,
    hide_random_views,
    keep_random_views,
)
from .view_shared_graph import (
    DEFAULT_GLOBAL_LAYER,
    DEFAULT_LOCAL_LAYER,
    DEFAULT_LOCATION_LAYER,
    ViewSharedGraphFeature,
)


class DualBranchInteraction(BaseModule):
    """DCVI: ``G* = F_t(G) + C'`` (paper, section 3.2.2), where the attention
    branch F_t holds the residual of G.

    Args:
        channels (int): Width of the graph features.
        num_heads (int): Attention heads.
        with_attention (bool): The cross-view attention branch (CVA).
        with_shared_feature (bool): The view-shared feature branch (VSF).
        random_view_mask (bool): In training, pool over 1..V random views and
            hide 1..V-1 random other views from each query view, one draw per
            batch, so that the network works with any number of views (paper,
            section 4.6).
        attention_cfg (dict, optional): Other arguments of
            :class:`~hamuco_mm.models.layers.CrossViewAttention`.
        gcn_layer (dict): Config of VSF's graph convolution.
    """

    def __init__(
        self,
        channels: int,
        num_heads: int,
        with_attention: bool,
        with_shared_feature: bool,
        random_view_mask: bool,
        attention_cfg: dict | None = None,
        gcn_layer: dict = DEFAULT_GCN,
    ) -> None:
        super().__init__()
        self.attention = (
            CrossViewAttention(channels, num_heads, **(attention_cfg or {}))
            if with_attention
            else None
        )
        self.shared_feature = (
            ViewSharedFeature(channels, gcn_layer) if with_shared_feature else None
        )
        self.random_view_mask = random_view_mask

    def forward(self, graphs: Tensor, mask: Tensor | None) -> Tensor:
        """Graphs (B, V, 21, C) and present views (B, V) -> (B, V, 21, C).

        The mask is None where no view is absent.
        """
        pooled, visible = mask, None if mask is None else mask[:, None]
        if self.training and self.random_view_mask and graphs.shape[1] > 1:
            if mask is None:
                mask = graphs.new_ones(graphs.shape[:2], dtype=torch.bool)
            pooled = mask & keep_random_views(mask)
            visible = mask[:, None] & hide_random_views(mask)
        result = graphs if self.attention is None else self.attention(graphs, visible)
        if self.shared_feature is not None:
            result = result + self.shared_feature(graphs, pooled)
        return result


@MODELS.register_module()
class CVINet(BaseModule):
    """The cross-view interaction network (paper, section 3.2).

    Turns the feature maps and the single-view estimates of several views of a
    hand into one graph feature per view, which holds information from all
    views. Works with any number of views, also with one.

    Every part that the paper ablates has its switch here: G1, G2, G3 by a
    width of 0, CVA and VSF by their flags.

    Args:
        in_channels (Sequence[int]): Channels of the backbone's feature maps,
            early to late; the last one is H4 of the paper.
        location_channels (int): Width of G1. Defaults to 64.
        global_channels (int): Width of G2. Defaults to 64.
        local_channels (int): Width of G3. Defaults to 128.
        grid_size (int): Cells per side of G2's grid on the last map.
            Defaults to 8.
        num_blocks (int): Dual-branch interactions in a row. Defaults to 2.
        num_heads (int): Attention heads. Defaults to 4.
        with_attention (bool): Cross-view attention branch. Defaults to True.
        with_shared_feature (bool): View-shared feature branch. Defaults to
            True.
        random_view_mask (bool): Hide random views in training. Defaults to
            False.
        location_layer (dict): The layer that makes G1; the config of each layer
            leaves out its channels, which are given to it. Defaults to
            ``dict(type='JointLocationEmbedding')``.
        global_layer (dict): The layer that makes G2. Defaults to
            ``dict(type='SpatialAwareGraphBuilder')``.
        local_layer (dict): The layer that makes G3. Defaults to
            ``dict(type='JointFeatureSampler')``.
        gcn_layer (dict): The graph convolution of VSF. Defaults to
            ``dict(type='AdaptiveGCN')``.
        attention_cfg (dict, optional): ``ratio`` and ``act_cfg`` of
            :class:`~hamuco_mm.models.layers.CrossViewAttention`.
        temporal_layer (dict, optional): Lets neighbouring time steps see each other
            behind the interactions, ``dict(type='FrameAttention')``; its ``channels``
            are given to it. Not in the paper, and not together with
            ``random_view_mask``. Defaults to None.
        init_cfg (dict, optional): Initialization config.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        location_channels: int = 64,
        global_channels: int = 64,
        local_channels: int = 128,
        grid_size: int = 8,
        num_blocks: int = 2,
        num_heads: int = 4,
        with_attention: bool = True,
        with_shared_feature: bool = True,
        random_view_mask: bool = False,
        location_layer: dict = DEFAULT_LOCATION_LAYER,
        global_layer: dict = DEFAULT_GLOBAL_LAYER,
        local_layer: dict = DEFAULT_LOCAL_LAYER,
        gcn_layer: dict = DEFAULT_GCN,
        attention_cfg: dict | None = None,
        temporal_layer: dict | None = None,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.in_channels = tuple(in_channels)
        self.graph_feature = ViewSharedGraphFeature(
            in_channels,
            location_channels,
            global_channels,
            local_channels,
            grid_size,
            location_layer,
            global_layer,
            local_layer,
        )
        self.out_channels = self.graph_feature.channels
        self.blocks = nn.ModuleList(
            DualBranchInteraction(
                self.out_channels,
                num_heads,
                with_attention,
                with_shared_feature,
                random_view_mask,
                attention_cfg,
                gcn_layer,
            )
            for _ in range(num_blocks)
        )
        if temporal_layer is not None and random_view_mask:
            raise ValueError(
                'random_view_mask hides views from each other, and temporal_layer '
                'would show them: leave one of the two out of view_neck'
            )
        self.temporal = None
        if temporal_layer is not None:
            self.temporal = MODELS.build(
                dict(temporal_layer, channels=self.out_channels)
            )

    def forward(
        self, feats: tuple[Tensor, ...], estimate: HandEstimate, groups: ViewGroups
    ) -> Tensor:
        """Let the views of each time step interact.

        Args:
            feats (tuple[Tensor]): Feature maps (N, C, h, w), early to late.
            estimate (HandEstimate): The single-view estimates of the N views.
            groups (ViewGroups): Which of the N rows belong together.

        Returns:
            Tensor: Graph features in shape (N, 21, C).

        Raises:
            ValueError: If the maps are not those that ``in_channels`` names.
        """
        given = tuple(feat.shape[1] for feat in feats)
        if given != self.in_channels:
            raise ValueError(
                f'view_neck.in_channels={self.in_channels}, but the backbone '
                f'gives maps with {given} channels: set in_channels (and the '
                "backbone's out_indices) so that they agree"
            )
        graphs = groups.to_padded(self.graph_feature(feats, estimate))
        # Reading the mask's values instead would wait for the GPU and break
        # the graph of an exported or compiled network.
        mask = None if groups.full else groups.mask
        for block in self.blocks:
            graphs = block(graphs, mask)
        if self.temporal is not None:
            graphs = self.temporal(graphs, groups)
        return groups.to_flat(graphs)
