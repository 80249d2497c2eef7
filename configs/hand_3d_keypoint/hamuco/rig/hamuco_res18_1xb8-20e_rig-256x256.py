# A rig of your own, at the paper's size. Start from a checkpoint of HanCo, of
# the multi-view or of the single-view estimator:
#   --cfg-options load_from=work_dirs/.../epoch_40.pth
_base_ = [
    '../../../_base_/rig_runtime.py',
    '../../../_base_/datasets/rig.py',
    '../../../_base_/models/hamuco_res18.py',
    '../../../_base_/schedules/rig_20e.py',
]

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

checkpoint = dict(interval=2, max_keep_ckpts=2)
default_hooks = dict(checkpoint=checkpoint, loss_schedule=dict(warmup_epochs=5))
