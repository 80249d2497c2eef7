# HaMuCo with a ResNet-18.
_base_ = ['./hamuco_res50.py']

model = dict(
    backbone=dict(
        depth=18, init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet18')
    ),
)
