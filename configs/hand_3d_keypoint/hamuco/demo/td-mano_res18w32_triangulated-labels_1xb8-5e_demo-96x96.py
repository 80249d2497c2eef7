# Baseline in the style of EpipolarPose, in the demo: the labels of all views are
# triangulated with the known cameras, and supervise the single view in 2D and 3D.
_base_ = [
    '../../../_base_/small_runtime.py',
    '../../../_base_/datasets/generated_hands.py',
    '../../../_base_/models/td-mano_res18w32.py',
    '../../../_base_/schedules/hamuco_demo_5e.py',
]

model = dict(
    head=dict(
        decoder=_base_.codec,
        loss_keypoint_cam=dict(type='L1Loss', loss_weight=5.0),
    )
)
# in the place of the exact 3D labels that generated hands have
train_dataloader = dict(dataset=dict(step_pipeline=[dict(type='TriangulateLabels')]))
optim_wrapper = dict(optimizer=dict(lr=1e-3), paramwise_cfg=dict(_delete_=True))

# for MMPose's inferencers
data_mode = 'topdown'
