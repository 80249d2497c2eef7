# The generated demo set, in HanCo's layout:
#   python tools/misc/generate_demo_data.py data/hamuco_demo
_base_ = ['../dataloaders/time_steps.py', '../pipelines/generated_hands_96x96.py']

dataset_type = 'HanCoDataset'
data_root = '{{$DEMO_ROOT:data/hamuco_demo/}}'
# the hand stands in the middle of every image, as in HanCo's; 128 px is the
# generator's default (--image-size)
hands = dict(
    type=dataset_type,
    data_root=data_root,
    bbox_mode='fixed',
    fixed_bbox=(0, 0, 128, 128),
)

# such small images load faster than they pass from a worker process to the
# training, which needs the few cores of a small machine anyway
train_dataloader = dict(
    num_workers=0,
    persistent_workers=False,
    dataset=dict(dataset=dict(hands, split='train', pipeline=_base_.train_pipeline)),
)
val_dataloader = dict(
    num_workers=0,
    persistent_workers=False,
    dataset=dict(
        dataset=dict(
            hands,
            split='test',
            # whose fits these are
            hand_model=dict(path=None),
            pipeline=_base_.val_pipeline,
            test_mode=True,
        )
    ),
)
test_dataloader = val_dataloader

val_evaluator = dict(type='HandMeshMetric')
test_evaluator = val_evaluator
