# Baseline in the style of CanonPose: the hand of each view, under the camera that
# another view predicts, fits the labels there. No camera is known.
_base_ = [
    '../../../_base_/single_view_runtime.py',
    '../../../_base_/datasets/openhandmv.py',
    '../../../_base_/models/td-mano_res18_openhandmv.py',
    '../../../_base_/schedules/openhandmv_10e.py',
]

model = dict(
    head=dict(decoder=_base_.codec, loss_mixed_views=dict(type='MixedViewsLoss'))
)
