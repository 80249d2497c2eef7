# HaMuCo from random weights and wrong 2D labels alone.
_base_ = [
    '../../../_base_/hamuco_small_runtime.py',
    '../../../_base_/datasets/generated_hands.py',
    '../../../_base_/models/hamuco_res18w32.py',
    '../../../_base_/schedules/pretrain_7e.py',
]

model = dict(
    backbone=dict(init_cfg=None),
    head=dict(decoder=_base_.codec, init_cfg=None),
    # views are hidden at random, so that it works with any number of them
    view_neck=dict(random_view_mask=True, init_cfg=None),
    view_head=dict(init_cfg=None),
    # the paper's weights: from scratch there is time for them
    loss_consistency_2d=dict(loss_weight=1.0),
    loss_consistency_fusion=dict(loss_weight=1.0),
    loss_distill=dict(loss_weight=1.0),
)
train_cfg = dict(max_epochs=20, val_interval=2)
# the paper's share of the training without the losses between views
default_hooks = dict(
    logger=dict(interval=50),
    checkpoint=dict(interval=1, max_keep_ckpts=2),
    loss_schedule=dict(warmup_epochs=6, ramp_epochs=1, max_part=0.3),
)
