# The weights of the package, tested on photographs that their training never saw.
_base_ = [
    '../../../_base_/small_runtime.py',
    '../../../_base_/datasets/photographs_96x96.py',
    '../../../_base_/models/td-mano_res18w32.py',
]

model = dict(head=dict(decoder=_base_.codec))
test_cfg = dict()
train_dataloader = None
val_dataloader = None

# for MMPose's inferencers
data_mode = 'topdown'
