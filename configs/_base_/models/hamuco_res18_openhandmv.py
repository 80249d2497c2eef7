# HaMuCo with a ResNet-18 from scratch, for crops of 128 px and the open hand.
_base_ = ['./hamuco_res18.py']

model = dict(
    backbone=dict(init_cfg=None),
    head=dict(hand_model=dict(path=None)),
    view_neck=dict(grid_size=4),
)
