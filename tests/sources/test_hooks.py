"""What modules give out, against hooks written by hand."""

import numpy as np
import pytest

import isoaux
from isoaux.sources import hooks

torch = pytest.importorskip("torch")


class Block(torch.nn.Module):
    """A block as transformers have them: it gives a tuple, and its MLP is called twice."""

    def __init__(self):
        super().__init__()
        self.attention = torch.nn.MultiheadAttention(8, 2, batch_first=True, dropout=0.5)
        self.mlp = torch.nn.Sequential(torch.nn.Linear(8, 12), torch.nn.GELU())

    def forward(self, x):
        x = x + self.attention(x, x, x)[0]
        return x, self.mlp(x) + self.mlp(-x)


class Model(torch.nn.Module):
    """Two tokens' vectors, a block, and a mean over the tokens."""

    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(20, 8)
        self.block = torch.nn.ModuleDict({"3": Block()})
        self.unused = torch.nn.Linear(2, 2)
        self.head = torch.nn.Linear(8, 3)

    def forward(self, input_ids, attention_mask=None, scale=1.0):
        x, _ = self.block["3"](self.embedding(input_ids) * scale)
        return {"logits": self.head(x.mean(1)), "last": x}


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return Model().train()


IDS = torch.arange(120).reshape(8, 15) % 20
MASK = (torch.arange(15) < torch.arange(3, 11)[:, None]).long()


def by_hand(model, module, runs, first=lambda output: output):
    """The outputs of a module for some runs of the model, as a hook of one's own keeps them."""
    kept = []
    handle = module.register_forward_hook(lambda module, inputs, output: kept.append(first(output).detach()))
    was = model.training
    model.eval()
    with torch.no_grad():
        for run in runs:
            run(model)
    model.train(was)
    handle.remove()
    return kept


def test_outputs_are_those_of_a_hook_written_by_hand(model):
    batches = [IDS[:5], IDS[5:]]
    runs = [lambda model, ids=ids: model(ids) for ids in batches]
    block = model.block["3"]
    modules = {"block.3": block, "block.3.mlp": block.mlp, "block.3.attention": block.attention, "head": model.head}
    samples = isoaux.capture(model, list(modules), iter(batches))
    for name, module in modules.items():
        kept = by_hand(model, module, runs, lambda output: output[0] if isinstance(output, tuple) else output)
        rows = torch.cat([each.reshape(-1, each.shape[-1]) for each in kept]).numpy()
        assert np.array_equal(samples[name], rows) and samples[name].key == name
    assert samples["block.3.mlp"].total == 2 * IDS.numel() and samples["head"].layout == "samples neurons"
    assert all(module.training for module in model.modules())
    assert not any(module._forward_hooks for module in model.modules())
    whole = isoaux.capture(model, "head", IDS)
    assert np.array_equal(whole["head"], samples["head"])


def test_convolutions_of_torchvision(model):
    vision = pytest.importorskip("torchvision.models")
    network = vision.resnet18(weights=None)
    images = torch.randn(6, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(images, torch.arange(6)), batch_size=4)
    layouts = {"layer3": "N C H W", "layer1.0.relu": "N C H W", "avgpool": "N C H W", "fc": None}
    samples = isoaux.capture(network, layouts, loader)
    runs = [lambda model, part=part: model(part) for part in (images[:4], images[4:])]
    for name in layouts:
        kept = by_hand(network, network.get_submodule(name), runs)
        rows = torch.cat([each.movedim(1, -1).reshape(-1, each.shape[1]) for each in kept]).numpy()
        assert np.array_equal(samples[name], rows)
    assert samples["layer1.0.relu"].total == 2 * 6 * 8 * 8  # called twice in a block


