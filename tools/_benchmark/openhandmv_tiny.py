"""The same experiments with a network that a CPU trains in minutes, for `tiny`."""

_base_ = ['./openhandmv.py']

about = (
    'For a CPU: a ResNet-18 of half width, crops of 96 px, batches of 4 time steps of '
    '8 views, 10 epochs of 250 steps. The single view starts from '
    '[weights that have seen generated hands](photo_weights.md), of the same look, but '
    'of other people; the interaction starts anew, and all learn from 2D pseudo labels '
    'alone. So short a training is far from its end: compare the rows with each other, '
    'not with the paper.'
)

weights = 'hamuco_mm://res18w32_generated-wild.pth'
single_view = {
    'model.backbone.stem_channels': 32,
    'model.backbone.base_channels': 32,
    'model.backbone.init_cfg._delete_': True,
    'model.backbone.init_cfg.type': 'Pretrained',
    'model.backbone.init_cfg.checkpoint': weights,
    'model.backbone.init_cfg.prefix': 'backbone.',
    'model.head.hidden_channels': 256,
    'model.head.pool_size': 3,
    'model.head.init_cfg.type': 'Pretrained',
    'model.head.init_cfg.checkpoint': weights,
    'model.head.init_cfg.prefix': 'head.',
}
interaction = {
    'model.view_neck.grid_size': 3,
    'model.view_neck.location_channels': 32,
    'model.view_neck.global_channels': 32,
    'model.view_neck.local_channels': 64,
    'model.view_head.hidden_channels': 256,
}
# what an experiment is without
absent = dict(
    no_g1=('model.view_neck.location_channels',),
    no_g2=('model.view_neck.global_channels',),
    no_g3=('model.view_neck.local_channels',),
    no_dcvi=tuple(interaction),
    single=tuple(interaction),
)


def crops(dataset):
    """Crops of 96 px, for the data set at this place in a data loader."""
    size = {
        'train': ('3.input_size', '6.encoder.input_size'),
        'val': ('2.input_size',),
        'test': ('2.input_size',),
    }
    return {
        f'{split}_dataloader.{dataset}.pipeline.{step}': (96, 96)
        for split, steps in size.items()
        for step in steps
    } | {'model.head.decoder.input_size': (96, 96)}


def loaders(prefetches):
    """Data are read in the process of the training, which has one core."""
    options = {}
    for split in ('train', 'val', 'test'):
        options[f'{split}_dataloader.num_workers'] = 0
        options[f'{split}_dataloader.persistent_workers'] = False
    if prefetches:
        options['train_dataloader.prefetch_factor'] = None
    return options


def smaller(name, experiment):
    """The options of an experiment, with those of the small network."""
    is_single = name == 'single'
    network = {**single_view, **interaction}
    without = absent.get(name, ())
    return {
        **{key: value for key, value in network.items() if key not in without},
        **crops('dataset' if is_single else 'dataset.dataset'),
        **loaders(prefetches=not is_single),
        'train_dataloader.batch_size': 32 if is_single else 4,
        'default_hooks.logger.interval': 25,
        **experiment.get('options', {}),
    }


# those of larger networks are as they were
experiments = {
    name: dict(options=smaller(name, experiment))
    for name, experiment in _base_.experiments.items()
    if not name.endswith('res50') and 'release' not in name
}
