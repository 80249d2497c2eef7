"""tools/benchmark.py: what is planned, noted and told."""

import importlib
import json
import signal
import sys
from time import monotonic
from types import SimpleNamespace

import pytest
import torch
from mmpose.registry import MODELS

import hamuco_mm  # noqa: F401, registers the components
from hamuco_mm.models.heads import TriangulationHead
from hamuco_mm.utils.json_files import MalformedFileError

TABLE = """
experiments = dict(
    full=dict(config='full.py', seeds=(0, 1)),
    tuned=dict(config='tuned.py', starts_from='full'),
    by_views=dict(config='full.py', evaluates='full', options={'test_cfg.n': [1, 2]}),
    labels=dict(config='full.py', tool='baselines'),
)
tables = {
    'table1': dict(
        title='First', columns={'PA': 'PA heading'},
        rows=[dict(experiment='full', label='Full'),
              dict(experiment='labels', label='Labels', prefix='dlt/')]),
    'fig3-a': dict(
        title='Plot', columns={'PA': 'PA'}, x_label='views',
        rows=[dict(experiment='by_views', label='1', prefix='views_1/', x=1),
              dict(experiment='by_views', label='2', prefix='views_2/', x=2)]),
    'fig3-b': dict(
        title='Tuned', columns={'PA': 'PA'},
        rows=[dict(experiment='tuned', label='tuned')]),
}
"""


@pytest.fixture
def parts(repository, monkeypatch):
    """The modules of the tool."""
    monkeypatch.syspath_prepend(repository / 'tools')
    names = ('catalog', 'commands', 'report', 'results', 'running')
    return SimpleNamespace(
        **{name: importlib.import_module(f'_benchmark.{name}') for name in names}
    )


@pytest.fixture
def catalog(parts, tmp_path):
    path = tmp_path / 'experiments.py'
    path.write_text(TABLE)
    return parts.catalog.Catalog.load(path)


@pytest.fixture
def results(parts, tmp_path):
    return parts.results.Results(tmp_path / 'work' / 'results.json')


def finish(parts, results, experiment, seed=0, **metrics):
    run = parts.catalog.Run(experiment, seed)
    results.update(run, state='done', metrics=metrics)


def test_runs_come_after_what_they_need(catalog):
    keys = [run.key for run in catalog.runs(catalog.chosen_tables(['fig3']).values())]
    assert keys == ['full-seed0', 'by_views-seed0', 'tuned-seed0']
    keys = [run.key for run in catalog.runs(catalog.chosen_tables(['table1']).values())]
    assert keys == ['full-seed0', 'full-seed1', 'labels-seed0']
    assert list(catalog.chosen_tables([])) == ['table1', 'fig3-a', 'fig3-b']
    with pytest.raises(ValueError, match="no table 'fig', but table1, fig3-a"):
        catalog.chosen_tables(['fig'])


@pytest.mark.parametrize(
    'old, new, message',
    [
        ("starts_from='full'", "starts_from='fuller'", "tuned needs 'fuller'"),
        ("starts_from='full'", "starts_from='labels'", "tuned needs 'labels'"),
        ("evaluates='full'", "evaluates='full', seeds=(7,)", 'full has no seed 7'),
        ("tool='baselines'", "tool='guess'", "tool='guess' is none of"),
        ("n': [1, 2]", "n': [dict(a=1)]", 'by_views: the option test_cfg.n has a dict'),
        ("n': [1, 2]", "n': dict(a=1)", 'by_views: the option test_cfg.n has a dict'),
        ("experiment='tuned'", "experiment='turned'", "no experiment 'turned'"),
        ("config='tuned.py'", "cnf='tuned.py'", 'cnf'),
    ],
)
def test_mistakes_in_the_table_are_named(parts, tmp_path, old, new, message):
    path = tmp_path / 'experiments.py'
    assert old in TABLE
    path.write_text(TABLE.replace(old, new))
    with pytest.raises(ValueError, match=message):
        parts.catalog.Catalog.load(path)


