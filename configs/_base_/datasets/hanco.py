# HanCo as HaMuCo uses it, sequences below 1200 to train, the others to test:
# docs/data.md
_base_ = ['../dataloaders/time_steps.py', '../pipelines/hanco_256x256.py']

dataset_type = 'HanCoDataset'
data_root = '{{$HANCO_ROOT:data/hanco/}}'
hands = dict(type=dataset_type, data_root=data_root, bbox_mode='fixed')

# Each worker holds prefetch_factor batches ready, of 12.6 MB each; with
# num_workers=0 set persistent_workers=False, prefetch_factor=None.
train_dataloader = dict(
    prefetch_factor=4,
    pin_memory=True,
    dataset=dict(
        view_order='random',
        dataset=dict(
            hands,
            split='train',
            data_prefix=dict(img='rgb'),
            pipeline=_base_.train_pipeline,
        ),
    ),
)
val_dataloader = dict(
    pin_memory=True,
    dataset=dict(
        dataset=dict(
            hands,
            split='test',
            data_prefix=dict(img='rgb_merged'),
            pipeline=_base_.val_pipeline,
            # makes the meshes of the truth, for MPVPE and F-scores
            hand_model=dict(path='head'),
            test_mode=True,
        )
    ),
)
test_dataloader = val_dataloader

val_evaluator = dict(type='HandMeshMetric')
test_evaluator = val_evaluator
