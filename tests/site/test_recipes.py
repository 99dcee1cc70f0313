"""Every block of the recipes runs and takes the rows that it says, of small stand-ins for what is downloaded."""

import re
import sys
from functools import partial

import libraries
import numpy as np
import pytest
import torch
import torchvision
from roots import ROOT

import isoaux

PAGE = (ROOT / "book" / "recipes.md").read_text("utf8")
BLOCKS = dict(re.findall(r"^```\{code-block\} python\n:caption: (.*?)\n(.*?)^```$", PAGE, re.M | re.S))

TEXTS = [f"{'the cat sat on a mat and looked at me ' * (1 + i % 3)}again {i}" for i in range(30)]
WORDS = sum(len(text.split()) for text in TEXTS)
LONGEST = max(len(text.split()) for text in TEXTS)
PIXELS = 6 * 4 * 4
IMAGES = torch.utils.data.TensorDataset(torch.rand(6, 3, 4, 4), torch.arange(6))

TAKEN = {
    "a file": ((12, 10, 6), 120, 0),
    "a mask and bfloat16": ((12, 10, 6), 120, 55),
    "any module": ((4, 5), 6, 0),
    "torchvision": ((4, 256, 1, 1), 6, 0),
    "torchvision, feature extraction": ((4, 256, 1, 1), 6, 0),
    "timm": ((4, 16, libraries.HIDDEN), PIXELS, 0),
    "transformers, hidden states": ((WORDS, libraries.WIDTH), WORDS, 0),
    "transformers, any module": ((30, LONGEST, libraries.HIDDEN), 30 * LONGEST, 30 * LONGEST - WORDS),
    "TransformerLens": ((1, 1 + len(TEXTS[0].split()), libraries.HIDDEN), WORDS + 30, 0),
    "TransformerLens, a cache": ((1, 1 + len(TEXTS[0].split()), libraries.WIDTH), 1 + len(TEXTS[0].split()), 0),
    "nnsight": ((1, 1 + len(TEXTS[0].split()), libraries.HIDDEN), WORDS + 30, 0),
    "SAELens": ((1, 1 + len(TEXTS[0].split()), libraries.WIDTH), WORDS + 30, 0),
}
"""For each block the shape that is stored, the number of rows, and of these the hidden ones."""


@pytest.mark.parametrize("name", BLOCKS)
def test_a_recipe_takes_its_rows(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(torchvision.models, "get_model", libraries.without_weights)
    monkeypatch.setattr(isoaux.statistics, "report", partial(isoaux.statistics.report, draws=9))
    for library in libraries.LIBRARIES:
        monkeypatch.setitem(sys.modules, library, libraries.module(library))
    cube = np.random.default_rng(0).standard_normal((12, 10, 6)).astype(np.float16)
    np.savez("acts.npz", **{"blocks.3": cube, "blocks.4": cube})
    words = torch.from_numpy(cube).bfloat16().view(torch.uint16).numpy()
    np.savez("cache.npz", residual=words, attention_mask=np.tril(np.ones((12, 10))) - np.eye(12, 10))
    model = torch.nn.Sequential()
    model.encoder = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(48, 5))
    loader = torch.utils.data.DataLoader(IMAGES, batch_size=4)
    names = {"texts": TEXTS, "loader": loader, "model": model}
    exec(compile(BLOCKS[name], name, "exec"), names)
    rows = names["rows"]
    assert (rows.stored_shape, rows.total, rows.masked) == TAKEN[name]
    assert capsys.readouterr().out.strip()


def test_every_block_has_its_rows():
    assert list(BLOCKS) == list(TAKEN)
