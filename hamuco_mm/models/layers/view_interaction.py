"""The two branches of the cross-view interaction (paper, section 3.2.2)."""

import torch
from mmcv.cnn import build_activation_layer
from mmpose.registry import MODELS
from torch import Tensor, nn
from torch.nn import functional as F

from ...hand_model.topology import NUM_JOINTS

DEFAULT_GCN: dict = dict(type='AdaptiveGCN')


def attend(query: Tensor, key: Tensor, value: Tensor, visible: Tensor | None) -> Tensor:
    """Scaled dot-product attention, in float32 where a CPU would take bfloat16.

    PyTorch 2.11 takes several times as long for the gradient in bfloat16 there.

    Args:
        query (Tensor): (B, heads, tokens, channels), like ``key`` and ``value``.
        visible (Tensor, optional): Whether a query may see a key, bool, or what is
            added to its attention to it, broadcastable to (B, heads, tokens, tokens).
    """
    if query.device.type == 'cpu' and query.dtype is torch.bfloat16:
        query, key, value = query.float(), key.float(), value.float()
        if visible is not None and visible.is_floating_point():
            visible = visible.float()
        with torch.autocast('cpu', enabled=False):
            return F.scaled_dot_product_attention(query, key, value, attn_mask=visible)
    if visible is not None and visible.is_floating_point():
        visible = visible.to(query.dtype)
    return F.scaled_dot_product_attention(query, key, value, attn_mask=visible)


@MODELS.register_module()
class AdaptiveGCN(nn.Module):
    """Graph convolution whose adjacency is learned, starting from the identity.

    Doosti et al., "HOPE-Net: A Graph-Based Model for Hand-Object Pose
    Estimation", CVPR 2020. The nodes are the hand's joints.

    Args:
        channels (int): Width of the node features.
    """

    def __init__(self, channels: int):
        super().__init__()
        self.adjacency = nn.Parameter(torch.eye(NUM_JOINTS))
        self.linear = nn.Linear(channels, channels)
        self.norm = nn.LayerNorm(channels)

    def forward(self, graph: Tensor) -> Tensor:
        """(..., 21, C) -> (..., 21, C)."""
        mixed = mix_joints(self.adjacency, graph).flatten(0, -2)
        return F.relu(self.norm(self.linear(mixed))).view(graph.shape)


def mix_joints(adjacency: Tensor, graph: Tensor) -> Tensor:
    """Weighted sums of the joints' features.

    Args:
        adjacency (Tensor): Weights of all joints for each joint, (21, 21).
        graph (Tensor): (..., 21, C).

    Returns:
        Tensor: (..., 21, C).
    """
    nodes = graph.flatten(0, -3)
    adjacency = adjacency.to(graph.dtype).expand(len(nodes), -1, -1)
    return torch.bmm(adjacency, nodes).view(graph.shape)


class ViewSharedFeature(nn.Module):
    """VSF: what any view sees of a joint, the same for all views.

    An adaptive GCN takes each view to a canonical space, where the largest
    activation over the views is kept.

    Args:
        channels (int): Width of the graph features.
        gcn (dict): Config of the graph convolution. Its ``channels`` are given
            to it.
    """

    def __init__(self, channels: int, gcn: dict = DEFAULT_GCN):
        super().__init__()
        self.gcn = MODELS.build(dict(gcn, channels=channels))

    def forward(self, graphs: Tensor, mask: Tensor | None) -> Tensor:
        """Pool over the views that are present.

        Args:
            graphs (Tensor): (B, V, 21, C).
            mask (Tensor, optional): Present views, bool (B, V). None: all.

        Returns:
            Tensor: (B, 1, 21, C), to be broadcast over the views.
        """
        canonical = self.gcn(graphs)
        if mask is not None:
            absent = ~mask[:, :, None, None]
            canonical = canonical.masked_fill(absent, -torch.inf)
        return canonical.amax(1, keepdim=True)


class CrossViewAttention(nn.Module):
    """CVA: every joint of every view attends to all joints of all views.

    Tokens carry no positional code, so permuting the views permutes the
    output. Pre-norm, with the transformer's usual residuals inside.

    Args:
        channels (int): Width of the tokens.
        num_heads (int): Attention heads. Defaults to 4.
        ratio (int): Width of the feed-forward layer, as a multiple of
            ``channels``. Defaults to 2.
        act_cfg (dict): Its activation. Defaults to GELU.
    """

    def __init__(
        self,
        channels: int,
        num_heads: int = 4,
        ratio: int = 2,
        act_cfg: dict = dict(type='GELU'),
    ) -> None:
        super().__init__()
        if channels % num_heads:
            raise ValueError(
                f'the graph width {channels} (sum of `location_channels`, '
                '`global_channels` and `local_channels`) must be divisible '
                f'by num_heads={num_heads}'
            )
        self.num_heads = num_heads
        self.head_channels = channels // num_heads
        self.attention_norm = nn.LayerNorm(channels)
        self.qkv = nn.Linear(channels, 3 * channels)
        self.merge = nn.Linear(channels, channels)
        self.mlp = nn.Sequential(
            nn.LayerNorm(channels),
            nn.Linear(channels, ratio * channels),
            build_activation_layer(act_cfg),
            nn.Linear(ratio * channels, channels),
        )

    def forward(self, graphs: Tensor, visible: Tensor | None) -> Tensor:
        """Attend over the V * 21 tokens of each time step.

        Args:
            graphs (Tensor): (B, V, 21, C).
            visible (Tensor, optional): Whether query view i (dimension 1)
                may see key view j (dimension 2), bool, broadcastable to
                (B, V, V). None: every view sees every view.

        Returns:
            Tensor: Features with their residual, (B, V, 21, C).
        """
        # rows of one matrix: a linear layer is then one product
        tokens = graphs.flatten(0, 2)
        qkv = self.qkv(self.attention_norm(tokens))
        qkv = qkv.view(len(graphs), -1, 3, self.num_heads, self.head_channels)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        if visible is not None:
            visible = visible.repeat_interleave(NUM_JOINTS, -1)
            if visible.shape[1] > 1:
                visible = visible.repeat_interleave(NUM_JOINTS, -2)
            visible = visible[:, None]
        attended = attend(query, key, value, visible)
        tokens = tokens + self.merge(attended.transpose(1, 2).reshape(tokens.shape))
        tokens = tokens + self.mlp(tokens)
        return tokens.view_as(graphs)
