# Baseline in the style of CanonPose, in the demo: the hand of each view, under the
# camera that another view predicts, fits the labels there. No camera is known.
_base_ = [
    '../../../_base_/small_runtime.py',
    '../../../_base_/datasets/generated_hands.py',
    '../../../_base_/models/td-mano_res18w32.py',
    '../../../_base_/schedules/hamuco_demo_5e.py',
]

model = dict(
    head=dict(
        decoder=_base_.codec,
        loss_shape=dict(loss_weight=0.5),
        loss_mixed_views=dict(type='MixedViewsLoss'),
    )
)
optim_wrapper = dict(optimizer=dict(lr=1e-3), paramwise_cfg=dict(_delete_=True))

# for MMPose's inferencers
data_mode = 'topdown'
