# Generated photographs, all views of a time step together, rendered while the network
# trains: no files. A config that uses it imports hamuco_mm.synthesis. On a CPU, rendering
# takes more time than a small network: give it workers.
_base_ = [
    '../dataloaders/time_steps.py',
    '../evaluators/hand_mesh.py',
    '../pipelines/generated_wild_96x96.py',
]
dataset_type = 'GeneratedHandDataset'
hands = dict(type=dataset_type, look='wild', scene=dict(labels=None))
train_dataloader = dict(
    # an epoch is a part of them; they begin anew after 83 epochs
    sampler=dict(type='PartialEpochSampler', samples=6000),
    drop_last=True,
    dataset=dict(
        dataset=dict(
            hands,
            stream='pretrain',
            num_time_steps=500_000,
            pipeline=_base_.train_pipeline,
        )
    ),
)
val_dataloader = dict(
    num_workers=1,
    dataset=dict(
        dataset=dict(
            hands, stream='val', num_time_steps=100, pipeline=_base_.val_pipeline
        )
    ),
)
test_dataloader = val_dataloader
