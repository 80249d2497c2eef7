"""``torch.distributed.run`` that ends in words: what went wrong in a process, that
process has said."""

import signal
import sys

import _interruption  # noqa: F401
from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.run import main

try:
    main()
except SignalException as error:
    print(
        f'\nInterrupted by {signal.Signals(error.sigval).name}; what was finished is '
        'kept.',
        file=sys.stderr,
    )
    sys.exit(128 + error.sigval)
except ChildFailedError as error:
    rank, failure = error.get_first_failure()
    code = failure.exitcode
    ended = f'by {signal.Signals(-code).name}' if code < 0 else f'with status {code}'
    print(f'error: process {rank} ended {ended}, see above', file=sys.stderr)
    sys.exit(code if code > 0 else 128 - code)
