# The demo's single-view estimator alone, with no multi-view code: loads the
# demo's checkpoint and predicts single images.
_base_ = [
    '../../../_base_/small_runtime.py',
    '../../../_base_/datasets/generated_images.py',
    '../../../_base_/models/td-mano_res18w32.py',
    '../../../_base_/schedules/hamuco_small_10e.py',
]

model = dict(head=dict(decoder=_base_.codec))

# for MMPose's inferencers
data_mode = 'topdown'
