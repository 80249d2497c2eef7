# The paper's setting, with a ResNet-18.
_base_ = [
    '../../../_base_/hanco_runtime.py',
    '../../../_base_/datasets/hanco.py',
    '../../../_base_/models/hamuco_res18.py',
    '../../../_base_/schedules/hamuco_40e.py',
]

model = dict(head=dict(decoder=_base_.codec))