def test_rows_may_be_labels_and_come_after_those_of_a_base(parts, tmp_path):
    (tmp_path / 'experiments.py').write_text(TABLE)
    path = tmp_path / 'more.py'
    path.write_text(
        "_base_ = ['./experiments.py']\n"
        "rows = dict(tuned='other', full='first')\n"
        "tables = dict(named=dict(title='', columns={}, rows=rows))\n"
    )
    catalog = parts.catalog.Catalog.load(path)
    assert list(catalog.tables) == ['table1', 'fig3-a', 'fig3-b', 'named']
    row = parts.catalog.Row
    assert catalog.tables['named'].rows == (row('tuned', 'other'), row('full', 'first'))


def test_experiments_of_the_paper_have_their_configs(parts, repository, tmp_path):
    table = repository / 'tools' / '_benchmark' / 'openhandmv.py'
    catalog = parts.catalog.Catalog.load(table)
    commands = parts.commands.Commands(catalog, tmp_path)
    runs = catalog.runs(catalog.tables.values())
    assert {run.experiment for run in runs} == set(catalog.experiments)
    trained = [run for run in runs if commands.experiment(run).is_trained]
    configs = {commands.experiment(run).config for run in trained}
    folder = repository / 'configs/hand_3d_keypoint/hamuco/openhandmv'
    assert configs == {str(p.relative_to(repository)) for p in folder.glob('*.py')}
    assert all(commands.max_epochs(run) in (2, 10) for run in trained)


def test_experiments_for_a_cpu_are_those_of_the_paper(parts, repository, tmp_path):
    folder = repository / 'tools' / '_benchmark'
    paper, small = (
        parts.catalog.Catalog.load(folder / name)
        for name in ('openhandmv.py', 'openhandmv_tiny.py')
    )
    assert small.tables == paper.tables
    assert small.experiments.keys() == paper.experiments.keys()
    is_small = 0
    for name in paper.experiments:
        run = parts.catalog.Run(name, 0)
        whole, config = (
            parts.commands.Commands(catalog, tmp_path).config(run)
            for catalog in (paper, small)
        )
        if config.to_dict() == whole.to_dict():
            continue  # a larger network, which is left as it is
        is_small += 1
        size = config.model.head.decoder.input_size
        for loader in (config.train_dataloader, config.test_dataloader):
            dataset = loader.dataset.get('dataset', loader.dataset)
            steps = {step.type: step for step in dataset.pipeline}
            assert steps['FastTopdownAffine'].input_size == size == (96, 96)
        model = MODELS.build(config.model)
        model.init_weights()  # from weights of these widths
        features = model.extract_feat(torch.zeros(2, 3, *size))
        assert features[-1].shape[1:] == (256, 3, 3)
        necks = [c.model.get('view_neck') or {} for c in (whole, config)]
        for part in ('location', 'global', 'local'):
            without = [neck.get(f'{part}_channels') == 0 for neck in necks]
            assert without[0] == without[1], name
    assert is_small == len(paper.experiments) - 3


def test_results_are_kept_from_call_to_call(parts, results):
    run = parts.catalog.Run('full', 1)
    results.set_data(dict(digest='a'))
    results.add_piece(run, 1.5, 'machine', 'c1')
    results.add_piece(run, 2.0, 'machine', 'c2')
    results.update(run, state='trained')
    again = parts.results.Results(results.path)
    assert again.entry(run) == dict(
        seed=1, minutes=3.5, machines=['machine'], commits=['c1', 'c2'], state='trained'
    )
    assert again.is_trained(run) and not again.is_done(run)
    with pytest.raises(ValueError, match='results on other data'):
        again.set_data(dict(digest='b'))
    results.path.write_text('[]')
    with pytest.raises(MalformedFileError, match='no file of results'):
        parts.results.Results(results.path)


def test_a_table_says_what_was_not_run(parts, catalog, results):
    table = catalog.tables['table1']

    def cells():
        header, lines = parts.report.table_cells(catalog, results, table)
        assert header == ['', 'PA heading']
        return [line[1] for line in lines]

    assert cells() == ['not run', 'not run']
    # what is not done has no number, even with some of an earlier call
    results.update(parts.catalog.Run('full', 0), state='training', metrics=dict(PA=1.0))
    assert cells() == ['not run', 'not run']
    finish(parts, results, 'full', 0, PA=5.0)
    finish(parts, results, 'labels', 0, **{'dlt/PA': 13.126, 'ransac/PA': 9.0})
    assert cells() == ['5.00 (1 of 2 seeds)', '13.13']
    finish(parts, results, 'full', 1, PA=6.0)
    assert cells() == ['5.50 ± 0.50', '13.13']
    finish(parts, results, 'labels', 0, **{'dlt/PA': 0.0716})
    assert cells()[1] == '0.072'  # a share
    finish(parts, results, 'labels', 0, **{'ransac/PA': 9.0})
    assert cells()[1] == '-'


