# A rig of your own, at the paper's size. Start from a checkpoint of HanCo, of
# the multi-view or of the single-view estimator:
#   --cfg-options load_from=work_dirs/.../epoch_40.pth
_base_ = [
    '../../../_base_/default_runtime.py',
    '../../../_base_/datasets/rig.py',
    '../../../_base_/models/hamuco_res18.py',
    '../../../_base_/schedules/hamuco_40e.py',
]

train_cfg = dict(max_epochs=20, val_interval=2)
optim_wrapper = dict(optimizer=dict(lr=1e-4), clip_grad=dict(max_norm=1.0))

model = dict(
    # the open hand of this package; that of a checkpoint trained with MANO is
    # 'data/mano/MANO_RIGHT.pkl'
    head=dict(hand_model=dict(path=None), decoder=_base_.codec),
    # False for cameras that are not calibrated, or not well enough
    use_extrinsics=True,
    # robust where a view is wrong
    alignment=dict(scale='symmetric', num_reweightings=5),
    # where the hand is in the world, of calibrated views
    absolute=dict(type='OptCenter', with_scale=True),
)

default_hooks = dict(
    checkpoint=dict(interval=2, max_keep_ckpts=2),
    loss_schedule=dict(type='LossScheduleHook', warmup_epochs=5),
)
