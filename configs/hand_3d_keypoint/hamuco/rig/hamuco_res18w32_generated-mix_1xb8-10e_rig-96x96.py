# As hamuco_res18w32_1xb8-10e_rig-96x96.py, with generated hands in each batch: better
# on hands that the rig has not recorded.
_base_ = [
    '../../../_base_/rig_small_runtime.py',
    '../../../_base_/datasets/rig_small_and_generated.py',
    '../../../_base_/models/hamuco_res18w32.py',
    '../../../_base_/schedules/hamuco_small_10e.py',
]
custom_imports = dict(
    imports=['hamuco_mm', 'hamuco_mm.synthesis'], allow_failed_imports=False
)

truth = dict(type='L1Loss', loss_weight=5.0)
model = dict(
    head=dict(decoder=_base_.codec, loss_keypoint_cam=truth),
    view_head=dict(loss_keypoint_cam=truth),
)
