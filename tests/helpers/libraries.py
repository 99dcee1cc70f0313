"""Small stand-ins for libraries that hold models, and for what they download: the calls that the recipes make."""

import contextlib
import types
from collections.abc import Callable, Iterator
from typing import Any

import torch
import torchvision
from torch import nn

WIDTH, HIDDEN, FEATURES, TOKENS = 8, 12, 70, 40
"""Neurons of the residual stream and of an MLP's hidden layer, features of an autoencoder, words of a vocabulary."""


class Words:
    """A tokeniser: a token for each word, and padding behind."""

    @classmethod
    def from_pretrained(cls, name: str) -> "Words":
        return cls()

    def __call__(self, texts: list[str], padding: bool, return_tensors: str) -> dict[str, torch.Tensor]:
        assert padding and return_tensors == "pt"
        rows = [torch.tensor(self.tokens(text)) for text in texts]
        ids = nn.utils.rnn.pad_sequence(rows, batch_first=True)
        lengths = torch.tensor([len(row) for row in rows])
        return {"input_ids": ids, "attention_mask": (torch.arange(ids.shape[1]) < lengths[:, None]).long()}

    @staticmethod
    def tokens(text: str) -> list[int]:
        return [1 + sum(word.encode()) % (TOKENS - 1) for word in text.split()]


class Mlp(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.act, self.last = nn.Linear(WIDTH, HIDDEN), nn.GELU(), nn.Linear(HIDDEN, WIDTH)
        self.hook_post = nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(self.hook_post(self.act(self.first(x))))


class Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.mlp, self.intermediate = Mlp(), nn.Linear(WIDTH, HIDDEN)
        self.hook_resid_pre, self.hook_resid_post = nn.Identity(), nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.hook_resid_pre(x)
        self.intermediate(x)
        return self.hook_resid_post(x + self.mlp(x))


class Transformer(nn.Module):
    """Ten layers without attention, under the names that each library has for them."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embedding, self.pixels = nn.Embedding(TOKENS, WIDTH), nn.Linear(3, WIDTH)
        layers = nn.ModuleList(Layer() for _ in range(10))
        self.blocks = layers
        self.encoder = nn.ModuleDict({"layer": layers})

    @classmethod
    def from_pretrained(cls, name: str) -> "Transformer":
        return cls()

    def named_modules(self, *args: Any, **options: Any) -> Iterator[tuple[str, nn.Module]]:
        return super().named_modules(remove_duplicate=False)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor | None = None, output_hidden_states: bool = False
    ) -> Any:
        images = input_ids.dim() == 4  # a token for each pixel
        x = self.pixels(input_ids.flatten(2).mT) if images else self.embedding(input_ids)
        states = [x]
        for layer in self.blocks:
            states.append(layer(states[-1]))
        return types.SimpleNamespace(hidden_states=tuple(states) if output_hidden_states else None)

    # TransformerLens

    def to_tokens(self, text: str) -> torch.Tensor:
        return torch.tensor([[0, *Words.tokens(text)]])

    def run_with_cache(self, text: str, names_filter: str) -> tuple[Any, dict[str, torch.Tensor]]:
        with kept(self.get_submodule(names_filter)) as outputs:
            result = self(self.to_tokens(text))
        return result, {names_filter: outputs[0]}


@contextlib.contextmanager
def kept(module: nn.Module) -> Iterator[list[torch.Tensor]]:
    """The outputs of a module, as a hook written by hand keeps them."""
    outputs: list[torch.Tensor] = []
    handle = module.register_forward_hook(lambda module, inputs, output: outputs.append(output))
    yield outputs
    handle.remove()


class Traced:
    """What nnsight makes of a model: inside of a trace, modules have outputs."""

    def __init__(self, name: str, device_map: str, dispatch: bool) -> None:
        self.model, self.act = Transformer(), types.SimpleNamespace()
        layer = types.SimpleNamespace(mlp=types.SimpleNamespace(act=self.act))
        self.transformer = types.SimpleNamespace(h=[layer] * 7)

    @contextlib.contextmanager
    def trace(self, text: str) -> Iterator[None]:
        with kept(self.model.blocks[6].mlp.act) as outputs:
            self.model(self.model.to_tokens(text))
        self.act.output = types.SimpleNamespace(save=lambda: outputs[0])
        yield


class Autoencoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.W_dec = nn.Parameter(torch.randn(FEATURES, WIDTH))

    @classmethod
    def from_pretrained(cls, release: str, sae_id: str) -> "Autoencoder":
        return cls()

    def encode(self, rows: torch.Tensor) -> torch.Tensor:
        return (rows @ self.W_dec.T).relu()


def without_weights(name: str, weights: str) -> nn.Module:
    """A model of torchvision that has learned nothing."""
    torch.manual_seed(0)
    return BUILD(name, weights=None)


BUILD: Callable[..., nn.Module] = torchvision.models.get_model

LIBRARIES: dict[str, dict[str, Any]] = {
    "timm": {"create_model": lambda name, pretrained: Transformer()},
    "transformers": {"AutoModel": Transformer, "AutoTokenizer": Words},
    "transformer_lens": {"HookedTransformer": Transformer},
    "nnsight": {"LanguageModel": Traced},
    "sae_lens": {"SAE": Autoencoder},
}
"""The stand-in for each library: what is imported from it, by name."""


def module(name: str) -> types.ModuleType:
    """The stand-in of a library as a module."""
    made = types.ModuleType(name)
    made.__dict__.update(LIBRARIES[name])
    return made