def test_docs_are_written_between_markers(parts, catalog, results, tmp_path):
    docs = tmp_path / 'docs'
    docs.mkdir()
    page = docs / 'results.md'
    page.write_text('# Mine\n\nbefore\n')
    parts.report.write_docs(catalog, results, 'tiny', docs)
    first = page.read_text()
    assert 'Nothing has been run yet. What there will be: ' in first
    assert catalog.tables['table1'].title in first and 'not run' not in first
    finish(parts, results, 'by_views', 0, **{'views_1/PA': 7.25, 'views_2/PA': 6.5})
    results.set_data(dict(name='x', version='1.0', digest='0123456789abcdefgh'))
    results.add_piece(parts.catalog.Run('by_views', 0), 3.0, 'a machine', 'abc123')
    page.write_text(page.read_text() + '\nafter\n')
    for _ in range(2):  # the second changes nothing
        parts.report.write_docs(catalog, results, 'tiny', docs)
        text = page.read_text()
        assert text.startswith('# Mine\n\nbefore\n') and text.endswith('\nafter\n')
        assert text.count('OpenHandMV') == 1 and 'Nothing has been run' not in text
        assert '| 1 | 7.25 |' in text and '| tuned | not run |' in text
        run, state, *_, minutes, machine, commit = next(
            line.strip('| ').split(' | ')
            for line in text.splitlines()
            if line.startswith('| by_views-seed0')
        )
        assert (run, state, minutes) == ('by_views-seed0', 'done', '3.0')
        assert (machine, commit) == ('a machine', 'abc123')
    # a plot where there are points, none where there are not
    assert [path.name for path in docs.rglob('*.png')] == ['results-tiny-fig3-a.png']
    parts.report.write_docs(catalog, results, 'small', docs)
    assert page.read_text().count('OpenHandMV') == 2
    page.write_text('<!-- end of tiny -->')
    with pytest.raises(ValueError, match='the page needs'):
        parts.report.write_docs(catalog, results, 'tiny', docs)


def test_commands_are_the_toolboxs(parts, tmp_path):
    config = tmp_path / 'small.py'
    config.write_text('train_cfg = dict(max_epochs=3)\n')
    experiment = parts.catalog.Experiment
    catalog = parts.catalog.Catalog(
        dict(
            full=experiment(str(config), {'train_cfg.max_epochs': 4, 'a.b': (1, 2)}),
            tuned=experiment(str(config), starts_from='full'),
            auc=experiment(str(config), evaluates='full', tool='auc'),
        ),
        {},
    )
    commands = parts.commands.Commands(catalog, tmp_path / 'work')
    full, tuned, auc = (parts.catalog.Run(n, 0) for n in ('full', 'tuned', 'auc'))
    assert commands.max_epochs(full) == 4 and commands.max_epochs(tuned) == 3

    first = commands.training(full, 2.5)
    assert first[1].endswith('tools/train.py') and '--resume' not in first
    assert first[first.index('--pause-after') + 1] == '2.50'
    assert {'randomness.seed=0', 'a.b=[1,2]', 'train_cfg.max_epochs=4'} <= set(first)
    assert '--pause-after' not in commands.training(full, None)
    start = tmp_path / 'work' / 'full-seed0' / 'epoch_4.pth'
    assert f'load_from={start}' in commands.training(tuned, None)

    # goes on from its own weights, not from those of another
    folder = commands.folder(tuned)
    folder.mkdir(parents=True)
    (folder / 'epoch_2.pth').touch()
    again = commands.training(tuned, None)
    assert '--resume' in again and not any('load_from' in word for word in again)

    dump, plot = commands.evaluation(auc)
    assert str(start) in dump and dump[-1] != str(start)
    assert plot[1].endswith('plot_auc.py') and plot[2] == dump[dump.index('--dump') + 1]

    before = commands.settings(full)
    config.write_text('train_cfg = dict(max_epochs=3)\nlr = 1\n')
    assert commands.settings(full) != before


