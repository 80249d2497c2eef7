# The embedded default: generated data, minutes on a CPU.
#   bash tools/quickstart.sh, or step by step as docs/quickstart.md says.
_base_ = ['./hand_3d_keypoint/hamuco/demo/hamuco-plus_res18w32_1xb8-5e_demo-96x96.py']
