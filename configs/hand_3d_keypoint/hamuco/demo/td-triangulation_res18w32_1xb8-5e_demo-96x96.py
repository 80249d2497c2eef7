# Baseline in the style of learnable triangulation (algebraic), in the demo: 2D joints
# and learned confidences of the views, trained with the 2D labels alone. The backbone
# knows hands; what makes the joints starts anew.
_base_ = [
    '../../../_base_/small_runtime.py',
    '../../../_base_/datasets/generated_hands.py',
    '../../../_base_/models/td-mano_res18w32.py',
    '../../../_base_/schedules/hamuco_demo_5e.py',
]

model = dict(
    head=dict(
        _delete_=True,
        type='TriangulationHead',
        in_channels=256,
        deconv_out_channels=(64, 64, 64),
        decoder=_base_.codec,
    )
)
optim_wrapper = dict(optimizer=dict(lr=1e-3), paramwise_cfg=dict(_delete_=True))

# for MMPose's inferencers
data_mode = 'topdown'