def test_other_weights_of_the_package_are_other_settings(parts, tmp_path, monkeypatch):
    config = tmp_path / 'small.py'
    config.write_text("load_from = 'hamuco_mm://some.pth'\n")
    catalog = parts.catalog.Catalog(
        dict(full=parts.catalog.Experiment(str(config))), {}
    )
    monkeypatch.setattr(parts.commands, 'WEIGHTS', tmp_path)
    commands = parts.commands.Commands(catalog, tmp_path / 'work')
    digests = set()
    for content in (b'first', b'second', b'second'):
        (tmp_path / 'some.pth').write_bytes(content)
        digests.add(commands.settings(parts.catalog.Run('full', 0)))
    assert len(digests) == 2


def test_given_weights_are_tested_and_not_trained(parts, tmp_path):
    config = tmp_path / 'small.py'
    config.write_text('train_cfg = dict(max_epochs=3)\n')
    weights = 'hamuco_mm://start.pth'
    start = parts.catalog.Experiment(str(config), weights=weights)
    catalog = parts.catalog.Catalog(dict(start=start), {})
    commands = parts.commands.Commands(catalog, tmp_path / 'work')
    assert not start.is_trained
    (test,) = commands.evaluation(parts.catalog.Run('start', 0))
    assert test[1].endswith('tools/test.py') and test[3] == weights


def test_options_of_the_test_alone(parts, tmp_path):
    config = tmp_path / 'small.py'
    config.write_text('train_cfg = dict(max_epochs=3)\nmodel = dict(a=1, b=2)\n')
    experiment = parts.catalog.Experiment
    plain = experiment(str(config), options={'model.a': 3})
    other = experiment(str(config), options=plain.options, test_options={'model.b': 4})
    catalog = parts.catalog.Catalog(dict(plain=plain, other=other), {})
    commands = parts.commands.Commands(catalog, tmp_path / 'work')
    run = parts.catalog.Run('other', 0)
    (test,) = commands.evaluation(run)
    assert {'model.a=3', 'model.b=4'} <= set(test)
    assert 'model.b=4' not in commands.training(run, None)
    assert commands.settings(run) != commands.settings(parts.catalog.Run('plain', 0))


def test_numbers_of_nested_objects(parts):
    content = dict(a=dict(b=1.5, c=[1], d=dict(e=2)), f='x', g=True, h=3)
    assert parts.commands.flat_numbers(content) == {'a/b': 1.5, 'a/d/e': 2, 'h': 3}


@pytest.fixture
def session(parts, catalog, results, tmp_path):
    """A session whose commands are short scripts: an epoch a call, two in all."""

    class Scripts(parts.commands.Commands):
        broken: str | None = None

        def max_epochs(self, run):
            return 2

        def settings(self, run):
            return run.experiment

        def training(self, run, minutes):
            if run.experiment == self.broken:
                return [sys.executable, '-c', 'raise SystemExit("no such thing")']
            path = self.folder(run) / f'epoch_{self.epochs_done(run) + 1}.pth'
            save = f'import torch; torch.save(dict(meta=dict(iter=20)), {str(path)!r})'
            return [sys.executable, '-c', save]

        def evaluation(self, run):
            content = json.dumps({'PA': 1.0, 'dlt/PA': 2.0})
            path = str(self.metrics_file(run))
            write = f'open({path!r}, "w").write({content!r})'
            return [[sys.executable, '-c', write]]

    commands = Scripts(catalog, tmp_path / 'work')

    def make(minutes=None, parallel=1):
        said = []
        made = parts.running.Session(
            commands, results, tmp_path, 'm', 'c', minutes, parallel, said.append
        )
        made.said = said
        return made

    return SimpleNamespace(make=make, commands=commands)


def states(catalog, results):
    runs = catalog.runs(catalog.tables.values())
    return {run.key: results.entry(run).get('state') for run in runs}


