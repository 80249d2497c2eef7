# A rig of your own with the demo's small network, which a CPU can train. It
# starts from the weights that come with the package; or from a checkpoint:
#   --cfg-options load_from=work_dirs/hamuco_demo/epoch_5.pth
_base_ = [
    '../../../_base_/rig_small_runtime.py',
    '../../../_base_/datasets/rig_small.py',
    '../../../_base_/models/hamuco_res18w32.py',
    '../../../_base_/schedules/hamuco_small_10e.py',
]

model = dict(head=dict(decoder=_base_.codec))
