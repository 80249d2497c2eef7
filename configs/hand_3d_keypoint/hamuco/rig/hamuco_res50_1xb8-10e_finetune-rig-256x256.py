# A trained single-view estimator, fine-tuned on a new rig of cameras with
# nothing but 2D pseudo labels. Give your checkpoint and your data:
#   RIG_ROOT=... with --cfg-options load_from=...
_base_ = [
    '../../../_base_/rig_runtime.py',
    '../../../_base_/datasets/rig_finetune.py',
    '../../../_base_/models/hamuco_res50.py',
    '../../../_base_/schedules/finetune_10e.py',
]

# backbone and head of a td-mano_res50 or of a hamuco_res50 config; what the
# checkpoint does not have starts anew
load_from = 'work_dirs/td-mano_res50_hanco-256x256/epoch_40.pth'

# the statistics of many subjects and places stay, a rig has few
backbone = dict(init_cfg=None, norm_eval=True)
model = dict(backbone=backbone, head=dict(decoder=_base_.codec))

default_hooks = dict(
    checkpoint=dict(save_best='fusion/reprojection_px', rule='less'),
    memory_format=dict(type='MemoryFormatHook'),
    loss_schedule=dict(warmup_epochs=2),
)
