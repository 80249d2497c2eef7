# A small HaMuCo with a ResNet-18 of half width, which a CPU can train. All parts
# start from weights that have seen generated hands.
_base_ = ['./hamuco_res18.py']

weights = 'hamuco_mm://res18w32_generated-wild.pth'
model = dict(
    backbone=dict(
        stem_channels=32,
        base_channels=32,
        init_cfg=dict(
            _delete_=True, type='Pretrained', checkpoint=weights, prefix='backbone.'
        ),
    ),
    head=dict(
        hidden_channels=256,
        pool_size=3,
        # the open hand of this package, as in those weights, with its own joints;
        # 'mediapipe' where labels are MediaPipe's
        hand_model=dict(path=None, joints=None),
        loss_shape=dict(type='HandShapePriorLoss', loss_weight=0.05),
        init_cfg=dict(type='Pretrained', checkpoint=weights, prefix='head.'),
    ),
    view_neck=dict(
        location_channels=32,
        global_channels=32,
        local_channels=64,
        grid_size=3,
        init_cfg=dict(type='Pretrained', checkpoint=weights, prefix='view_neck.'),
    ),
    view_head=dict(
        hidden_channels=256,
        init_cfg=dict(type='Pretrained', checkpoint=weights, prefix='view_head.'),
    ),
    # robust where views disagree, as they do in so short a training
    alignment=dict(scale='symmetric', num_reweightings=5),
    # places hands in the world when it predicts; the size from the views too,
    # as so short a training leaves the hands too small
    absolute=dict(type='OptCenter', with_scale=True),
    # weaker than the paper's 1: it makes the views' errors alike before there
    # is time to mend them, which costs the fused hand more than they gain
    loss_consistency_2d=dict(loss_weight=0.3),
    loss_consistency_fusion=dict(loss_weight=0.3),
    loss_distill=dict(loss_weight=0.3),
)
