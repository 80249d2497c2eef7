"""The same experiments with a network that a CPU trains in minutes, for `tiny`."""

from mmengine.config import Config

_base_ = ['./openhandmv.py']
repository = '{{ fileDirname }}/../..'

about = (
    'For a CPU: a ResNet-18 of half width, crops of 96 px, batches of 4 time steps of '
    '8 views, 10 epochs of 250 steps. The single view starts from '
    '[weights that have seen generated hands](photo_weights.md), of the same look, but '
    'of other people; the interaction starts anew, and all learn from 2D pseudo labels '
    'alone. So short a training is far from its end: compare the rows with each other, '
    'not with the paper.'
)

weights = 'hamuco_mm://res18w32_generated-wild.pth'
backbone = {
    'model.backbone.stem_channels': 32,
    'model.backbone.base_channels': 32,
    'model.backbone.init_cfg._delete_': True,
    'model.backbone.init_cfg.type': 'Pretrained',
    'model.backbone.init_cfg.checkpoint': weights,
    'model.backbone.init_cfg.prefix': 'backbone.',
}
mano_head = {
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
# experiments with a part less, and those with a larger network, left as they are
without = dict(no_g1='location', no_g2='global', no_g3='local')
large = ('res50', 'release_neck', 'release_neck_res50')


def crops(config):
    """Options that crop images to 96 px, as those of a config are larger."""
    options = {'model.head.decoder.input_size': (96, 96)}
    for split in ('train', 'val', 'test'):
        name, dataset = (
            f'{split}_dataloader.dataset',
            config[f'{split}_dataloader'].dataset,
        )
        while 'dataset' in dataset:
            name, dataset = f'{name}.dataset', dataset.dataset
        for i, step in enumerate(dataset.pipeline):
            if 'input_size' in step:
                options[f'{name}.pipeline.{i}.input_size'] = (96, 96)
            if 'encoder' in step:
                options[f'{name}.pipeline.{i}.encoder.input_size'] = (96, 96)
    return options


def loaders(config):
    """Options that read the data in the training's process, which has one core."""
    options = {'train_dataloader.batch_size': config.train_dataloader.batch_size // 4}
    for split in ('train', 'val', 'test'):
        options[f'{split}_dataloader.num_workers'] = 0
        options[f'{split}_dataloader.persistent_workers'] = False
    if 'prefetch_factor' in config.train_dataloader:
        options['train_dataloader.prefetch_factor'] = None
    return options


def network(name, model):
    """Options that make an experiment's network small."""
    options = dict(backbone)
    if model.head.type == 'MANOHead':
        options.update(mano_head)
    if 'in_channels' in model.head:
        options['model.head.in_channels'] = 256
    if model.get('view_neck') is not None:
        options.update(interaction)
        options.pop(f'model.view_neck.{without.get(name)}_channels', None)
    return options


def smaller(name, experiment):
    """The options of an experiment, with those of the small network."""
    config = Config.fromfile(f'{repository}/{experiment["config"]}')
    return {
        **network(name, config.model),
        **crops(config),
        **loaders(config),
        'default_hooks.logger.interval': 25,
        **experiment.get('options', {}),
    }


experiments = {
    name: dict(options=smaller(name, experiment))
    for name, experiment in _base_.experiments.items()
    if name not in large
}
