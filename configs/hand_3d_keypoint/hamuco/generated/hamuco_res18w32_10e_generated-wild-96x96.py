# How the weights of the package were trained, all but the end: single view and
# interaction on generated photographs with exact labels. It goes on from these
# weights; from scratch:
#   --cfg-options model.backbone.init_cfg=None model.head.init_cfg=None \
#       model.view_neck.init_cfg=None model.view_head.init_cfg=None
_base_ = [
    '../../../_base_/small_runtime.py',
    '../../../_base_/datasets/generated_wild.py',
    '../../../_base_/models/hamuco_res18w32_supervised.py',
    '../../../_base_/schedules/generated_10e.py',
]

model = dict(head=dict(decoder=_base_.codec))

checkpoint = dict(interval=1, max_keep_ckpts=2)
default_hooks = dict(logger=dict(interval=50), checkpoint=checkpoint)
