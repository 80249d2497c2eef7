# The single-view estimator, supervised by FreiHAND's 2D, 3D and mesh labels
# and evaluated by its challenge's measures.
_base_ = [
    '../../../_base_/default_runtime.py',
    '../../../_base_/datasets/freihand.py',
    '../../../_base_/models/td-mano_res50_supervised.py',
    '../../../_base_/schedules/mano_50e.py',
]

model = dict(head=dict(decoder=_base_.codec))

# meshes of the MANO labels
train_dataloader = dict(dataset=dict(hand_model=dict(path='head')))

default_hooks = dict(checkpoint=dict(save_best='FreiHAND/xyz_al_mean3d', rule='less'))