def test_calls_go_on_until_all_is_done(catalog, results, session):
    runs = catalog.runs(catalog.tables.values())
    session.make(parallel=2).run(runs)  # one epoch of two
    assert states(catalog, results) == {
        'full-seed0': 'training',
        'full-seed1': 'training',
        'labels-seed0': 'done',
        'by_views-seed0': None,  # need the weights of full
        'tuned-seed0': None,
    }
    session.make(minutes=10).run(runs)
    assert states(catalog, results) == {
        'full-seed0': 'done',
        'full-seed1': 'done',
        'labels-seed0': 'done',
        'by_views-seed0': 'done',
        'tuned-seed0': 'training',
    }
    entry = results.entry(runs[0])
    assert (entry['epochs'], entry['steps']) == (2, 20)
    session.make().run(runs)
    assert set(states(catalog, results).values()) == {'done'}


def test_a_failure_stops_its_run_alone(catalog, results, session):
    runs = catalog.runs(catalog.tables.values())
    session.commands.broken = 'full'
    call = session.make()
    call.run(runs)
    assert results.entry(runs[0])['error'] == 'status 1: no such thing'
    assert states(catalog, results)['labels-seed0'] == 'done'
    assert states(catalog, results)['tuned-seed0'] is None
    session.commands.broken = None
    session.make().run(runs)
    session.make().run(runs)
    assert states(catalog, results)['full-seed0'] == 'done'
    assert results.entry(runs[0])['error'] is None


def test_who_ends_a_call_ends_its_programs(catalog, results, session, monkeypatch):
    def end(*_):
        raise SystemExit(143)

    runs = catalog.runs(catalog.tables.values())
    sleep = [sys.executable, '-c', 'import time; time.sleep(600)']
    monkeypatch.setattr(session.commands, 'training', lambda *_: sleep)
    call, start = session.make(parallel=2), monotonic()
    previous = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, 2)
    try:
        with pytest.raises(SystemExit):
            call.run(runs)
    finally:
        signal.signal(signal.SIGALRM, previous)
    assert monotonic() - start < 300
    assert sorted(call.said) == ['full-seed0: interrupted', 'full-seed1: interrupted']


def test_nothing_is_begun_that_cannot_end_in_time(catalog, results, session):
    runs = catalog.runs([catalog.tables['table1']])
    results.update(runs[0], minutes_per_epoch=30, state='training')
    call = session.make(minutes=5)
    call.run(runs)
    assert results.entry(runs[0])['state'] == 'training'
    assert session.commands.epochs_done(runs[0]) == 0
    assert any('an epoch takes 30.0' in line for line in call.said)
    assert states(catalog, results)['labels-seed0'] == 'done'


def test_done_runs_of_other_settings_are_named(parts, catalog, results, session):
    runs = catalog.runs(catalog.tables.values())
    for _ in range(3):
        session.make().run(runs)
    otherwise = parts.running.made_otherwise
    assert set(states(catalog, results).values()) == {'done'}
    assert otherwise(session.commands, results, runs) == []
    (labels,) = [run for run in runs if run.experiment == 'labels']
    results.update(labels, settings='of another time')
    assert otherwise(session.commands, results, runs) == [labels]


def test_other_settings_are_not_mixed(catalog, results, session):
    runs = catalog.runs(catalog.tables.values())
    results.update(runs[0], settings='others', state='training')
    with pytest.raises(ValueError, match='full-seed0 was begun with another config'):
        session.make().run(runs)
    assert states(catalog, results)['labels-seed0'] is None  # nothing was run


