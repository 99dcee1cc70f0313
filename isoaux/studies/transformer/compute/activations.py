"""The activations of a transformer at several places, of tokens that are chosen before: the same at every place."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from isoaux.common.arrays import Floats
from isoaux.studies.transformer.compute.model import PADDING, Transformer
from isoaux.studies.transformer.data import Place

Tokens = NDArray[np.int64]
"""Sentence and place in it of every token, (N, 2)."""

KINDS = ("words", "first", "last")
"""The kinds of tokens."""

BATCH = 64
"""Sentences that are read at once, those of similar length together."""


def tokens(sentences: Sequence[Sequence[int]], count: int, seed: int = 0) -> dict[str, Tokens]:
    """Tokens by kind: ``words``, ``count`` of all that are no special piece, drawn at random; ``first`` and ``last``.

    ``sentences`` are numbers of pieces between the first and the last special one. All words where there are fewer.
    """
    lengths = np.array([len(sentence) for sentence in sentences])
    sentence = np.repeat(np.arange(len(lengths)), lengths - 2)
    place = np.concatenate([np.arange(1, length - 1) for length in lengths])
    drawn = np.sort(np.random.default_rng(seed).permutation(len(place))[:count])
    every = np.arange(len(lengths))
    of_words = np.stack([sentence, place], 1)[drawn]
    special = (np.stack([every, where], 1) for where in (np.zeros_like(every), lengths - 1))
    return dict(zip(KINDS, (of_words, *special), strict=True))


@torch.inference_mode()
def captured(
    model: Transformer, sentences: Sequence[Sequence[int]], tokens: Mapping[str, Tokens], places: Sequence[Place]
) -> dict[Place, Floats]:
    """The activations (N, n) of the tokens of each place's kind, in their order, float32.

    Sentences are read in batches of similar length; what fills them up is no token and is attended by none.
    """
    rows = {place: np.empty((len(tokens[place.kind]), width(model, place)), np.float32) for place in places}
    device = model.segment.device
    order = np.argsort([len(sentence) for sentence in sentences], kind="stable")
    where = np.empty(len(order), np.int64)
    with recorded(model, places) as outputs:
        for start in range(0, len(order), BATCH):
            members = order[start : start + BATCH]
            where[members] = np.arange(len(members))
            filled = torch.full((len(members), max(len(sentences[i]) for i in members)), PADDING)
            for row, i in enumerate(members):
                filled[row, : len(sentences[i])] = torch.tensor(sentences[i])
            model(filled.to(device))
            for place in places:
                sentence, column = tokens[place.kind].T
                here = np.flatnonzero(np.isin(sentence, members))
                batch, at = torch.from_numpy(where[sentence[here]]), torch.from_numpy(column[here])
                rows[place][here] = outputs[place.part, place.layer][batch.to(device), at.to(device)].cpu().numpy()
    return rows


@contextmanager
def recorded(model: Transformer, places: Sequence[Place]) -> Iterator[Mapping[tuple[str, int], Tensor]]:
    """Context in which every pass of the model leaves the outputs (B, T, n) of the places, by part and layer."""
    outputs: dict[tuple[str, int], Tensor] = {}

    def keeps(key: tuple[str, int]) -> Any:
        def keep(_: nn.Module, __: Any, output: Any) -> None:
            outputs[key] = output[0] if isinstance(output, tuple) else output

        return keep

    with ExitStack() as hooks:
        for key in dict.fromkeys((place.part, place.layer) for place in places):
            hooks.callback(module(model, *key).register_forward_hook(keeps(key)).remove)
        yield outputs


def module(model: Transformer, part: str, layer: int) -> nn.Module:
    """The module whose output a place has: layers count from 1, and 0 is what the first one reads."""
    if layer == 0:
        return model.norm
    names = {"residual": f"layers.{layer - 1}", "attention": f"layers.{layer - 1}.self_attn"}
    return model.get_submodule(names.get(part, f"layers.{layer - 1}.activation"))


def width(model: Transformer, place: Place) -> int:
    """The number of neurons at a place."""
    return model.shape.hidden if place.part == "hidden" else model.shape.width


def gains(model: Transformer) -> list[tuple[Floats, Floats]]:
    """The gain and the bias (n,) of every neuron of the residual stream, by layer, 0 first."""
    state = {name: values.cpu().numpy() for name, values in model.state_dict().items()}
    norms = ["norm", *(f"layers.{layer}.norm2" for layer in range(model.shape.layers))]
    return [(state[f"{norm}.weight"], state[f"{norm}.bias"]) for norm in norms]
