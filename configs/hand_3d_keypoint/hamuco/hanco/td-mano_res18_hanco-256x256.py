_base_ = ['./td-mano_res50_hanco-256x256.py']

model = dict(
    backbone=dict(
        depth=18, init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet18')
    ),
    head=dict(in_channels=512),
)
