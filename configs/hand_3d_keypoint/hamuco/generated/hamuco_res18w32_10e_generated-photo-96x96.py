# How the training of the weights for photographs ended: clear pictures (--look photo)
# beside bad ones (--look wild). It goes on from these weights.
_base_ = ['./hamuco_res18w32_10e_generated-wild-96x96.py']

start = dict(init_cfg=dict(checkpoint='hamuco_mm://res18w32_generated-photo.pth'))
model = dict(
    backbone=start,
    head=start,
    view_neck=start,
    view_head=start,
    # as in all predictions by the name `hamuco`: four looks at a crop, not one
    test_cfg=dict(rotation_test=True),
)

clear_root = '{{$CLEAR_ROOT:data/hamuco_photo/}}'
train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='CombinedDataset',
        metainfo=dict(from_file='configs/_base_/datasets/freihand2d.py'),
        datasets=[
            dict(
                type='MultiViewDataset',
                dataset=dict(_base_.train_set, data_root=clear_root),
            ),
            dict(type='MultiViewDataset', dataset=_base_.train_set),
        ],
    )
)
val_dataloader = dict(dataset=dict(dataset=dict(data_root=clear_root)))
test_dataloader = val_dataloader
