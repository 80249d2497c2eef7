# The paper's setting, with a ResNet-18.
_base_ = [
    '../../../_base_/hamuco_runtime.py',
    '../../../_base_/datasets/hanco.py',
    '../../../_base_/models/hamuco_res18.py',
    '../../../_base_/schedules/hamuco_40e.py',
]

model = dict(head=dict(decoder=_base_.codec))

# meshes of the ground truth, for MPVPE and F-scores
val_dataloader = dict(dataset=dict(dataset=dict(hand_model=_base_.hand_model)))
test_dataloader = val_dataloader
visualizer = dict(hand_model=_base_.hand_model)

default_hooks = dict(memory_format=dict(type='MemoryFormatHook'))