def test_photographs_are_found_not_made(repository, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(repository / 'tools')
    data = importlib.import_module('_benchmark.data')
    with pytest.raises(FileNotFoundError, match='name a recording of photographs'):
        data.make_data(tmp_path, data.LOOKS, None)
    folder = tmp_path / 'rgb_2D_keypoints/0000/cam0'
    folder.mkdir(parents=True)
    (folder / '00000000.json').write_text('[]')
    found = data.make_data(tmp_path, data.LOOKS, None)
    (folder / '00000000.json').write_text('[1]')
    assert found['digest'] != data.make_data(tmp_path, data.LOOKS, None)['digest']


def test_looks_change_what_the_generator_reads(repository, parts):
    """Each option is of the scene, and another than the look has."""
    from mmengine.config import Config

    from hamuco_mm.synthesis.looks import look_as

    catalog = parts.catalog.Catalog.load(repository / 'tools/_benchmark/looks.py')
    plain = parts.commands.Commands(catalog, repository)
    scenes = {}
    for name in catalog.experiments:
        hands = plain.config(parts.catalog.Run(name, 0)).train_dataloader.dataset
        settings = Config(hands).dataset
        scenes[name] = look_as(settings.look, settings.scene.to_dict())
    assert len({repr(scene) for scene in scenes.values()}) == len(scenes) - 1
    assert scenes['start'] == scenes['photo']  # which is tested as it is


@pytest.mark.parametrize('preset', ['demo', 'scratch'])
def test_data_of_other_settings_are_refused(repository, tmp_path, monkeypatch, preset):
    monkeypatch.syspath_prepend(repository / 'tools')
    data = importlib.import_module('_benchmark.data')
    (tmp_path / 'rgb_2D_keypoints_clean').mkdir()
    settings = dict(data.RECORDINGS[preset][1], seed_of_tests=1)
    settings['train_stream'] = settings.pop('stream', 'train')

    def found(**changed):
        record = dict(generator='1', settings={**settings, **changed})
        (tmp_path / 'demo.json').write_text(json.dumps(record))
        return data.make_data(tmp_path, preset, None)

    assert found()['name'] == preset
    assert found()['digest'] != found(seed_of_tests=2)['digest']
    with pytest.raises(ValueError, match='has num_val_sequences=3.*name another'):
        found(num_val_sequences=3)


OF_THE_INTERACTION = {'no_vsf', 'no_cva', 'no_g1', 'no_g2', 'no_g3'}


def test_parts_from_random_numbers_differ_as_they_say(repository, parts, tmp_path):
    catalog = parts.catalog.Catalog.load(repository / 'tools/_benchmark/scratch.py')
    commands = parts.commands.Commands(catalog, tmp_path)
    runs = catalog.runs(catalog.tables.values())
    assert {run.experiment for run in runs} == set(catalog.experiments)
    full = commands.config(parts.catalog.Run('full', 0))
    optim_wrapper, param_scheduler = full.optim_wrapper, full.param_scheduler
    models = {}
    for run in runs:
        if commands.experiment(run).is_trained:
            config = commands.config(run)
            assert config.train_cfg.max_epochs == 5
            assert config.model.backbone.init_cfg is None
            assert config.optim_wrapper == optim_wrapper
            assert config.param_scheduler == param_scheduler
            models[run.experiment] = MODELS.build(config.model)
            models[run.experiment].data = config.train_dataloader.dataset
    algebraic = models.pop('triangulation')
    assert isinstance(algebraic.head, TriangulationHead)
    assert {name for name in models if models[name].data.get('step_pipeline')} == {
        'plus',
        'triangulated_labels',
    }
    heads = {name: model.head for name, model in models.items()}
    assert {n for n in heads if heads[n].losses.keypoint_cam is not None} == {
        'plus',
        'triangulated_labels',
    }
    assert {n for n in heads if heads[n].losses.mixed_views is not None} == {
        'mixed_views'
    }
    losses = ('loss_consistency_2d', 'loss_consistency_fusion', 'loss_distill')
    assert {
        name: [loss in model.view_losses for loss in losses]
        + [model.view_head is not None]
        for name, model in models.items()
    } == dict(
        full=[True, True, True, True],
        plus=[True, True, True, True],
        no_ld=[True, True, False, True],
        no_lc=[False, False, True, True],
        no_lc2d=[False, True, True, True],
        no_lcf=[True, False, True, True],
        no_dcvi=[True, True, True, False],
        **dict.fromkeys(('single', 'triangulated_labels', 'mixed_views'), [False] * 4),
        **dict.fromkeys(OF_THE_INTERACTION, [True, True, True, True]),
        uncalibrated=[True, True, True, True],
    )
    sizes = {
        name: sum(p.numel() for p in model.view_neck.parameters())
        for name, model in models.items()
        if model.view_neck is not None
    }
    assert {name for name in sizes if sizes[name] < sizes['full']} == OF_THE_INTERACTION
    assert len({sizes[name] for name in OF_THE_INTERACTION}) == len(OF_THE_INTERACTION)
    assert {name for name in models if not models[name].use_extrinsics} == {
        'uncalibrated'
    }
