"""What catalogs of the method's parts share: errors of its stages and of the labels."""

data_variable = 'DEMO_ROOT'

columns = {
    f'{stage}/{metric}': f'{stage} {metric}'
    for stage in ('single', 'interact', 'fusion')
    for metric in ('MPJPE', 'PA-MPJPE')
}

# of an experiment `labels`, which stands first
tables = {
    'labels': dict(
        title='Labels of the test images, triangulated',
        columns={'MPJPE': 'MPJPE', 'PA-MPJPE': 'PA-MPJPE'},
        rows=[
            dict(experiment='labels', label=label, prefix=f'{name}/')
            for name, label in dict(
                mean_hand='mean hand',
                dlt_triangulation='DLT',
                ransac_triangulation='RANSAC',
                pictorial_triangulation='pictorial structure',
            ).items()
        ],
    ),
}
