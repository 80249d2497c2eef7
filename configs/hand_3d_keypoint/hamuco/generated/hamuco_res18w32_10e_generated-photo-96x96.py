# How the training of the package's weights ended: clear photographs (--look photo) beside
# bad ones (--look wild).
_base_ = ['./hamuco_res18w32_10e_generated-wild-96x96.py']

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
