# A short training of the single view on photographs that are generated while it trains,
# tested on real ones: what each part of the generator is good for, see docs/results.md.
_base_ = [
    '../../../_base_/small_runtime.py',
    '../../../_base_/datasets/generated_wild_endless.py',
    '../../../_base_/models/td-mano_res18w32_scratch.py',
    '../../../_base_/schedules/generated_10e.py',
]
custom_imports = dict(
    imports=['hamuco_mm', 'hamuco_mm.synthesis'], allow_failed_imports=False
)
# has seen generated hands of one rig
load_from = 'hamuco_mm://res18w32_generated-hands.pth'

model = dict(head=dict(decoder=_base_.codec))
train_cfg = dict(max_epochs=1)
checkpoint = dict(interval=1, max_keep_ckpts=1)
default_hooks = dict(logger=dict(interval=50), checkpoint=checkpoint)

# views of a time step are rendered together, in less time
look = dict(look='photo', scene=dict(photos=True, labels=None))
train_dataloader = dict(
    num_workers=1,
    sampler=dict(samples=3000),
    dataset=dict(dataset=look),
)
val_dataloader = dict(dataset=dict(dataset=look))

data_root = '{{$PHOTOS_ROOT:data/photographs/}}'
test_dataloader = dict(
    num_workers=0,
    persistent_workers=False,
    dataset=dict(
        dataset=dict(
            _delete_=True,
            type='HanCoDataset',
            data_root=data_root,
            split='all',
            test_mode=True,
            pipeline=_base_.val_pipeline,
        )
    ),
)
test_evaluator = [dict(type='ReprojectionMetric'), dict(type='HandMeshMetric')]
