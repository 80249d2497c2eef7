import numpy as np
from mmengine.fileio import load
from mmpose.registry import METRICS


def test_all_views_are_written(make_batch, evaluate, tmp_path):
    path = str(tmp_path / 'views.pkl')
    batch = make_batch([2, 1, 3])
    metric = METRICS.build(dict(type='DumpViews', out_file_path=path))
    # Three items, of which the last is padding.
    assert evaluate(metric, [batch[:3], batch[3:]], size=2) == {}
    dumped = load(path)
    assert [view['img_id'] for view in dumped] == [0, 1, 100]
    assert np.array_equal(
        dumped[1]['pred_instances']['vertices'], batch[1].pred_instances.vertices
    )
