"""``report``: whether the neuron basis is special in the activations of a file."""

import argparse
from pathlib import Path

import isoaux
from isoaux import statistics
from isoaux.common.tables import in_ascii


def execute(options: argparse.Namespace) -> int:
    """Report on the activations of a file, print answer, table and notes, and write them with the figure.

    The files are ``report`` with several suffixes in the folder ``--out``, by default ``NAME-report`` in the current
    one (:meth:`isoaux.statistics.Report.save`). The status is 0 whatever the answer is.
    """
    sample = isoaux.open(
        options.file,
        key=options.key,
        layout=options.layout,
        mask=options.mask,
        dtype=options.dtype,
        samples=options.samples,
        seed=options.seed,
    )
    report = statistics.report(
        sample,
        prepare=options.prepare,
        draws=options.draws,
        epsilon=options.epsilon,
        samples=options.samples,
        seed=options.seed,
    )
    name = Path(options.file).stem.replace("*", "").strip("-_. ")
    folder = options.out or Path(f"{name}-report" if name else "report").absolute()
    title = Path(options.file).name + (f", {options.key}" if options.key else "")
    written = report.save(folder / "report", title, sample.facts)
    print(report.text)
    print("\n" + "\n".join(in_ascii(str(path)) for path in written))
    return 0
