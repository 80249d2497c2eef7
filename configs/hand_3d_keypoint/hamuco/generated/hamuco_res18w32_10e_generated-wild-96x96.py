# How the weights of the package were trained: the single view and the interaction on
# generated photographs with exact labels.
_base_ = [
    '../../../_base_/small_runtime.py',
    '../../../_base_/datasets/generated_wild.py',
    '../../../_base_/models/hamuco_res18w32_supervised.py',
    '../../../_base_/schedules/generated_10e.py',
]

weights = 'hamuco_mm://res18w32_generated-wild.pth'
model = dict(
    backbone=dict(init_cfg=dict(checkpoint=weights)),
    head=dict(decoder=_base_.codec, init_cfg=dict(checkpoint=weights)),
)
checkpoint = dict(interval=1, max_keep_ckpts=2)
default_hooks = dict(logger=dict(interval=50), checkpoint=checkpoint)