def test_padding_is_hidden(model):
    batches = [{"input_ids": IDS[:5], "attention_mask": MASK[:5]}, {"input_ids": IDS[5:], "attention_mask": MASK[5:]}]
    samples = isoaux.capture(model, ["block.3", "head"], batches)
    runs = [lambda model: model(IDS)]
    rows = by_hand(model, model.block["3"], runs, lambda output: output[0])[0][MASK.bool()].numpy()
    np.testing.assert_allclose(samples["block.3"], rows, atol=1e-6)
    assert (samples["block.3"].masked, samples["head"].masked) == (IDS.numel() - int(MASK.sum()), 0)
    assert isoaux.capture(model, "block.3", batches, mask=None)["block.3"].masked == 0
    inner = isoaux.capture(model, {"block.3": "batch tokens neurons"}, [dict(batches[0], scale=2.0)], mask="scales")
    assert inner["block.3"].masked == 0


def test_memory_does_not_grow_with_the_number_of_batches(model, monkeypatch):
    kept = []
    add = hooks.Reservoir.add

    def watched(reservoir, count, width, rows):
        def seen(places):
            kept.append(len(places))
            return rows(places)

        add(reservoir, count, width, seen)
        assert reservoir._rows.shape[0] <= 30

    monkeypatch.setattr(hooks.Reservoir, "add", watched)
    samples = isoaux.capture(model, ["embedding", "block.3"], (IDS for _ in range(200)), samples=30, seed=2)
    assert [(len(sample), sample.drawn, sample.total) for sample in samples.values()] == [(30, 30, 200 * 120)] * 2
    assert sum(kept) < 2 * 30 * (1 + np.log(200 * 120 / 30) + 3)  # rows that leave the device
    with torch.no_grad():
        positions = {tuple(row.tolist()): at for at, row in enumerate(model.embedding.weight)}
    vectors = [positions[tuple(row)] for row in samples["embedding"].rows.tolist()]
    after = by_hand(model, model.block["3"], [lambda model: model(IDS)], lambda output: output[0])[0].reshape(-1, 8)
    for row, token in zip(samples["block.3"], vectors, strict=True):  # at the same places
        assert (after[IDS.ravel() == token] - torch.from_numpy(row)).abs().sum(1).min() < 1e-5


def test_another_call_may_be_given(model):
    samples = isoaux.capture(
        model, "embedding", [(2.0, IDS)], forward=lambda model, batch: model(batch[1], None, batch[0])
    )
    assert np.array_equal(samples["embedding"], isoaux.capture(model, "embedding", IDS)["embedding"])


def test_half_precision_and_nan(model):
    half = Model().bfloat16()
    with torch.no_grad():
        half.embedding.weight[4, 1] = torch.nan
    sample = isoaux.capture(half, "embedding", IDS)["embedding"]
    assert (sample.stored_dtype, sample.dtype, sample.not_finite) == ("bfloat16", np.float32, 6)


def test_what_cannot_be_captured_is_refused(model, refused):
    capture = isoaux.capture
    refused(["modules is 'block.3.mpl' (did you mean 'block.3.mlp'?)"], capture, model, "block.3.mpl", [IDS])
    refused(["modules is 'blocks.3'"], capture, model, {"blocks.3": None}, [IDS])
    refused(["modules has 'unused', which no batch ran through"], capture, model, "unused", [IDS])
    refused(["modules has 'head', which no batch ran through"], capture, model, "head", [])
    refused(["model is of type function"], capture, lambda x: x, "head", [IDS])
    refused(["modules is []"], capture, model, [], [IDS])
    refused(["layout is 'N C', which names 2 axes", "'embedding'"], capture, model, {"embedding": "N C"}, [IDS])
    refused(["samples is 0"], capture, model, "head", [IDS], samples=0)
    network = torch.nn.Sequential(torch.nn.Identity(), torch.nn.Flatten())
    refused(
        ["the output of '0' has 3 neurons, and had 2 before"],
        capture,
        network,
        "0",
        [torch.ones(4, 2), torch.ones(4, 3)],
    )
    refused(["has shape (4, 2, 2, 3)", "'N C H W'"], capture, network, "0", [torch.ones(4, 2, 2, 3)])

    class Names(torch.nn.Module):
        def forward(self, x):
            return {"names": "none"}

    refused(["0 gives out dict without a tensor"], capture, torch.nn.Sequential(Names()), "0", [IDS])
    assert not any(module._forward_hooks for module in model.modules()) and model.training
