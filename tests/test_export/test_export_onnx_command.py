"""tools/deployment/export_onnx.py, run as a user runs it."""

import json

import pytest


@pytest.mark.slow
def test_file_says_what_it_takes(files):
    printed = (files / 'printed.txt').read_text()
    assert 'opset 18, crops of 64 x 64, right hand' in printed
    assert 'keypoints_cam ' in printed
    import onnx

    model = onnx.load(files / 'single.onnx')
    onnx.checker.check_model(model)
    assert {opset.domain for opset in model.opset_import} == {''}
    assert model.opset_import[0].version == 18
    shapes = {
        value.name: [
            dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim
        ]
        for value in (*model.graph.input, *model.graph.output)
    }
    assert shapes == dict(
        image=['views', 3, 64, 64],
        keypoints=['views', 21, 2],
        keypoints_cam=['views', 21, 3],
        vertices=['views', 778, 3],
        camera=['views', 3],
        global_orient=['views', 3],
        hand_pose=['views', 45],
        betas=['views', 10],
        transl=['views', 3],
        wrist=['views', 3],
    )
    meta = {entry.key: entry.value for entry in model.metadata_props}
    assert meta['task'] == 'single_view' and meta['side'] == 'right'
    assert meta['joints'] == 'own'
    assert meta['viewing_ray'] == 'true'
    assert json.loads(meta['input_size']) == [64, 64]
    assert len(json.loads(meta['faces'])) == 1538


def test_bad_arguments(export_command, single_view, capsys):
    config, checkpoint = single_view
    with pytest.raises(SystemExit):
        export_command(config, 'none.pth', '--out', 'hand.onnx')
    assert 'there is no checkpoint none.pth' in capsys.readouterr().err
    with pytest.raises(SystemExit, match='sees views one by one'):
        export_command(config, checkpoint, '--out', 'hand.onnx', '--multi-view')
