from plotted_lines import lines

from hamuco_mm.visualization.tables import markdown_table, print_table
from hamuco_mm.visualization.view_curves import ViewErrors, view_figure


def errors(level):
    return {
        count: {
            f'{stage}/{measure}': level + i - count / 8
            for i, stage in enumerate(('fusion', 'interact', 'single'))
            for measure in ('MPJPE', 'PA-MPJPE')
        }
        for count in (8, 1, 2)
    }


def test_over_views_in_inference(tmp_path):
    figure = view_figure([ViewErrors('a', errors(10)), ViewErrors('b', errors(5))])
    assert len(figure.axes) == 2
    shown = lines(figure.axes[1])
    assert len(shown) == 6
    line = shown['fusion, b']
    assert list(line.get_xdata()) == [1, 2, 8]
    assert list(line.get_ydata()) == [5 - 1 / 8, 5 - 2 / 8, 4]
    figure.savefig(tmp_path / 'views.png')


def test_over_views_in_training():
    networks = [ViewErrors(str(n), errors(10 - n), train_views=n) for n in (8, 2, 4)]
    figure = view_figure(networks)
    line = lines(figure.axes[2])['single']
    assert list(line.get_xdata()) == [2, 4, 8]
    assert list(line.get_ydata()) == [9, 7, 3]
    assert '8 views' in figure.axes[2].get_title()
    # of one network alone the stages need no name
    assert set(lines(view_figure(networks[:1]).axes[0])) == {
        'single',
        'interact',
        'fusion',
    }


def test_measures_of_data_without_truth():
    names = ('single/reprojection_px', 'single/reprojection_px_cam0')
    metrics = {count: dict.fromkeys(names, 9 - count) for count in (1, 2)}
    (panel,) = view_figure([ViewErrors('a', metrics)]).axes
    assert panel.get_title() == 'reprojection_px, px'
    assert list(lines(panel)['single'].get_ydata()) == [8, 7]


def test_tables(capsys):
    table = ['name', 'views', 'error'], [['a', '1', '2.50']]
    assert markdown_table(*table, num_names=2) == (
        '| name | views | error |\n| --- | --- | ---: |\n| a | 1 | 2.50 |\n'
    )
    print_table('Errors', *table)
    printed = capsys.readouterr().out
    assert 'Errors' in printed and '2.50' in printed
