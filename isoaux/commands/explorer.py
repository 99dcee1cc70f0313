"""``explorer``: write the explorer's files from what is trained."""

import argparse

from isoaux import settings
from isoaux.common import paths
from isoaux.explorer import collection
from isoaux.site import notebooks
from isoaux.slicing import collection as slices
from isoaux.training import data


def execute(options: argparse.Namespace) -> int:
    """Write the representations and their list, or add networks on test images to it, and print the list's place.

    Or write the files of the live slice.
    """
    images = data.load(settings.read({"dataset": options.dataset}).dataset)
    if options.slices:
        print(slices.write(images, options.to or paths.data() / "slicing"))
        return 0
    folder = options.to or paths.data() / "explorer"
    if options.spotlight:
        print(collection.on_tests(images, folder))
        return 0
    print(collection.write(images, paths.data(), folder, collection.SHOWN, notebooks.holding()))
    return 0
