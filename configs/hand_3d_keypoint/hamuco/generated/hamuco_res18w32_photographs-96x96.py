# The same for weights of several views: recordings of photographs by several cameras.
_base_ = ['./hamuco_res18w32_10e_generated-wild-96x96.py']

# the labels are MediaPipe's, which means other points by the joints than MANO
model = dict(head=dict(hand_model=dict(joints='mediapipe')))

data_root = '{{$PHOTOS_ROOT:data/photographs/}}'

test_dataloader = dict(
    num_workers=0,
    persistent_workers=False,
    dataset=dict(dataset=dict(data_root=data_root, split='all', hand_model=None)),
)
test_evaluator = [dict(type='ReprojectionMetric'), dict(type='HandMeshMetric')]
