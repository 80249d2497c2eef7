# How the weights of the package were trained: on generated photographs with exact
# labels, from the weights that the package had before.
_base_ = [
    '../../../_base_/small_runtime.py',
    '../../../_base_/datasets/generated_wild_images.py',
    '../../../_base_/models/td-mano_res18w32_scratch.py',
    '../../../_base_/schedules/generated_10e.py',
]

load_from = 'hamuco_mm://res18w32_generated-hands.pth'

model = dict(head=dict(decoder=_base_.codec))

# for MMPose's inferencers
data_mode = 'topdown'

checkpoint = dict(interval=1, max_keep_ckpts=2)
default_hooks = dict(logger=dict(interval=50), checkpoint=checkpoint)
