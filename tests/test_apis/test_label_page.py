"""docs/pseudo_labels.md after docs/your_own_rig.md: no file is made twice."""

import re

DATA = r'data/(\w+)'


def commands(page):
    blocks = re.findall(r'```bash\n(.*?)```', page.read_text(), re.DOTALL)
    return '\n'.join(blocks).replace('\\\n', ' ').splitlines()


def test_its_blocks_do_not_collide(repository):
    own_rig, labels = (
        commands(repository / f'docs/{name}.md')
        for name in ('your_own_rig', 'pseudo_labels')
    )
    made = {
        name
        for command in own_rig
        if re.search('generate_rig_videos|rig2coco', command)
        for name in re.findall(DATA, command)
    }
    assert made == {'my_recording', 'my_rig'}
    anew = [
        re.search(rf'(?:generate_rig_videos|rig2coco).py {DATA}', command)
        for command in labels
    ]
    anew = [found[1] for found in anew if found]
    assert len(anew) == len(set(anew)) == 2 and not made & set(anew)
    # without --out the default would be the same for all of a data set
    out = [
        re.search(r'--out (\S+)', command)
        for command in labels
        if 'pseudo_label.py data/' in command
    ]
    assert all(out) and len({found[1] for found in out}) == len(out) == 4
