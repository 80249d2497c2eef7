"""What catalogs share of fig. 3b: a network that was trained with all views, tested
with fewer, after and without training on random ones (section 4.6)."""

view_counts = (1, 2, 4, 6, 8)
by_views = {'test_cfg.type': 'ViewSubsetLoop', 'test_cfg.num_views': view_counts}

# of experiments `full_by_views` and `random_views_by_views`
test_views = dict(
    title='Fig. 3b: views in the test, trained with 8',
    columns={'fusion/PA-MPJPE': 'fusion PA-MPJPE'},
    x_label='views in the test',
    rows=[
        dict(
            experiment=f'{name}_by_views',
            label=f'{n}, {series}',
            prefix=f'views_{n}/',
            x=n,
            series=series,
        )
        for name, series in dict(
            full='without the random mask', random_views='with the random mask'
        ).items()
        for n in view_counts
    ],
)
