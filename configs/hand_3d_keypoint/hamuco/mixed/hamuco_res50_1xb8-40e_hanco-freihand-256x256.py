# Unlabelled time steps of several views together with labelled photos: HanCo
# as in the paper, and in each batch FreiHAND with 2D, 3D and mesh losses. A
# photo is a time step with one view, so it adds nothing to the losses between
# views; HanCo has no 3D labels here, so it adds nothing to the 3D losses.
_base_ = ['../hanco/hamuco_res50_1xb8-40e_hanco-256x256.py']

num_time_steps = 8
num_photos = 32
batch_size = num_time_steps + num_photos

train_dataloader = dict(
    _delete_=True,
    batch_size=batch_size,
    num_workers=8,
    persistent_workers=True,
    prefetch_factor=4,
    sampler=dict(
        type='MultiSourceSampler',
        batch_size=batch_size,
        source_ratio=[num_time_steps, num_photos],
    ),
    collate_fn=dict(type='multiview_collate'),
    dataset=dict(
        type='CombinedDataset',
        metainfo=dict(from_file='configs/_base_/datasets/freihand2d.py'),
        datasets=[
            _base_.train_dataloader.dataset,
            dict(
                type='FreiHAND3DDataset',
                data_root='{{$FREIHAND_ROOT:data/freihand/}}',
                split='training',
                hand_model=dict(path='head'),
                # HanCo's pipeline drops 3D labels, which are for evaluation
                # alone there
                pipeline=[
                    step
                    for step in _base_.train_pipeline
                    if step['type'] != 'RemoveLabels'
                ],
            ),
        ],
    ),
)

supervision = dict(
    loss_keypoint_cam=dict(type='L1Loss', loss_weight=5.0),
    loss_vertex=dict(type='L1Loss', loss_weight=5.0),
)
model = dict(head=supervision, view_head=supervision)

auto_scale_lr = dict(base_batch_size=batch_size)
