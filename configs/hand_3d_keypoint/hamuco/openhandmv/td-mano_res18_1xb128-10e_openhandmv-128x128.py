# The single-view estimator trained alone (table 2, "Ours-SV").
_base_ = [
    '../../../_base_/default_runtime.py',
    '../../../_base_/datasets/openhandmv_images.py',
    '../../../_base_/models/hamuco_res18_openhandmv.py',
    '../../../_base_/schedules/openhandmv_10e.py',
]

model = dict(
    _delete_=True,
    type='TopdownPoseEstimator',
    data_preprocessor=_base_.model.data_preprocessor,
    backbone=_base_.model.backbone,
    head=dict(_base_.model.head, in_channels=512, decoder=_base_.codec),
)
# views of 16 time steps
auto_scale_lr = dict(base_batch_size=128)

# for MMPose's inferencers
data_mode = 'topdown'

default_hooks = dict(
    memory_format=dict(type='MemoryFormatHook'),
    checkpoint=dict(save_best='single/PA-MPJPE', rule='less'),
)
