"""The paper's tables and figures on OpenHandMV: experiments and what they fill.

Numbers in names are those of the paper. ``seeds=(0, 1)`` where differences are small.
"""

_base_ = ['./view_counts.py']

folder = 'configs/hand_3d_keypoint/hamuco/openhandmv'
end = 'openhandmv-128x128.py'


def trained(name, epochs=10, batch=16, **settings):
    """An experiment of a config of the folder."""
    config = f'{folder}/{name}_1xb{batch}-{epochs}e_{end}'
    return dict(config=config, **settings)


twice = dict(seeds=(0, 1))
parts = ('vsf', 'cva', 'g1', 'g2', 'g3', 'lc2d', 'lcf', 'dcvi', 'lc', 'ld')
shares = dict(data12=12.5, data25=25, data50=50)
counts = (1, 2, 4, 6)

experiments = dict(
    full=trained('hamuco_res18', **twice),
    res50=trained('hamuco_res50'),
    uncalibrated=trained('hamuco_res18_uncalibrated'),
    single=trained('td-mano_res18', batch=128),
    plus=trained('hamuco-plus_res18', **twice),
    triangulated_labels=trained('td-mano_res18_triangulated-labels'),
    mixed_views=trained('td-mano_res18_mixed-views'),
    triangulation=trained('td-triangulation_res18'),
    volumetric=trained('td-volumetric_res18'),
    random_views=trained('hamuco_res18_random-views', 2, starts_from='full'),
    release_neck=trained('hamuco_res18_release-neck'),
    release_neck_res50=trained('hamuco_res50_release-neck'),
    **{f'no_{p}': trained(f'hamuco_res18_no-{p}', **twice) for p in parts},
    **{share: trained(f'hamuco_res18_{share}') for share in shares},
    **{f'views{n}': trained(f'hamuco_res18_views{n}') for n in counts},
)
experiments.update(
    labels=dict(config=experiments['full']['config'], tool='baselines'),
    full_by_views=dict(
        config=experiments['full']['config'], evaluates='full', options=_base_.by_views
    ),
    random_views_by_views=dict(
        config=experiments['random_views']['config'],
        evaluates='random_views',
        options=_base_.by_views,
    ),
    full_2d=dict(config=experiments['full']['config'], evaluates='full', tool='auc'),
)

stages = ('single', 'interact', 'fusion')
errors = {f'{s}/{m}': f'{s} {m}' for s in stages for m in ('N-MPJPE', 'PA-MPJPE')}
procrustes = {f'{s}/PA-MPJPE': f'{s} PA-MPJPE' for s in stages}
names = dict(
    lc2d='L_c2D',
    lcf='L_cf',
    lc='L_c',
    ld='L_d',
    g1='G1',
    g2='G2',
    g3='G3',
    vsf='VSF',
    cva='CVA',
    dcvi='DCVI',
)

tables = {
    'table1': dict(
        title='Table 1: calibrated and uncalibrated',
        columns=errors,
        rows=dict(
            full='calibrated',
            uncalibrated='uncalibrated',
        ),
    ),
    'table2': dict(
        title='Table 2: the single view, trained alone and taught',
        columns={
            'single/MPJPE': 'MPJPE',
            'single/N-MPJPE': 'N-MPJPE',
            'single/PA-MPJPE': 'PA-MPJPE',
        },
        rows=dict(
            single='Ours-SV (labels of the view alone)',
            full='HaMuCo, single view',
        ),
    ),
    'baselines': dict(
        title='Baselines that learn from the same 2D labels',
        columns={'MPJPE': 'MPJPE', 'N-MPJPE': 'N-MPJPE', 'PA-MPJPE': 'PA-MPJPE'},
        rows=[
            dict(experiment=experiment, label=label, prefix=f'{stage}/')
            for experiment, stage, label in (
                ('single', 'single', 'single view, labels of the view alone'),
                (
                    'triangulated_labels',
                    'single',
                    'single view, triangulated labels (EpipolarPose-style)',
                ),
                ('mixed_views', 'single', 'single view, mixed views (CanonPose-style)'),
                ('full', 'single', 'single view, HaMuCo'),
                (
                    'triangulation',
                    'fusion',
                    'all views, learned confidences (LT-algebraic, no 3D labels)',
                ),
                (
                    'volumetric',
                    'fusion',
                    'all views, volumes (LT-volumetric, likewise)',
                ),
                ('full', 'fusion', 'all views, HaMuCo'),
            )
        ],
    ),
    'table3': dict(
        title='Table 3: labels, triangulated, and the fused hand',
        columns={'MPJPE': 'MPJPE', 'N-MPJPE': 'N-MPJPE', 'PA-MPJPE': 'PA-MPJPE'},
        rows=[
            dict(experiment='labels', label=label, prefix=f'{name}/')
            for name, label in {
                'mean_hand': 'mean hand',
                'dlt_triangulation': 'DLT',
                'weighted_dlt_triangulation': 'DLT, weighted',
                'ransac_triangulation': 'RANSAC',
            }.items()
        ]
        + [dict(experiment='full', label='HaMuCo, fused', prefix='fusion/')],
    ),
    'table4': dict(
        title='Table 4: parts of the method',
        columns=errors,
        rows={
            'full': 'Full, ResNet-18',
            **{f'no_{p}': f'- {names[p]}' for p in parts},
            'res50': 'Full, ResNet-50',
        },
    ),
    'fig3-data': dict(
        title='Fig. 3a: share of the training data',
        columns=procrustes,
        x_label='share of the time steps, %',
        rows=[
            dict(experiment=name, label=f'{share} %', x=share)
            for name, share in dict(**shares, full=100).items()
        ],
    ),
    'fig3-training-views': dict(
        title='Fig. 3b: views in training, 8 in the test',
        columns=procrustes,
        x_label='views in training',
        rows=[dict(experiment=f'views{n}', label=f'{n}', x=n) for n in counts]
        + [dict(experiment='full', label='8', x=8)],
    ),
    'fig3-test-views': _base_.test_views,
    'fig4': dict(
        title='Fig. 4: 2D errors of labels and predictions, px at 256x256',
        columns={'mean': 'mean', 'median': 'median', 'AUC': 'AUC'},
        rows=[
            dict(experiment='full_2d', label=label, prefix=f'2D/sets/{name}/')
            for name, label in dict(
                labels='pseudo labels',
                single='single',
                interact='interact',
                fusion='fusion',
            ).items()
        ],
    ),
    'release': dict(
        title='Neck and heads as wide as in the authors’ release',
        columns=errors,
        rows=dict(
            full='ResNet-18',
            release_neck='ResNet-18, release neck',
            res50='ResNet-50',
            release_neck_res50='ResNet-50, release neck',
        ),
    ),
    'plus': dict(
        title='What may improve it',
        columns=errors,
        rows=dict(
            full='Full, ResNet-18',
            plus='`hamuco-plus`: labels triangulated first',
        ),
    ),
}
